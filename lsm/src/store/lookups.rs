//! Lookups: a single lookup that waits, or many at once by hand.
//!
//! - A lookup searches the memtables first, then the levels. It asks the device for the blocks that
//!   are not in memory.
//! - A lookup by hand reads the tree as it was when it began. So no beat may begin until the answer
//!   is taken or the lookup is forgotten. A put or removal panics if it must run a beat first.
//! - Lookups end in the order in which their blocks arrive.

use super::{ByHand, Store, StoreError};
use crate::grid::GridError;
use crate::record::Record;
use crate::storage::Storage;
use crate::tree::{CachedLookup, TreeLookup};

/// The lookups that are under way, and the ended lookups whose answers were not taken.
#[derive(Debug)]
pub(super) struct Lookups<R: Record> {
    slots: Vec<Slot<R>>,
    free: Vec<u32>,
    /// The number of resets. A ticket of an earlier generation is stale.
    generation: u64,
}

#[derive(Debug)]
enum Slot<R: Record> {
    Free,
    UnderWay(TreeLookup<R>),
    Ended(Result<Option<R>, StoreError>),
}

/// A lookup that was begun. Pass it to [`ByHand::lookup_take`] or [`ByHand::lookup_forget`]. If the
/// ticket is dropped instead, the lookup keeps its slot, and no beat can begin, until the store is
/// reopened.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the lookup keeps its slot until its ticket is taken or forgotten"]
pub struct LookupTicket {
    slot: u32,
    generation: u64,
}

/// The progress of a lookup.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it contains the answer or the ticket"]
pub enum LookupProgress<R> {
    /// The lookup ended, with the answer that [`Store::get`] would return.
    Ended(Result<Option<R>, StoreError>),
    /// The lookup waits for the device. Try again after a [`ByHand::step`].
    Pending(LookupTicket),
}

impl<R: Record> Lookups<R> {
    pub(super) fn new(lookups_max: u32) -> Self {
        Self {
            slots: (0..lookups_max).map(|_| Slot::Free).collect(),
            free: (0..lookups_max).rev().collect(),
            generation: 0,
        }
    }

    /// Drops all lookups. The caller resets the grid, which drops their reads.
    pub(super) fn reset(&mut self) {
        self.generation += 1;
        self.free.clear();
        for (number, slot) in self.slots.iter_mut().enumerate().rev() {
            *slot = Slot::Free;
            self.free.push(number as u32);
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.free.len() == self.slots.len()
    }

    fn is_stale(&self, ticket: &LookupTicket) -> bool {
        ticket.generation != self.generation
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
            InMemory::Unknown => self.tree.lookup(key, 0),
        };
        loop {
            if let Some(found) = lookup.advance(&self.tree, &mut self.grid) {
                return Ok(found?.filter(|record| !record.is_tombstone()));
            }
            if !self.step() {
                lookup.abandon(&mut self.grid);
                return Err(StoreError::Grid(GridError::Gone));
            }
        }
    }

    /// Searches the memtables.
    fn look_up_in_memory(&mut self, key: R::Key) -> Result<InMemory<R>, StoreError> {
        self.refuse_if_closed()?;
        self.assert_no_beat();
        if !self.tree.key_range_contains(key) {
            return Ok(InMemory::Known(None));
        }
        Ok(match self.tree.lookup_memory(key) {
            Some(record) => InMemory::Known(Some(*record).filter(|it| !it.is_tombstone())),
            None => InMemory::Unknown,
        })
    }
}

impl<R: Record, S: Storage> ByHand<'_, R, S> {
    /// Searches the blocks that are in memory for a key, as a get does after it has searched the
    /// memtables and before it asks the device.
    ///
    /// # Errors
    ///
    /// If the store is closed, or a block is damaged.
    pub fn lookup_cached(&mut self, key: R::Key) -> Result<CachedLookup<R>, StoreError> {
        self.store.refuse_if_closed()?;
        Ok(self.store.tree.lookup_cached(key, &mut self.store.grid)?)
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
        let slot = store.lookups.free.pop()?;
        store.lookups.slots[slot as usize] = match store.look_up_in_memory(key) {
            Ok(InMemory::Known(record)) => Slot::Ended(Ok(record)),
            Ok(InMemory::Unknown) => Slot::UnderWay(store.tree.lookup(key, 0)),
            Err(error) => Slot::Ended(Err(error)),
        };
        self.lookups_advance();
        Some(LookupTicket { slot, generation: self.store.lookups.generation })
    }

    /// Takes the answer of a lookup, if it has ended. If the store was reopened since the lookup
    /// began, the answer is [`StoreError::Reopened`].
    pub fn lookup_take(&mut self, ticket: LookupTicket) -> LookupProgress<R> {
        if self.store.lookups.is_stale(&ticket) {
            return LookupProgress::Ended(Err(StoreError::Reopened));
        }
        self.lookups_advance();
        let lookups = &mut self.store.lookups;
        let slot = &mut lookups.slots[ticket.slot as usize];
        match std::mem::replace(slot, Slot::Free) {
            Slot::Ended(found) => {
                lookups.free.push(ticket.slot);
                LookupProgress::Ended(found)
            }
            under_way => {
                *slot = under_way;
                LookupProgress::Pending(ticket)
            }
        }
    }

    /// Ends a lookup, and drops its answer. Does nothing if the store was reopened since the lookup
    /// began.
    #[expect(clippy::needless_pass_by_value, reason = "the ticket is used up")]
    pub fn lookup_forget(&mut self, ticket: LookupTicket) {
        let Store { lookups, grid, .. } = &mut *self.store;
        if lookups.is_stale(&ticket) {
            return;
        }
        let slot = &mut lookups.slots[ticket.slot as usize];
        if let Slot::UnderWay(lookup) = std::mem::replace(slot, Slot::Free) {
            lookup.abandon(grid);
        }
        lookups.free.push(ticket.slot);
    }

    fn lookups_advance(&mut self) {
        let Store { lookups, tree, grid, .. } = &mut *self.store;
        for slot in &mut lookups.slots {
            if let Slot::UnderWay(lookup) = slot
                && let Some(found) = lookup.advance(tree, grid)
            {
                let found = found.map(|record| record.filter(|it| !it.is_tombstone()));
                *slot = Slot::Ended(found.map_err(StoreError::Grid));
            }
        }
    }
}

/// What the memtables know about a key.
enum InMemory<R> {
    /// This is the record of the key; `None` if the key has no record.
    Known(Option<R>),
    /// The key may be in a level.
    Unknown,
}
