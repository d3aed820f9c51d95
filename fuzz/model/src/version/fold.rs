//! What is left of several versions of a key.

use super::{Usage, Version};
use crate::mutation::{Mutation, is_on};

/// A version that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The version.
    pub version: Version,
    /// How many versions of keys up to and with this one, as they are gone through, are not left.
    pub dropped: u64,
}

/// What is left of many versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The versions, in the order of keys, or against it.
    pub left: Vec<Left>,
    /// How many are not left.
    pub dropped: u64,
    /// How many keys of several versions have nothing left.
    pub vanished: u64,
}

/// The place of a key on the way up, or down.
#[inline]
#[must_use]
pub fn rank(key: u64, descending: bool) -> u64 {
    if descending { !key } else { key }
}

/// Whether anything is left of so many versions of a key, 1 or more: in general the newest of them; of an index,
/// where a put and a removal of a key are nothing together, the newest of an odd number.
#[inline]
#[must_use]
pub fn is_left(versions: usize, usage: Usage) -> bool {
    match usage {
        Usage::General => true,
        Usage::Index => versions % 2 == 1 || is_on(Mutation::VersionsNeverVanish),
    }
}

/// What is left of versions that stand in the order of age, the oldest first.
#[must_use]
pub fn fold(versions: impl IntoIterator<Item = Version>, usage: Usage, descending: bool) -> Folded {
    let mut sorted: Vec<Version> = versions.into_iter().collect();
    sorted.sort_by_key(|version| rank(version.key, descending));
    let mut folded = Folded::default();
    for versions in sorted.chunk_by(|one, other| one.key == other.key) {
        let newest = versions[versions.len() - 1];
        let is_left = is_left(versions.len(), usage);
        folded.dropped += versions.len() as u64 - u64::from(is_left);
        if is_left {
            folded.left.push(Left { version: newest, dropped: folded.dropped });
        } else {
            folded.vanished += 1;
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(key: u64, stamp: u64) -> Version {
        Version { key, stamp, removed: stamp.is_multiple_of(2) }
    }

    #[test]
    fn in_general_the_newest_of_each_key_is_left() {
        let folded = fold([version(3, 1), version(1, 2), version(3, 4)], Usage::General, false);
        let left: Vec<u64> = folded.left.iter().map(|left| left.version.stamp).collect();
        assert_eq!((left, folded.dropped, folded.vanished), (vec![2, 4], 1, 0));
    }

    #[test]
    fn of_an_index_pairs_vanish() {
        let versions = [version(3, 1), version(3, 2), version(1, 4), version(1, 5), version(1, 6)];
        let folded = fold(versions, Usage::Index, true);
        assert_eq!(folded.left, [Left { version: version(1, 6), dropped: 4 }]);
        assert_eq!((folded.dropped, folded.vanished), (4, 1));
    }
}
