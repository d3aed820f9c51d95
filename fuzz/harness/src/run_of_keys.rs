//! The keys of an operation that repeats itself.

/// Returns `count` keys from `key` on, `stride` apart, wrapping around.
pub fn run_of_keys(key: u64, count: u32, stride: i64) -> impl Iterator<Item = u64> {
    (0..i64::from(count)).map(move |number| key.wrapping_add_signed(stride.wrapping_mul(number)))
}
