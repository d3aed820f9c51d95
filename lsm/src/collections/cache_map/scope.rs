//! The undo log of a scope: what each write replaced, oldest first.
//!
//! ```text
//! the key had before    the log gets    its undo
//! a live entry          Restore         put the value back
//! a tombstone           RestoreTombstone   remove the entry, leave a tombstone
//! nothing               RemoveInserted  take the entry out, wherever it is, leave nothing
//! ```
//!
//! - Outside of a scope the log is empty.
//! - Each write in a scope adds one entry, so the log never holds more than `capacity`.
//! - Undoing goes from the newest to the oldest, with the scope closed: what an undo writes is not
//!   logged.
//!
//! What this does not do: it does not remember where an entry was. Evictions that writes of a
//! discarded scope caused stay.

use crate::collections::Cached;

/// What becomes of the writes of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeOutcome {
    /// They stay.
    Persist,
    /// They are undone: every key reads as it did when the scope was opened.
    Discard,
}

/// How to undo one write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Undo<V: Cached> {
    Restore(V),
    RestoreTombstone(V::Key),
    RemoveInserted(V::Key),
}

#[derive(Debug)]
pub(super) struct Scope<V: Cached> {
    is_open: bool,
    capacity: usize,
    log: Vec<Undo<V>>,
}

impl<V: Cached> Scope<V> {
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

    /// Forgets the log: what was written stays.
    pub(super) fn forget(&mut self) {
        assert!(!self.is_open, "cache_map: a scope must be closed before its log is forgotten");
        self.log.clear();
    }

    /// Takes the newest entry.
    pub(super) fn pop(&mut self) -> Option<Undo<V>> {
        assert!(!self.is_open, "cache_map: a scope must be closed before it is undone");
        self.log.pop()
    }

    /// Every write calls this before it changes anything.
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
