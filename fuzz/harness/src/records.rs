//! The record types that targets store in the core: general records in several sizes, and records
//! of an index in one. Every byte of a record is derived from its version, so a record with bytes
//! of another record is detected.
//!
//! - A record consists of its key, a mark, and words that are derived from the two. The mark holds
//!   the stamp of the version, and one bit that is set in a tombstone. In a record of an index the
//!   stamp is 0.
//! - The key of a record is the 64-bit key of the model, [spread](wide) over the width of the key.
//! - Every world that is generic over its records is created by
//!   [`of_records!`](crate::of_records!), so a type that is removed from the list there is removed
//!   from every target. Each type makes every build of a tree slower. The code for keys
//!   is the same for both usages, so general records test the widths of keys for both.

mod checks;

pub use checks::{same_key, same_record};

use std::fmt::Debug;

use downbeat_lsm::record::{Key, Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::input::version::Version;
use crate::input::wide;

/// The bit of a mark that is set for a tombstone.
const TOMBSTONE: u64 = 1 << 63;

/// A record that can be made from a version.
pub trait Versioned: Record + PartialEq + Debug + 'static {
    /// Returns the record of this version.
    fn of(version: Version) -> Self;

    /// Returns the record key for a key of a model.
    fn wide(key: u64) -> Self::Key;

    /// Returns the stamp, which is 0 in a record of an index.
    fn stamp(&self) -> u64;

    /// Describes the record: its key, its stamp, and whether it is a tombstone.
    fn text(&self) -> String {
        let key = match narrow::<Self>(self.key()) {
            Some(key) => format!("{key:#x}"),
            None => format!("{:?}, which is not a key of a model,", self.key()),
        };
        let stamp = match Self::USAGE {
            Usage::General => format!(" #{}", self.stamp()),
            Usage::SecondaryIndex => String::new(),
        };
        let removed = if self.is_tombstone() { " removed" } else { "" };
        format!("{key}{stamp}{removed}")
    }
}

/// Returns derived word number `number` of a record with this key and mark.
#[inline]
fn made(key: u64, mark: u64, number: usize) -> u64 {
    (mark ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(number as u32)
}

/// A record key of some width. `spread` makes it from 64 bits, and `low` returns its lowest 64
/// bits.
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

/// Evaluates an expression in which `$R` is the record type for a usage and a size in bytes: 16 or
/// 128. Records of an index have 32 bytes, whatever the size.
///
/// With `general` in place of the usage, the expression is compiled for general records only, of
/// 16, 32 or 128 bytes. Targets of whole trees are compiled without those of 32 bytes: keys of this
/// width are in the records of an index, and each type is a fifth of such a build.
///
/// With `large` before the usage, the types are those of a target with sizes of real use: any size
/// other than 256 means 16.
#[macro_export]
macro_rules! of_records {
    (general, $size:expr, $R:ident => $made:expr) => {
        match $size {
            16 => $crate::of_records!(@ General16, $R => $made),
            32 => $crate::of_records!(@ General32, $R => $made),
            _ => $crate::of_records!(@ General128, $R => $made),
        }
    };
    (large, $usage:expr, $size:expr, $R:ident => $made:expr) => {
        match ($usage, $size) {
            ($crate::input::version::Usage::Index, _) => {
                $crate::of_records!(@ Index32, $R => $made)
            }
            (_, 256) => $crate::of_records!(@ General256, $R => $made),
            _ => $crate::of_records!(@ General16, $R => $made),
        }
    };
    (@ $Record:ident, $R:ident => $made:expr) => {{
        type $R = $crate::records::$Record;
        $made
    }};
    ($usage:expr, $size:expr, $R:ident => $made:expr) => {
        match $usage {
            $crate::input::version::Usage::General => {
                match $size {
                    16 => $crate::of_records!(@ General16, $R => $made),
                    _ => $crate::of_records!(@ General128, $R => $made),
                }
            }
            $crate::input::version::Usage::Index => {
                $crate::of_records!(@ Index32, $R => $made)
            }
        }
    };
}

/// Declares record types. Each line is the name, the usage, the key type, and the number of derived
/// words.
macro_rules! records {
    ($($Record:ident $usage:ident $Key:ty, $words:literal;)+) => { $(
        /// A record: its key, its mark, and its derived words.
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
    General256 General Key256, 27;
    Index32 SecondaryIndex u128, 1;
}

/// Returns the model's key for a record key, or `None` if no key of a model is spread to it.
pub fn narrow<R: Versioned>(key: R::Key) -> Option<u64> {
    let mut bytes = [0; 32];
    let bytes = &mut bytes[..R::Key::SIZE];
    key.store(bytes);
    // The lowest bytes of a word are its piece.
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
            // A neighbour of a wide key comes from a neighbour of its narrow key, or from none.
            let before = wide.predecessor().and_then(narrow::<R>);
            assert!(before.is_none_or(|it| it.checked_add(1) == Some(key)), "before {key:#x}");
            let after = wide.successor().and_then(narrow::<R>);
            assert!(after.is_none_or(|it| it.checked_sub(1) == Some(key)), "after {key:#x}");
            let record = R::of(Version { key, stamp: 7, removed: true });
            assert_eq!(record.key(), wide);
            assert!(record.is_tombstone() && record.text().starts_with(&format!("{key:#x}")));
        }
        assert_eq!((R::wide(0), R::wide(u64::MAX)), (R::Key::MIN, R::Key::MAX));
    }

    #[test]
    fn a_wide_key_is_derived_from_its_narrow_key() {
        of_records!(general, 32, R => comes_back::<R>());
        for usage in version::Usage::ALL {
            for size in [16, 128] {
                of_records!(usage, size, R => comes_back::<R>());
            }
        }
    }
}
