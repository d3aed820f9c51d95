//! The number of writes that still fit before a compaction or the end of a scope.
//!
//! Invariants:
//!
//! * A write takes at most one place in the stash: for the entry that it evicts, or for its
//!   tombstone. To undo it takes no other place. So the places taken never exceed the writes since
//!   the last compaction, and the contract of the map is that this many writes fit.
//! * The bound is exact: a history exists in which every place is taken.

/// The room, and how much of it is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Places of the stash.
    pub(super) stash: usize,
    /// Writes that a scope can undo.
    pub(super) scope: usize,
    /// The upper bound on the places of the stash that are taken.
    pub(super) taken: usize,
}

impl Room {
    /// The number of writes that fit before a compaction.
    #[inline]
    pub(super) fn left(&self) -> usize {
        self.stash - self.taken
    }

    #[inline]
    pub(super) fn wrote(&mut self) {
        self.taken += 1;
        assert!(self.taken <= self.stash, "world: a write without room");
    }
}
