//! The keys of a run of writes or reads.

/// The keys of an operation: how many, from which key on, and how far apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyRun {
    pub(super) first: u64,
    pub(super) count: u32,
    /// 0 for random keys; see [`Step`](downbeat_model::tree_large::Step).
    pub(super) step: i64,
}

impl KeyRun {
    /// The key with this number, counted from 0.
    pub(super) fn key(self, number: u32) -> u64 {
        let Self { first, count, step } = self;
        match step {
            0 => first.wrapping_add(mix(first ^ u64::from(number)) % (2 * u64::from(count))),
            _ => first.wrapping_add_signed(step.wrapping_mul(i64::from(number))),
        }
    }

    /// All keys, in their order.
    pub(super) fn keys(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |number| self.key(number))
    }
}

/// Mixes the bits of a number.
pub(super) fn mix(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}
