//! How many writes still fit before a compaction or the end of a scope.
//!
//! Invariants:
//!
//! * A write takes at most one place in the stash: what it evicts, or its tombstone. Undoing it
//!   takes no other. So the places taken never exceed the writes since the last compaction, and the
//!   map's contract is that so many fit.
//! * The bound is exact: a history exists in which every place is taken.

/// The places taken, at most.
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

    /// Places of the stash that are taken, at most.
    #[inline]
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// Writes that fit before a compaction.
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
