//! The keys of a run: an operation that applies to several keys.

/// Returns `count` keys: `key`, `key + stride` and so on. The arithmetic wraps around.
pub fn run_of_keys(key: u64, count: u32, stride: i64) -> impl Iterator<Item = u64> {
    (0..i64::from(count)).map(move |number| key.wrapping_add_signed(stride.wrapping_mul(number)))
}
