//! Folding: which of several versions of a key are left.

use downbeat_input::version::{Usage, Version, rank};

use crate::mutation::{Mutation, is_on};

/// A version that is left after folding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The version.
    pub version: Version,
    /// How many versions were dropped up to and including this key, in the order of
    /// [`Folded::left`].
    pub dropped: u64,
}

/// What is left after folding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The versions, in ascending or descending order of their keys.
    pub left: Vec<Left>,
    /// How many versions were dropped.
    pub dropped: u64,
    /// How many keys have no version left.
    pub vanished: u64,
}

/// Whether a version is left after folding `versions` versions of a key, 1 or more. In general
/// usage, the newest version is left. In an index, a put and a removal cancel each other, so the
/// newest version is left if `versions` is odd.
#[inline]
#[must_use]
pub fn is_left(versions: usize, usage: Usage) -> bool {
    match usage {
        Usage::General => true,
        Usage::Index => versions % 2 == 1 || is_on(Mutation::VersionsNeverVanish),
    }
}

/// Folds versions that are in order of age, the oldest first.
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
    fn in_general_usage_the_newest_version_of_each_key_is_left() {
        let folded = fold([version(3, 1), version(1, 2), version(3, 4)], Usage::General, false);
        let left: Vec<u64> = folded.left.iter().map(|left| left.version.stamp).collect();
        assert_eq!((left, folded.dropped, folded.vanished), (vec![2, 4], 1, 0));
    }

    #[test]
    fn in_an_index_a_put_and_a_removal_cancel() {
        let versions = [version(3, 1), version(3, 2), version(1, 4), version(1, 5), version(1, 6)];
        let folded = fold(versions, Usage::Index, true);
        assert_eq!(folded.left, [Left { version: version(1, 6), dropped: 4 }]);
        assert_eq!((folded.dropped, folded.vanished), (4, 1));
    }
}
