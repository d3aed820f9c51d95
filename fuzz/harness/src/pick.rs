//! Choices by number: an item among those that are there, and the keys of a run.

/// Returns item number `number` of `items`, going round. `None` if there are none.
pub fn pick<T>(mut items: impl Iterator<Item = T> + Clone, number: u64) -> Option<T> {
    let count = items.clone().count() as u64;
    items.nth(number.checked_rem(count)? as usize)
}

/// Returns `count` keys from `key` on, each `step` from the one before, wrapping.
pub fn keys_from(key: u64, count: u32, step: i64) -> impl Iterator<Item = u64> {
    (0..i64::from(count)).map(move |number| key.wrapping_add_signed(number.wrapping_mul(step)))
}
