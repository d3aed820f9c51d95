//! Records as tables hold them: of three sizes, all of their bytes decided by key and stamp.

use downbeat_lsm::record::{Key, Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::model::table::{self, wide};

/// What marks a tombstone in the word of its stamp.
const TOMBSTONE: u64 = 1 << 63;

/// A record that a target knows.
pub(super) trait Known: Record + 'static {
    /// The record that the model means.
    fn of(record: table::Record) -> Self;

    /// The key that the model means.
    fn wide(key: u64) -> Self::Key;

    /// Its stamp, if it is whole.
    fn stamp(&self) -> u64;
}

/// The word of a stamp.
fn word(record: table::Record) -> u64 {
    let table::Record { key: _, stamp, is_tombstone } = record;
    if is_tombstone { stamp | TOMBSTONE } else { stamp }
}

/// Word number `number` of those that are made of a stamp, so that a part of another record shows.
fn made(word: u64, number: u32) -> u64 {
    word.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(number)
}

/// Key and word.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct Record16(u64, u64);

/// Key, word, and one that is made of it.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct Record32(u128, u64, u64);

/// Key, word, and those that are made of it.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct Record128(Key256, u64, [u64; 11]);

/// Declares a record of a key, made by `$wide`, of the word of its stamp, and of what `$made` makes of that.
macro_rules! known {
    ($Record:ident, $Key:ty, $wide:expr $(, $made:expr)?) => {
        impl Record for $Record {
            type Key = $Key;
            const USAGE: Usage = Usage::General;

            #[inline]
            fn key(&self) -> $Key {
                self.0
            }

            fn is_tombstone(&self) -> bool {
                self.1 & TOMBSTONE != 0
            }

            fn tombstone(key: $Key) -> Self {
                $Record(key, TOMBSTONE $(, ($made)(TOMBSTONE))?)
            }
        }

        impl Known for $Record {
            #[inline]
            fn of(record: table::Record) -> Self {
                let word = word(record);
                $Record(Self::wide(record.key), word $(, ($made)(word))?)
            }

            #[inline]
            fn wide(key: u64) -> $Key {
                ($wide)(key)
            }

            fn stamp(&self) -> u64 {
                self.1 & !TOMBSTONE
            }
        }
    };
}

known!(Record16, u64, std::convert::identity);
known!(Record32, u128, wide::to_u128, |word| made(word, 1));
known!(
    Record128,
    Key256,
    |key| {
        let (high, low) = wide::to_halves(key);
        Key256 { high, low }
    },
    |word| std::array::from_fn(|number| made(word, number as u32))
);

/// The key that the model means by a wide one; `None` if it has none.
pub(super) fn narrow<R: Known>(key: R::Key) -> Option<u64> {
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

    fn comes_back<R: Known>() {
        for key in [0, 1, 0xffff, 0x1234_5678_9abc_def0, u64::MAX] {
            let wide = R::wide(key);
            assert_eq!(narrow::<R>(wide), Some(key));
            if R::Key::SIZE > 8 {
                let neighbours = [wide.predecessor(), wide.successor()].into_iter().flatten();
                assert!(neighbours.into_iter().all(|key| narrow::<R>(key).is_none()));
            }
        }
    }

    #[test]
    fn a_wide_key_is_known_by_the_narrow_one() {
        comes_back::<Record16>();
        comes_back::<Record32>();
        comes_back::<Record128>();
    }
}
