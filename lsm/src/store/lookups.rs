//! Lookups: a get waits for a single lookup, and many lookups by hand can be under way at once.
//!
//! - A lookup searches the memtables first, then the levels. It asks the device for the blocks that
//!   are not in memory.
//! - A lookup by hand returns the record that the key had when the lookup began, whatever is put,
//!   removed, discarded or compacted before the answer is taken. A beat replaces tables, so the
//!   beat first waits until no lookup is under way. The answers stay until they are taken.
//! - Lookups end in the order in which their blocks arrive. A call continues only the lookups whose
//!   blocks have arrived, so its time does not depend on how many others are under way.

use super::origin::Origin;
use super::{ByHand, Store, StoreError};
use crate::forest::Forest;
use crate::grid::GridError;
use crate::record::Record;
use crate::storage::Storage;
use crate::tree::{CachedLookup, TreeLookup};

/// The lookups that are under way, and the ended lookups whose answers were not taken.
#[derive(Debug)]
pub(super) struct Lookups<R: Record> {
    slots: Vec<Slot<R>>,
    free: Vec<u32>,
    under_way: u32,
    origin: Origin,
}

#[derive(Debug)]
enum Slot<R: Record> {
    Free,
    UnderWay(TreeLookup<R>),
    Ended(Result<Option<R>, StoreError>),
}

/// A lookup that was begun. Pass it to [`ByHand::lookup_take`] or [`ByHand::lookup_forget`]. If the
/// ticket is dropped instead, the lookup keeps its slot until the store is reopened.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the lookup keeps its slot until its ticket is taken or forgotten"]
pub struct LookupTicket {
    slot: u32,
    origin: Origin,
}

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
            free: (0..lookups_max).rev().collect(),
            under_way: 0,
            origin: Origin::new(),
        }
    }

    /// Drops all lookups. The caller resets the grid, which drops their reads.
    pub(super) fn reset(&mut self) {
        self.origin.reopen();
        self.under_way = 0;
        self.free.clear();
        for (number, slot) in self.slots.iter_mut().enumerate().rev() {
            *slot = Slot::Free;
            self.free.push(number as u32);
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

    /// Begins a lookup. Returns `None` if
    /// [`StoreOptions::lookups_max`](super::StoreOptions::lookups_max) lookups were neither taken
    /// nor forgotten.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn lookup_begin(&mut self, key: R::Key) -> Option<LookupTicket> {
        let store = &mut *self.store;
        store.forest.assert_no_beat();
        let slot = store.lookups.free.pop()?;
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
        Some(LookupTicket { slot, origin: store.lookups.origin.clone() })
    }

    /// Takes the answer of a lookup if the lookup has ended: the record that the key had when the
    /// lookup began. If the store was reopened since the lookup began, the answer is
    /// [`StoreError::Reopened`].
    ///
    /// # Panics
    ///
    /// If the ticket is of another store.
    pub fn lookup_take(&mut self, ticket: LookupTicket) -> LookupProgress<R> {
        if self.store.lookups.origin.is_stale(&ticket.origin) {
            return LookupProgress::Ended(Err(StoreError::Reopened));
        }
        self.store.lookups_advance();
        let lookups = &mut self.store.lookups;
        let slot = &mut lookups.slots[ticket.slot as usize];
        match std::mem::replace(slot, Slot::Free) {
            Slot::Ended(found) => {
                lookups.free.push(ticket.slot);
                LookupProgress::Ended(found)
            }
            Slot::Free => {
                unreachable!("store: a lookup keeps its slot until its ticket is used up")
            }
            under_way @ Slot::UnderWay(_) => {
                *slot = under_way;
                LookupProgress::Pending(ticket)
            }
        }
    }

    /// Ends a lookup, and drops its answer. Does nothing if the store was reopened since the lookup
    /// began.
    ///
    /// # Panics
    ///
    /// If the ticket is of another store.
    #[expect(clippy::needless_pass_by_value, reason = "the ticket is used up")]
    pub fn lookup_forget(&mut self, ticket: LookupTicket) {
        let Store { lookups, forest: Forest { grid, .. }, .. } = &mut *self.store;
        if lookups.origin.is_stale(&ticket.origin) {
            return;
        }
        let slot = &mut lookups.slots[ticket.slot as usize];
        match std::mem::replace(slot, Slot::Free) {
            Slot::UnderWay(lookup) => {
                lookups.under_way -= 1;
                lookup.abandon(grid);
            }
            Slot::Ended(_) => {}
            Slot::Free => {
                unreachable!("store: a lookup keeps its slot until its ticket is used up")
            }
        }
        lookups.free.push(ticket.slot);
    }
}

/// What the memtables know about a key.
enum InMemory<R> {
    /// The record of the key; `None` if the key has no record.
    Known(Option<R>),
    /// The key may be in a level.
    Unknown,
}
