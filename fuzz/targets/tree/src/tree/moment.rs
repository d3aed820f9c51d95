//! What happened to the store between two uses of an open lookup or scan.

use super::tested::Tested;
use downbeat::records::Versioned;

/// A point in time, given by how often the store had changed in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// The version of the tree. Every change of the tree increases it.
    version: u64,
    /// The number of discarded scopes.
    undone: u64,
    beat: u64,
    checkpoints: u64,
    /// The number of openings and formattings. A lookup or scan from before the last one is stale.
    openings: u64,
}

/// The number of different results of [`Tested::since`].
pub(super) const KINDS: usize = 6;

impl<R: Versioned> Tested<R> {
    /// The present moment.
    #[inline]
    pub(super) fn moment(&self) -> Moment {
        let Self { store, undone, checkpoints, openings, .. } = self;
        Moment {
            version: store.tree().version(),
            undone: *undone,
            beat: store.beat_number(),
            checkpoints: *checkpoints,
            openings: *openings,
        }
    }

    /// The greatest change since a moment: nothing (0), a write (1), a discarded scope (2), a beat
    /// (3), a checkpoint (4) or an opening (5).
    pub(super) fn since(&self, before: Moment) -> usize {
        let now = self.moment();
        if now.openings != before.openings {
            5
        } else if now.checkpoints != before.checkpoints {
            4
        } else if now.beat != before.beat {
            3
        } else if now.undone != before.undone {
            2
        } else {
            usize::from(now.version != before.version)
        }
    }

    /// Whether a lookup or scan that began at this moment is stale.
    pub(super) fn is_stale(&self, before: Moment) -> bool {
        before.openings != self.openings
    }
}
