//! Records with tombstones as the core holds them, for both usages and of several sizes. Every byte
//! follows from the version of a key, so that a part of another record is noticed.
//!
//! - A record is its key, a mark, and words that are derived from the two. The mark holds the stamp
//!   of a version, and whether it is a tombstone. Records of an index have no stamp: they consist
//!   of their key.
//! - Keys are the 64-bit keys of the models, [spread](wide) over the width.
//! - The types are listed once, at `records!`. A world whose type depends on its records is made by
//!   [`of_usage`] or [`general`], so a type that is removed from the list is removed from every
//!   target.

use std::fmt::Debug;

use downbeat_lsm::record::{Key, Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::model::encoding::Header;
use crate::model::version::{self, Version};
use crate::model::wide;

/// The bit of a mark that is set for a tombstone.
const TOMBSTONE: u64 = 1 << 63;

/// A record of a version.
pub trait Versioned: Record + PartialEq + Debug + 'static {
    /// The record of this version.
    fn of(version: Version) -> Self;

    /// The record key that stands for a key of a model.
    fn wide(key: u64) -> Self::Key;

    /// The stamp; 0 in an index.
    fn stamp(&self) -> u64;

    /// Describes the record: its key, its stamp, and whether it is a tombstone.
    fn text(&self) -> String {
        let key = match narrow::<Self>(self.key()) {
            Some(key) => format!("{key:#x}"),
            None => format!("{:?}, which is no key of a model,", self.key()),
        };
        let stamp = match Self::USAGE {
            Usage::General => format!(" #{}", self.stamp()),
            Usage::SecondaryIndex => String::new(),
        };
        let removed = if self.is_tombstone() { " removed" } else { "" };
        format!("{key}{stamp}{removed}")
    }
}

/// A type that depends on the type of records, which the header of an input chooses.
pub trait OfRecords {
    /// The common type of the results, for records of any type.
    type Made;

    /// Makes the result for records `R`.
    fn make<R: Versioned>(geometry: &Header) -> Self::Made;
}

/// Word number `number` of a record with this key and mark.
#[inline]
fn made(key: u64, mark: u64, number: usize) -> u64 {
    (mark ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(number as u32)
}

/// A record key of some width, made from 64 bits, and back to its lowest 64 bits.
trait Spread: Key {
    fn spread(key: u64) -> Self;
    fn low(self) -> u64;
}

impl Spread for u64 {
    #[inline]
    fn spread(key: u64) -> Self {
        key
    }
    #[inline]
    fn low(self) -> u64 {
        self
    }
}

impl Spread for u128 {
    #[inline]
    fn spread(key: u64) -> Self {
        wide::to_u128(key)
    }
    #[inline]
    fn low(self) -> u64 {
        self as u64
    }
}

impl Spread for Key256 {
    #[inline]
    fn spread(key: u64) -> Self {
        let (high, low) = wide::to_halves(key);
        Key256 { high, low }
    }
    #[inline]
    fn low(self) -> u64 {
        self.low as u64
    }
}

/// Declares the types of records by usage. A row has a name, the size or pattern of sizes that an
/// input may choose, the key, and the number of derived words. For each usage, also makes a
/// function that chooses among its types.
macro_rules! records {
    ($($(#[$about:meta])* $usage:ident $choose:ident {
        $($Record:ident $size:pat, $Key:ty, $words:literal;)+
    })+) => { $(
        $(#[$about])*
        pub fn $choose<M: OfRecords>(size: u32, geometry: &Header) -> M::Made {
            match size {
                $($size => M::make::<$Record>(geometry),)+
            }
        }

        $(records! { type $Record $usage $Key, $words })+
    )+ };
    (type $Record:ident $usage:ident $Key:ty, $words:literal) => {
        /// Key, mark, and derived words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C)]
        pub struct $Record($Key, u64, [u64; $words]);

        impl $Record {
            #[inline]
            fn marked(key: $Key, mark: u64) -> Self {
                $Record(key, mark, std::array::from_fn(|number| made(key.low(), mark, number)))
            }
        }

        impl Record for $Record {
            type Key = $Key;
            const USAGE: Usage = Usage::$usage;

            #[inline]
            fn key(&self) -> $Key {
                self.0
            }

            #[inline]
            fn is_tombstone(&self) -> bool {
                self.1 & TOMBSTONE != 0
            }

            #[inline]
            fn tombstone(key: $Key) -> Self {
                Self::marked(key, TOMBSTONE)
            }
        }

        impl Versioned for $Record {
            #[inline]
            fn of(version: Version) -> Self {
                let Version { key, stamp, removed } = version;
                let stamp = match Self::USAGE {
                    Usage::General => stamp & !TOMBSTONE,
                    Usage::SecondaryIndex => 0,
                };
                Self::marked(Self::wide(key), stamp | if removed { TOMBSTONE } else { 0 })
            }

            #[inline]
            fn wide(key: u64) -> $Key {
                <$Key>::spread(key)
            }

            #[inline]
            fn stamp(&self) -> u64 {
                self.1 & !TOMBSTONE
            }
        }
    };
}

records! {
    /// Makes the result for the type of general records of this size.
    General general {
        General16 16, u64, 0;
        General32 32, u128, 1;
        General128 _, Key256, 11;
    }
    /// Makes the result for the type of an index's records of this size.
    SecondaryIndex index {
        Index16 16, u64, 0;
        Index32 32, u128, 1;
        Index128 _, Key256, 11;
    }
}

/// Makes the result for the type of records of this usage and size.
pub fn of_usage<M: OfRecords>(usage: version::Usage, size: u32, geometry: &Header) -> M::Made {
    match usage {
        version::Usage::General => general::<M>(size, geometry),
        version::Usage::Index => index::<M>(size, geometry),
    }
}

/// The model's key for a record key; `None` if there is none.
pub fn narrow<R: Versioned>(key: R::Key) -> Option<u64> {
    let mut bytes = [0; 32];
    let bytes = &mut bytes[..R::Key::SIZE];
    key.store(bytes);
    // Each piece lies at the end of its word.
    let (words, _) = bytes.as_chunks::<8>();
    let piece = 8 / words.len();
    let mut narrow = [0; 8];
    for (place, word) in narrow.chunks_mut(piece).zip(words) {
        place.copy_from_slice(&word[..piece]);
    }
    let narrow = u64::from_le_bytes(narrow);
    (R::wide(narrow) == key).then_some(narrow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back<R: Versioned>() {
        for key in [0, 1, 0xffff, 0x1234_5678_9abc_def0, u64::MAX] {
            let wide = R::wide(key);
            assert_eq!(narrow::<R>(wide), Some(key));
            if R::Key::SIZE > 8 {
                let neighbours = [wide.predecessor(), wide.successor()].into_iter().flatten();
                assert!(neighbours.into_iter().all(|key| narrow::<R>(key).is_none()));
            }
            let record = R::of(Version { key, stamp: 7, removed: true });
            assert_eq!(record.key(), wide);
            assert!(record.is_tombstone() && record.text().starts_with(&format!("{key:#x}")));
        }
        assert_eq!((R::wide(0), R::wide(u64::MAX)), (R::Key::MIN, R::Key::MAX));
    }

    struct ComesBack;

    impl OfRecords for ComesBack {
        type Made = ();

        fn make<R: Versioned>(_geometry: &Header) {
            comes_back::<R>();
        }
    }

    #[test]
    fn a_wide_key_is_derived_from_its_narrow_key() {
        for usage in version::Usage::ALL {
            for size in [16, 32, 128] {
                of_usage::<ComesBack>(usage, size, &Header::PLAIN);
            }
        }
    }
}
