//! How the seeded generator draws operations.
//!
//! The generator's source of randomness is not here (this package knows none): whoever has one
//! implements [`Dice`]. A [`KeyProfile`] says how a stream picks keys.

/// A source of random numbers, and the profile of the stream that is being drawn.
pub trait Dice {
    /// Any 64 bits.
    fn next(&mut self) -> u64;

    /// How this stream picks keys.
    fn profile(&self) -> &KeyProfile;

    /// A number from 0 to `count - 1`, by the high half of a product (bias below `count / 2^64`).
    /// Pinned: a change of this arithmetic changes what every seed means.
    #[inline]
    fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(count)) >> 64) as u64
    }
}

/// How a stream picks keys: weights of the classes, against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyProfile {
    /// One of the hot keys.
    pub hot: u8,
    /// How many keys are hot, 1 to 40.
    pub hot_keys: u8,
    /// A key written before, at a logarithmic distance.
    pub gap: u8,
    /// One of a thousand cold keys.
    pub cold: u8,
    /// A neighbour of the key used last.
    pub near: u8,
    /// An extreme of the key's width.
    pub extreme: u8,
    /// The end of a table, where the target has tables; beside the weights above.
    pub landmark: u8,
}

impl KeyProfile {
    /// The sum of the weights, landmarks left out.
    #[must_use]
    pub fn total(&self) -> u16 {
        [self.hot, self.gap, self.cold, self.near, self.extreme].into_iter().map(u16::from).sum()
    }
}
