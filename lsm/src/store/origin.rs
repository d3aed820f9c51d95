//! The origin of a ticket: the store that returned it, and the opening of this store.
//!
//! - The ticket of another store is a bug of the caller: its use panics. A new [`Store`] on the
//!   same device is another store.
//! - The ticket of an earlier opening is stale. It is no bug to have one: a caller may reopen a
//!   store while it has tickets.
//!
//! A store is identified by an allocation that it shares with its tickets. While one of them
//! exists, no other allocation has the same address. A number from a counter of the process would
//! identify the store as well, but would be global state. To make a ticket allocates nothing.
//!
//! [`Store`]: super::Store

use std::sync::Arc;

/// The origin of a ticket; see the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Origin {
    store: Arc<()>,
    /// How many times the store was opened or formatted.
    opening: u64,
}

impl Origin {
    /// The origin of the tickets of a new store.
    pub(super) fn new() -> Self {
        Self { store: Arc::new(()), opening: 0 }
    }

    /// Makes all tickets of this origin stale.
    pub(super) fn reopen(&mut self) {
        self.opening += 1;
    }

    /// Returns whether a ticket is of an earlier opening.
    ///
    /// # Panics
    ///
    /// If the ticket is of another store.
    #[inline]
    pub(super) fn is_stale(&self, ticket: &Self) -> bool {
        assert!(
            Arc::ptr_eq(&self.store, &ticket.store),
            "store: a ticket must be of the store that returned it",
        );
        self.opening != ticket.opening
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.store, &other.store) && self.opening == other.opening
    }
}

impl Eq for Origin {}
