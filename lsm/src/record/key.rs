//! The keys of records.
//!
//! - On disk a key is a little-endian number of [`Key::SIZE`] bytes.
//! - No key is reserved as a sentinel.

use std::hash::Hash;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::manifest::TableKey;

/// The sort key of a record: an unsigned number.
pub trait Key: TableKey + Default + Hash {
    /// The size on disk in bytes: 8, 16 or 32.
    const SIZE: usize;
    /// The smallest key.
    const MIN: Self;
    /// The largest key.
    const MAX: Self;

    /// Writes the key to `bytes`, little-endian.
    ///
    /// # Panics
    ///
    /// If `bytes` does not have [`Key::SIZE`] bytes.
    fn store(self, bytes: &mut [u8]);

    /// Reads a little-endian key from `bytes`.
    ///
    /// # Panics
    ///
    /// If `bytes` does not have [`Key::SIZE`] bytes.
    fn load(bytes: &[u8]) -> Self;

    /// Returns the next larger key, or `None` if this is the largest.
    fn successor(self) -> Option<Self>;

    /// Returns the next smaller key, or `None` if this is the smallest.
    fn predecessor(self) -> Option<Self>;
}

/// An unsigned number of 256 bits.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    FromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
)]
#[repr(C)]
pub struct Key256 {
    // The derived order compares the fields in this order.
    /// The upper 128 bits.
    pub high: u128,
    /// The lower 128 bits.
    pub low: u128,
}

macro_rules! primitive_key {
    ($number:ty) => {
        impl Key for $number {
            const SIZE: usize = size_of::<$number>();
            const MIN: Self = <$number>::MIN;
            const MAX: Self = <$number>::MAX;

            #[inline]
            fn store(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn load(bytes: &[u8]) -> Self {
                let mut number = [0; _];
                number.copy_from_slice(bytes);
                Self::from_le_bytes(number)
            }

            #[inline]
            fn successor(self) -> Option<Self> {
                self.checked_add(1)
            }

            #[inline]
            fn predecessor(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    };
}

primitive_key!(u64);
primitive_key!(u128);

impl Key for Key256 {
    const SIZE: usize = size_of::<Self>();
    const MIN: Self = Self { high: u128::MIN, low: u128::MIN };
    const MAX: Self = Self { high: u128::MAX, low: u128::MAX };

    #[inline]
    fn store(self, bytes: &mut [u8]) {
        assert!(
            bytes.len() == Self::SIZE,
            "key: a key must have all of its bytes ({})",
            bytes.len()
        );
        let (low, high) = bytes.split_at_mut(size_of::<u128>());
        self.low.store(low);
        self.high.store(high);
    }

    #[inline]
    fn load(bytes: &[u8]) -> Self {
        assert!(
            bytes.len() == Self::SIZE,
            "key: a key must have all of its bytes ({})",
            bytes.len()
        );
        let (low, high) = bytes.split_at(size_of::<u128>());
        Self { high: u128::load(high), low: u128::load(low) }
    }

    #[inline]
    fn successor(self) -> Option<Self> {
        let (low, carry) = self.low.overflowing_add(1);
        let high = self.high.checked_add(u128::from(carry))?;
        Some(Self { high, low })
    }

    #[inline]
    fn predecessor(self) -> Option<Self> {
        let (low, borrow) = self.low.overflowing_sub(1);
        let high = self.high.checked_sub(u128::from(borrow))?;
        Some(Self { high, low })
    }
}
