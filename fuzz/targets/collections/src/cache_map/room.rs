//! The number of writes that still fit before a compaction or the end of a scope.
//!
//! Invariants:
//!
//! * A write takes at most one place in the stash: for the entry that it evicts, or for its
//!   tombstone. To undo it takes no other place. So the places taken never exceed the writes since
//!   the last compaction, and the contract of the map is that this many writes fit.
//! * The bound is exact: a history exists in which every place is taken.

/// An upper bound on the places taken.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    stash: usize,
    scope: usize,
    taken: usize,
}

impl Room {
    pub(super) fn new(stash: usize, scope: usize) -> Self {
        Room { stash, scope, taken: 0 }
    }

    /// The upper bound on the places of the stash that are taken.
    #[inline]
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// The number of writes that fit before a compaction.
    #[inline]
    pub(super) fn left(&self) -> usize {
        self.stash - self.taken
    }

    /// Whether a scope that can undo `undo` writes has room in its log for `writes` more.
    #[inline]
    pub(super) fn scope_has_room(&self, undo: usize, writes: usize) -> bool {
        undo + writes <= self.scope
    }

    #[inline]
    pub(super) fn wrote(&mut self) {
        self.taken += 1;
        assert!(self.taken <= self.stash, "world: a write without room");
    }

    pub(super) fn compacted(&mut self) {
        self.taken = 0;
    }
}
