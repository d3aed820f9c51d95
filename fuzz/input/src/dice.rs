//! How the seeded generator draws operations.
//!
//! This package has no source of randomness: a caller implements [`Dice`] for its own source. A
//! [`KeyProfile`] says how a stream picks keys.

/// A source of random numbers, with the profile of the stream that is drawn.
pub trait Dice {
    /// Any 64 bits.
    fn next(&mut self) -> u64;

    /// How this stream picks keys.
    fn profile(&self) -> &KeyProfile;

    /// A number from 0 to `count - 1`: the high half of a product, with a bias below `count /
    /// 2^64`. The arithmetic is fixed, because changing it changes what every seed means.
    #[inline]
    fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(count)) >> 64) as u64
    }
}

/// How a stream picks keys: the weights of the classes, relative to each other.
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
    /// The end of a table, in targets that have tables. Not part of [`KeyProfile::total`].
    pub landmark: u8,
}

impl KeyProfile {
    /// The sum of the weights, without `landmark`.
    #[must_use]
    pub fn total(&self) -> u16 {
        [self.hot, self.gap, self.cold, self.near, self.extreme].into_iter().map(u16::from).sum()
    }
}
