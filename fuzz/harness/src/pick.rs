//! The choice of an item by any number.

/// Returns the item whose index is `number` modulo the number of items; `None` if there are no
/// items.
pub fn pick<T>(mut items: impl Iterator<Item = T> + Clone, number: u64) -> Option<T> {
    let count = items.clone().count() as u64;
    items.nth(number.checked_rem(count)? as usize)
}
