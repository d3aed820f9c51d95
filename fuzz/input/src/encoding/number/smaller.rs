//! Smaller numbers to try when an input is made simpler.

/// Numbers below `number` that are worth trying in its place, ascending: first the smallest, then
/// numbers that halve the distance to `number`, so that a lower bound is found by bisection.
pub fn smaller(number: u64) -> impl Iterator<Item = u64> {
    const SMALLEST: u64 = 16;
    let halving = (1..u64::BITS).map(move |shift| number >> shift).take_while(|left| *left > 0);
    let halving = halving.map(move |left| number - left).filter(|smaller| *smaller >= SMALLEST);
    (0..number.min(SMALLEST)).chain(halving)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_numbers_rise_to_the_number_before() {
        assert_eq!(smaller(0).count(), 0);
        assert_eq!(smaller(3).collect::<Vec<_>>(), [0, 1, 2]);
        for number in [17, 1000, u64::MAX] {
            let all: Vec<u64> = smaller(number).collect();
            assert!(all.is_sorted_by(|a, b| a < b), "{all:?}");
            assert_eq!((all[0], all.last()), (0, Some(&(number - 1))));
        }
    }
}
