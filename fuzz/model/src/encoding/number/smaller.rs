//! Smaller numbers to try in the place of one, when an input is made simpler.

/// Numbers below `number` that are worth trying in its place, rising: the smallest, then those that
/// halve the distance, so that a bound somewhere below is found by halving again.
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
