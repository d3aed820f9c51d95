//! Records with tombstones as the core holds them, of several sizes and both usages: all that the version of a
//! key decides, in words.
//!
//! Wide keys are the 64 bits of the model, spread so that their order stays, that every part of them counts, and
//! that the smallest and the largest are those of the width.

use downbeat_lsm::record::{Key256, Record, Usage};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::model::version::Version;

/// `N` words: the key, a word with the stamp and whether it is a tombstone, and more made of these, so that a part of
/// another record shows. Those of an index have no stamp: they are all in their key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub(super) struct Words<const N: usize, const INDEX: bool>([u64; N]);

/// A record of a version.
pub(super) trait Versioned: Record {
    /// The record of this version.
    fn of(version: Version) -> Self;

    /// The key of 64 bits, as it is in the records of a tree.
    fn wide(key: u64) -> Self::Key;

    /// Key and stamp, for a reader.
    fn text(&self) -> String;
}

const REMOVED: u64 = 1 << 63;

/// Its key, which is in the first words.
trait InWords<K> {
    const WORDS: usize;

    fn wide(key: u64) -> K;
    fn store(key: K, words: &mut [u64]);
    fn load(words: &[u64]) -> K;
    fn narrow(words: &[u64]) -> u64;
}

struct Layout;

impl InWords<u64> for Layout {
    const WORDS: usize = 1;

    fn wide(key: u64) -> u64 {
        key
    }
    fn store(key: u64, words: &mut [u64]) {
        words[0] = key;
    }
    fn load(words: &[u64]) -> u64 {
        words[0]
    }
    fn narrow(words: &[u64]) -> u64 {
        words[0]
    }
}

impl InWords<u128> for Layout {
    const WORDS: usize = 2;

    fn wide(key: u64) -> u128 {
        u128::from(key) << 64 | u128::from(key)
    }
    fn store(key: u128, words: &mut [u64]) {
        words[0] = (key >> 64) as u64;
        words[1] = key as u64;
    }
    fn load(words: &[u64]) -> u128 {
        u128::from(words[0]) << 64 | u128::from(words[1])
    }
    fn narrow(words: &[u64]) -> u64 {
        words[0]
    }
}

impl InWords<Key256> for Layout {
    const WORDS: usize = 4;

    /// The upper half of the 64 bits decides the upper half of the key, the lower half the lower.
    fn wide(key: u64) -> Key256 {
        let spread = |half: u32| u128::from(half) * 0x0000_0001_0000_0001_0000_0001_0000_0001;
        Key256 { high: spread((key >> 32) as u32), low: spread(key as u32) }
    }
    fn store(key: Key256, words: &mut [u64]) {
        <Layout as InWords<u128>>::store(key.high, &mut words[..2]);
        <Layout as InWords<u128>>::store(key.low, &mut words[2..]);
    }
    fn load(words: &[u64]) -> Key256 {
        let half = <Layout as InWords<u128>>::load;
        Key256 { high: half(&words[..2]), low: half(&words[2..]) }
    }
    fn narrow(words: &[u64]) -> u64 {
        words[0] << 32 | words[2] & u64::from(u32::MAX)
    }
}

macro_rules! records {
    ($($words:literal $index:literal $usage:ident $Key:ty;)+) => { $(
        impl Words<$words, $index> {
            const KEY_WORDS: usize = <Layout as InWords<$Key>>::WORDS;

            #[inline]
            fn made(key: $Key, mark: u64) -> Self {
                let mut words = [0; $words];
                let (head, tail) = words.split_at_mut(Self::KEY_WORDS);
                Layout::store(key, head);
                tail[0] = mark;
                for (place, word) in tail[1..].iter_mut().enumerate() {
                    *word = (mark ^ head[0]).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(place as u32);
                }
                Words(words)
            }
        }

        impl Record for Words<$words, $index> {
            type Key = $Key;
            const USAGE: Usage = Usage::$usage;

            #[inline]
            fn key(&self) -> $Key {
                Layout::load(&self.0[..Self::KEY_WORDS])
            }

            #[inline]
            fn is_tombstone(&self) -> bool {
                self.0[Self::KEY_WORDS] & REMOVED != 0
            }

            fn tombstone(key: $Key) -> Self {
                Self::made(key, REMOVED)
            }
        }

        impl Versioned for Words<$words, $index> {
            #[inline]
            fn of(version: Version) -> Self {
                let Version { key, stamp, removed } = version;
                let stamp = if $index { 0 } else { stamp };
                Self::made(<Self as Versioned>::wide(key), stamp | if removed { REMOVED } else { 0 })
            }

            #[inline]
            fn wide(key: u64) -> $Key {
                Layout::wide(key)
            }

            fn text(&self) -> String {
                let key = <Layout as InWords<$Key>>::narrow(&self.0);
                let mark = self.0[Self::KEY_WORDS];
                let removed = if mark & REMOVED != 0 { " removed" } else { "" };
                let stamp = if $index { String::new() } else { format!(" #{}", mark & !REMOVED) };
                format!("{key:#x}{stamp}{removed}")
            }
        }
    )+ };
}

records! {
    2 false General u64;
    2 true SecondaryIndex u64;
    4 false General u128;
    4 true SecondaryIndex u128;
    16 false General Key256;
    16 true SecondaryIndex Key256;
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_lsm::record::Key;

    fn wide_keys_keep_their_order<R: Versioned>() {
        let keys =
            [0, 1, u64::from(u32::MAX), 1 << 32, (1 << 32) + 1, 1 << 63, u64::MAX - 1, u64::MAX];
        assert!(keys.is_sorted_by(|one, other| R::wide(*one) < R::wide(*other)));
        assert_eq!((R::wide(0), R::wide(u64::MAX)), (R::Key::MIN, R::Key::MAX));
        for key in keys {
            let record = R::of(Version { key, stamp: 7, removed: true });
            assert_eq!(record.key(), R::wide(key));
            assert!(record.is_tombstone() && record.text().starts_with(&format!("{key:#x}")));
        }
    }

    #[test]
    fn keys_of_every_width_keep_their_order_and_their_extremes() {
        wide_keys_keep_their_order::<Words<2, false>>();
        wide_keys_keep_their_order::<Words<4, true>>();
        wide_keys_keep_their_order::<Words<16, false>>();
    }
}
