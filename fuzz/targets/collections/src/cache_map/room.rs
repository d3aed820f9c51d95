//! The number of writes that still fit before a compaction or the end of a scope.
//!
//! Invariants:
//!
//! * A write takes at most one place in the stash, for the entry that it evicts or for its
//!   tombstone. Undoing the write takes no further place. So the number of places taken is at most
//!   the number of writes since the last compaction. The map guarantees that as many writes fit as
//!   the stash has places.
//! * The bound is exact: in some histories every place is taken.

/// The capacities for writes, and how much of the stash is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The number of places of the stash.
    pub(super) stash: usize,
    /// The maximum number of writes that a scope can undo.
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
