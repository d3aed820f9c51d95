//! The undo log of a scope: what each write replaced, oldest first.
//!
//! ```text
//! the key had before    the log gets       its undo
//! a live entry          Restore            puts the value back
//! a tombstone           RestoreTombstone   removes the entry and leaves a tombstone
//! nothing               RemoveInserted     removes the entry, wherever it is, and leaves nothing
//! ```
//!
//! - If no scope is open, the log is empty.
//! - Each write in a scope adds one entry, so the log never has more than `capacity` entries.
//! - Undo starts with the newest entry, after the scope is closed. The writes of an undo are not
//!   logged.
//!
//! Undo restores the values of keys, not where they are stored: an entry that a discarded write
//! evicted from the cache stays in the stash.

use crate::collections::Cached;

/// Whether the writes of a scope are kept when it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeOutcome {
    /// The writes are kept.
    Persist,
    /// The writes are undone: every key has the value that it had when the scope was opened.
    Discard,
}

/// The way to undo one write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Undo<V: Cached> {
    Restore(V),
    RestoreTombstone(V::Key),
    RemoveInserted(V::Key),
}

/// Whether a scope is open, and the undo entries of its writes.
#[derive(Debug)]
pub(super) struct UndoLog<V: Cached> {
    is_open: bool,
    capacity: usize,
    log: Vec<Undo<V>>,
}

impl<V: Cached> UndoLog<V> {
    pub(super) fn new(capacity: u32) -> Self {
        let capacity = capacity as usize;
        Self { is_open: false, capacity, log: Vec::with_capacity(capacity) }
    }

    pub(super) fn reset(&mut self) {
        let Self { is_open, capacity: _, log } = self;
        *is_open = false;
        log.clear();
    }

    pub(super) fn open(&mut self) {
        assert!(!self.is_open, "cache_map: a scope is open already: scopes do not nest");
        assert!(self.log.is_empty(), "cache_map: the log must be empty when a scope is opened");
        self.is_open = true;
    }

    pub(super) fn close(&mut self) {
        assert!(self.is_open, "cache_map: there is no open scope to close");
        self.is_open = false;
    }

    /// Drops the entries, so that the writes are kept.
    pub(super) fn forget(&mut self) {
        assert!(!self.is_open, "cache_map: a scope must be closed before its log is forgotten");
        self.log.clear();
    }

    /// Removes and returns the newest entry.
    pub(super) fn pop(&mut self) -> Option<Undo<V>> {
        assert!(!self.is_open, "cache_map: a scope must be closed before it is undone");
        self.log.pop()
    }

    /// Called by every write before it changes anything.
    #[inline]
    pub(super) fn assert_room(&self) {
        assert!(
            !self.is_open || self.log.len() < self.capacity,
            "cache_map: the undo log is full (scope_capacity {0}): \
             close the scope after at most {0} writes, or raise scope_capacity",
            self.capacity,
        );
    }

    #[inline]
    pub(super) fn push(&mut self, undo: Undo<V>) {
        assert!(self.is_open, "cache_map: writes are logged in a scope only");
        self.assert_room();
        self.log.push(undo);
    }

    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.log.len()
    }

    pub(super) fn check(&self) {
        assert!(
            self.is_open || self.log.is_empty(),
            "cache_map: the undo log must be empty outside of a scope",
        );
        assert!(
            self.log.len() <= self.capacity,
            "cache_map: the undo log must not be longer than its capacity",
        );
    }
}
