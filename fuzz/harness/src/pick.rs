//! A choice by number among items that are there.

/// Returns item number `number` of `items`, going round. `None` if there are none.
pub fn pick<T>(mut items: impl Iterator<Item = T> + Clone, number: u64) -> Option<T> {
    let count = items.clone().count() as u64;
    items.nth(number.checked_rem(count)? as usize)
}
