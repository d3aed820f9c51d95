//! How many writes still fit before a compaction or the end of a scope.
//!
//! Invariants:
//!
//! * A write takes at most one place in the stash: what it evicts, or its tombstone. A discarded
//!   scope may take one more for each write it undoes. So the places taken never exceed the writes
//!   since the last compaction plus those undone.
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
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// Writes that fit before a compaction. In a scope of `undo` writes so far, each takes a place
    /// now and one in case it is undone.
    pub(super) fn left(&self, undo: Option<usize>) -> usize {
        let free = self.stash - self.taken;
        match undo {
            None => free,
            Some(undo) => free.saturating_sub(undo) / 2,
        }
    }

    /// Whether the scope has room in its log for another write.
    pub(super) fn scope_has_room(&self, undo: usize) -> bool {
        undo < self.scope
    }

    pub(super) fn wrote(&mut self) {
        self.taken += 1;
        assert!(self.taken <= self.stash, "world: a write without room");
    }

    pub(super) fn discarded(&mut self, undone: usize) {
        self.taken += undone;
        assert!(self.taken <= self.stash, "world: an undo without room");
    }

    pub(super) fn compacted(&mut self) {
        self.taken = 0;
    }
}
