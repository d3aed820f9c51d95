//! Samples that a seed draws.

use twox_hash::XxHash3_128;

/// Selects `count` items, or all if there are fewer, and keeps their order. The seed and the name
/// of an item decide, so a new item takes the place of at most one item in a sample.
#[must_use]
pub fn sample<T>(
    mut items: Vec<T>,
    name: impl Fn(&T) -> String,
    count: usize,
    seed: u64,
) -> Vec<T> {
    let draw = |item: &T| XxHash3_128::oneshot_with_seed(seed, name(item).as_bytes());
    let mut draws: Vec<u128> = items.iter().map(draw).collect();
    draws.sort_unstable();
    if let Some(first_out) = draws.get(count) {
        items.retain(|item| draw(item) < *first_out);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_drawn_by_its_seed_and_keeps_the_order() {
        let drawn = |count, seed| sample(vec![3, 1, 2], u32::to_string, count, seed);
        assert_eq!(drawn(3, 1), [3, 1, 2]);
        assert_eq!(drawn(9, 1), [3, 1, 2]);
        assert_eq!(drawn(0, 1), [0; 0]);
        let ones: Vec<u32> = (0..30).flat_map(|seed| drawn(1, seed)).collect();
        assert_eq!(ones.len(), 30);
        assert!([1, 2, 3].iter().all(|item| ones.contains(item)), "seeds differ");
    }

    #[test]
    fn a_new_item_takes_the_place_of_at_most_one_item() {
        for seed in 0..30 {
            let drawn = |count: u32| sample((0..count).collect(), u32::to_string, 5, seed);
            let (before, after) = (drawn(20), drawn(21));
            assert_eq!((before.len(), after.len()), (5, 5));
            assert!(before.iter().filter(|item| after.contains(item)).count() >= 4);
        }
    }
}
