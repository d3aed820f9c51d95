//! Lookups: a get waits for a single lookup, and many lookups by hand can be under way at once.
//!
//! - A lookup searches the memtables first, then the levels. It asks the device for the blocks that
//!   are not in memory.
//! - A lookup by hand returns the record that the key had when the lookup began, whatever is put,
//!   removed, discarded or compacted before the answer is taken. A beat replaces tables, so the
//!   beat first waits until no lookup is under way. The answers stay until they are taken.
//! - Lookups end in the order in which their blocks arrive. A call continues only the lookups whose
//!   blocks have arrived, so its time does not depend on how many others are under way.

use super::tickets::{Ticket, Tickets};
use super::{ByHand, Store, StoreError};
use crate::forest::Forest;
use crate::grid::{Grid, GridError};
use crate::record::Record;
use crate::storage::Storage;
use crate::tree::{CachedLookup, TreeLookup};

/// The lookups that are under way, and the ended lookups whose answers were not taken.
#[derive(Debug)]
pub(super) struct Lookups<R: Record> {
    slots: Vec<Slot<R>>,
    tickets: Tickets,
    under_way: u32,
}

#[derive(Debug)]
enum Slot<R: Record> {
    Free,
    UnderWay(TreeLookup<R>),
    Ended(Result<Option<R>, StoreError>),
}

/// A lookup that was begun. Pass it to [`ByHand::lookup_take`] or [`ByHand::lookup_forget`]. If the
/// ticket is dropped instead, the lookup goes on, and is forgotten when another lookup needs its
/// slot.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a lookup whose ticket is dropped still reads from the device"]
pub struct LookupTicket(Ticket);

/// The progress of a lookup.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it contains the answer or the ticket"]
pub enum LookupProgress<R> {
    /// The lookup ended, with the answer that [`Store::get`] would have returned when it began.
    Ended(Result<Option<R>, StoreError>),
    /// The lookup waits for the device. Try again after a [`ByHand::step`].
    Pending(LookupTicket),
}

impl<R: Record> Lookups<R> {
    pub(super) fn new(lookups_max: u32) -> Self {
        Self {
            slots: (0..lookups_max).map(|_| Slot::Free).collect(),
            tickets: Tickets::new(lookups_max),
            under_way: 0,
        }
    }

    /// Drops all lookups. The caller resets the grid, which drops their reads.
    pub(super) fn reset(&mut self) {
        self.tickets.reopen();
        self.under_way = 0;
        self.slots.iter_mut().for_each(|slot| *slot = Slot::Free);
    }

    /// Ends the lookup of a slot, whose answer nobody waits for.
    fn end<S: Storage>(&mut self, slot: u32, grid: &mut Grid<S>) {
        match std::mem::replace(&mut self.slots[slot as usize], Slot::Free) {
            Slot::UnderWay(lookup) => {
                self.under_way -= 1;
                lookup.abandon(grid);
            }
            Slot::Ended(_) => {}
            Slot::Free => {
                unreachable!("store: a lookup keeps its slot until its ticket is used up")
            }
        }
    }

    /// Ends the lookups whose tickets were dropped.
    #[cold]
    fn end_dropped<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for slot in self.tickets.dropped() {
            self.end(slot, grid);
            self.tickets.give_slot(slot);
        }
    }
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Returns the record of a key; `None` if there is none. Waits for the device.
    ///
    /// # Errors
    ///
    /// If the store is closed, or a block cannot be read.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn get(&mut self, key: R::Key) -> Result<Option<R>, StoreError> {
        let mut lookup = match self.look_up_in_memory(key)? {
            InMemory::Known(record) => return Ok(record),
            InMemory::Unknown => self.forest.trees.lookup(key, 0),
        };
        loop {
            if let Some(found) = lookup.advance(&self.forest.trees, &mut self.forest.grid) {
                return Ok(found?.filter(|record| !record.is_tombstone()));
            }
            if !self.forest.step() {
                lookup.abandon(&mut self.forest.grid);
                return Err(StoreError::Grid(GridError::Gone));
            }
        }
    }

    /// Continues the lookups whose blocks have arrived, as far as possible without waiting.
    pub(super) fn lookups_advance(&mut self) {
        while let Some(slot) = self.forest.grid.next_answered() {
            self.lookup_advance(slot);
        }
    }

    /// Continues a lookup as far as possible without waiting.
    fn lookup_advance(&mut self, number: u32) {
        let Self { lookups, forest: Forest { trees: tree, grid, .. }, .. } = self;
        let slot = &mut lookups.slots[number as usize];
        let Slot::UnderWay(lookup) = slot else { return };
        let Some(found) = lookup.advance(tree, grid) else {
            let Some(ticket) = lookup.ticket() else {
                unreachable!("store: a lookup that waits has asked for a block");
            };
            return grid.set_reader(ticket, number);
        };
        let found = found.map(|record| record.filter(|it| !it.is_tombstone()));
        *slot = Slot::Ended(found.map_err(StoreError::Grid));
        lookups.under_way -= 1;
    }

    /// Asserts that a beat works only while no lookup is under way.
    pub(super) fn assert_no_lookup_in_beat(&self) {
        assert!(
            self.lookups.under_way == 0 || !self.forest.beat_works(),
            "store: a beat waits for the lookups ({} are under way)",
            self.lookups.under_way,
        );
    }

    /// Searches the memtables.
    fn look_up_in_memory(&mut self, key: R::Key) -> Result<InMemory<R>, StoreError> {
        self.forest.refuse_if_closed()?;
        self.forest.assert_no_beat();
        if !self.forest.trees.key_range_contains(key) {
            return Ok(InMemory::Known(None));
        }
        Ok(match self.forest.trees.lookup_memory(key) {
            Some(record) => InMemory::Known(Some(*record).filter(|it| !it.is_tombstone())),
            None => InMemory::Unknown,
        })
    }
}

impl<R: Record, S: Storage> ByHand<'_, R, S> {
    /// Searches for a key in the blocks that are in memory. A get does the same after its search of
    /// the memtables and before its first read of the device.
    ///
    /// # Errors
    ///
    /// If the store is closed, or a block is damaged.
    pub fn lookup_cached(&mut self, key: R::Key) -> Result<CachedLookup<R>, StoreError> {
        self.store.forest.refuse_if_closed()?;
        Ok(self.store.forest.trees.lookup_cached(key, &mut self.store.forest.grid)?)
    }

    /// Begins a lookup. Returns `None` if there are
    /// [`StoreOptions::lookups_max`](super::StoreOptions::lookups_max) tickets that were neither
    /// taken, forgotten nor dropped.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn lookup_begin(&mut self, key: R::Key) -> Option<LookupTicket> {
        let store = &mut *self.store;
        store.forest.assert_no_beat();
        if store.lookups.tickets.is_full() {
            store.lookups.end_dropped(&mut store.forest.grid);
        }
        let ticket = store.lookups.tickets.take()?;
        let slot = ticket.slot();
        store.lookups_advance();
        store.lookups.slots[slot as usize] = match store.look_up_in_memory(key) {
            Ok(InMemory::Known(record)) => Slot::Ended(Ok(record)),
            Ok(InMemory::Unknown) => {
                store.lookups.under_way += 1;
                Slot::UnderWay(store.forest.trees.lookup(key, 0))
            }
            Err(error) => Slot::Ended(Err(error)),
        };
        store.lookup_advance(slot);
        Some(LookupTicket(ticket))
    }

    /// Takes the answer of a lookup if the lookup has ended: the record that the key had when the
    /// lookup began. If the store was reopened since the lookup began, the answer is
    /// [`StoreError::Reopened`].
    ///
    /// # Panics
    ///
    /// If the ticket is of another store.
    pub fn lookup_take(&mut self, ticket: LookupTicket) -> LookupProgress<R> {
        let LookupTicket(ticket) = ticket;
        if self.store.lookups.tickets.is_stale(&ticket) {
            return LookupProgress::Ended(Err(StoreError::Reopened));
        }
        self.store.lookups_advance();
        let lookups = &mut self.store.lookups;
        let slot = &mut lookups.slots[ticket.slot() as usize];
        match std::mem::replace(slot, Slot::Free) {
            Slot::Ended(found) => {
                lookups.tickets.give(ticket);
                LookupProgress::Ended(found)
            }
            Slot::Free => {
                unreachable!("store: a lookup keeps its slot until its ticket is used up")
            }
            under_way @ Slot::UnderWay(_) => {
                *slot = under_way;
                LookupProgress::Pending(LookupTicket(ticket))
            }
        }
    }

    /// Ends a lookup, and drops its answer. Does nothing if the store was reopened since the lookup
    /// began.
    ///
    /// # Panics
    ///
    /// If the ticket is of another store.
    pub fn lookup_forget(&mut self, ticket: LookupTicket) {
        let Store { lookups, forest: Forest { grid, .. }, .. } = &mut *self.store;
        let LookupTicket(ticket) = ticket;
        if !lookups.tickets.is_stale(&ticket) {
            lookups.end(ticket.slot(), grid);
            lookups.tickets.give(ticket);
        }
    }
}

/// What the memtables know about a key.
enum InMemory<R> {
    /// The record of the key; `None` if the key has no record.
    Known(Option<R>),
    /// The key may be in a level.
    Unknown,
}
