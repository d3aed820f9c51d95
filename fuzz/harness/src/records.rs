//! Records with tombstones as the core holds them, for both usages and of several sizes. Every byte
//! follows from the version of a key, so that a part of another record is noticed.
//!
//! - A record is its key, a mark, and words that are derived from the two. The mark holds the stamp
//!   of a version, and whether it is a tombstone. Records of an index have no stamp: they consist
//!   of their key.
//! - Keys are the 64-bit keys of the models, [spread](wide) over the width.
//! - A world whose type depends on its records is made by [`of_records!`](crate::of_records!), so a
//!   type that leaves the list there leaves every target.

mod checks;

pub use checks::{same_key, same_record};

use std::fmt::Debug;

use downbeat_lsm::record::{Key, Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::input::version::Version;
use crate::input::wide;

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

/// Evaluates an expression in which `$R` is the type of the records of a usage and of a size in
/// bytes. `general` in place of the usage compiles only general records. A size other than 16 and
/// 32 means the largest records.
#[macro_export]
macro_rules! of_records {
    (general, $size:expr, $R:ident => $made:expr) => {
        $crate::of_records!(@ $size, $R => $made; 16, General16; 32, General32; _, General128)
    };
    (@ $size:expr, $R:ident => $made:expr; $($bytes:pat, $Record:ident);+) => {
        match $size {
            $($bytes => {
                type $R = $crate::records::$Record;
                $made
            })+
        }
    };
    ($usage:expr, $size:expr, $R:ident => $made:expr) => {
        match $usage {
            $crate::input::version::Usage::General => {
                $crate::of_records!(general, $size, $R => $made)
            }
            $crate::input::version::Usage::Index => {
                $crate::of_records!(@ $size, $R => $made; 16, Index16; 32, Index32; _, Index128)
            }
        }
    };
}

/// Declares types of records: name, usage, key, and how many words are made of key and mark.
macro_rules! records {
    ($($Record:ident $usage:ident $Key:ty, $words:literal;)+) => { $(
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
    )+ };
}

records! {
    General16 General u64, 0;
    General32 General u128, 1;
    General128 General Key256, 11;
    Index16 SecondaryIndex u64, 0;
    Index32 SecondaryIndex u128, 1;
    Index128 SecondaryIndex Key256, 11;
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
    use crate::input::version;

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

    #[test]
    fn a_wide_key_is_derived_from_its_narrow_key() {
        for usage in version::Usage::ALL {
            for size in [16, 32, 128] {
                of_records!(usage, size, R => comes_back::<R>());
            }
        }
    }
}
