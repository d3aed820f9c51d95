//! The tickets of a store's lookups, or of its scans: which slot each of them has, and whether it
//! is still of use.
//!
//! - The ticket of another store is a bug of the caller: its use panics. A new [`Store`] on the
//!   same device is another store.
//! - The ticket of an earlier opening is stale. It is no bug to have one: a caller may reopen a
//!   store while it has tickets.
//! - A ticket that is dropped frees its slot: the store looks for such slots when no other slot is
//!   free.
//!
//! A store is identified by an allocation that it shares with its tickets. While one of them
//! exists, no other allocation has the same address. A number from a counter of the process would
//! identify the store as well, but would be global state. To make a ticket allocates nothing:
//! ticket and slot share one allocation, so that the slot knows when its ticket is gone.
//!
//! [`Store`]: super::Store

use std::sync::Arc;

/// The slots of a store's lookups, or of its scans; see the [module](self).
#[derive(Debug)]
pub(super) struct Tickets {
    store: Arc<()>,
    /// How many times the store was opened or formatted.
    opening: u64,
    /// What each slot shares with its ticket.
    slots: Vec<Arc<Origin>>,
    free: Vec<u32>,
}

/// The origin of a ticket: the store that returned it, and the opening of this store.
#[derive(Debug)]
struct Origin {
    store: Arc<()>,
    opening: u64,
}

/// The right to one slot; see the [module](self).
#[derive(Debug)]
pub(super) struct Ticket {
    slot: u32,
    origin: Arc<Origin>,
}

impl Ticket {
    #[inline]
    pub(super) fn slot(&self) -> u32 {
        self.slot
    }
}

impl PartialEq for Ticket {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.origin, &other.origin)
    }
}

impl Eq for Ticket {}

impl Tickets {
    /// The tickets of a new store, for this many slots.
    pub(super) fn new(slots: u32) -> Self {
        let store = Arc::new(());
        let origin = || Arc::new(Origin { store: Arc::clone(&store), opening: 0 });
        Self {
            opening: 0,
            slots: (0..slots).map(|_| origin()).collect(),
            free: (0..slots).rev().collect(),
            store,
        }
    }

    /// Makes all tickets stale, and all slots free.
    pub(super) fn reopen(&mut self) {
        self.opening += 1;
        self.free.clear();
        for (number, slot) in self.slots.iter_mut().enumerate().rev() {
            match Arc::get_mut(slot) {
                Some(origin) => origin.opening = self.opening,
                // The stale ticket keeps the old origin.
                None => {
                    let (store, opening) = (Arc::clone(&self.store), self.opening);
                    *slot = Arc::new(Origin { store, opening });
                }
            }
            self.free.push(number as u32);
        }
    }

    /// Takes a free slot. Returns `None` if there is none.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Ticket> {
        let slot = self.free.pop()?;
        Some(Ticket { slot, origin: Arc::clone(&self.slots[slot as usize]) })
    }

    /// Returns whether no slot is free.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.free.is_empty()
    }

    /// Makes the slot of a ticket free.
    #[inline]
    pub(super) fn give(&mut self, ticket: Ticket) {
        let Ticket { slot, origin } = ticket;
        drop(origin);
        self.give_slot(slot);
    }

    /// Makes a slot free whose ticket is gone.
    #[inline]
    pub(super) fn give_slot(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// The slots whose tickets were dropped, while no slot is free.
    ///
    /// # Panics
    ///
    /// If a slot is free.
    pub(super) fn dropped(&self) -> Vec<u32> {
        assert!(self.is_full(), "store: dropped tickets are looked for when no slot is free");
        let all = self.slots.iter().enumerate();
        let dropped = all.filter(|(_, slot)| Arc::strong_count(slot) == 1);
        dropped.map(|(number, _)| number as u32).collect()
    }

    /// Returns whether a ticket is of an earlier opening.
    ///
    /// # Panics
    ///
    /// If the ticket is of another store.
    #[inline]
    pub(super) fn is_stale(&self, ticket: &Ticket) -> bool {
        assert!(
            Arc::ptr_eq(&self.store, &ticket.origin.store),
            "store: a ticket must be of the store that returned it",
        );
        self.opening != ticket.origin.opening
    }
}
