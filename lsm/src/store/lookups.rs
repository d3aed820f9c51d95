//! Lookups of a store: one that is waited for, or many at once.
//!
//! - The tables in memory are asked first, then the levels: the device where a block is not in memory.
//! - A lookup that is under way reads the tree as it was when it began: no beat may come before its answer is taken,
//!   and so no put that finds no room.
//!
//! What this does not do: it gives no order. Lookups end when their blocks come.

use super::{Store, StoreError};
use crate::grid::GridError;
use crate::record::Record;
use crate::storage::Storage;
use crate::tree::{CachedLookup, TreeLookup};

/// Lookups that are under way, or have ended and were not taken.
#[derive(Debug)]
pub(super) struct Lookups<R: Record> {
    slots: Vec<Slot<R>>,
    free: Vec<u32>,
    /// How often all were dropped: a ticket from before is of none that there is.
    generation: u64,
}

#[derive(Debug)]
enum Slot<R: Record> {
    Free,
    UnderWay(TreeLookup<R>),
    Ended(Result<Option<R>, StoreError>),
}

/// A lookup that was begun. It is to be taken or forgotten: one that is dropped keeps its place, and no beat can come
/// before the store is opened again.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an answer that nobody takes stays"]
pub struct LookupTicket {
    slot: u32,
    generation: u64,
}

impl<R: Record> Lookups<R> {
    pub(super) fn new(lookups_max: u32) -> Self {
        Self {
            slots: (0..lookups_max).map(|_| Slot::Free).collect(),
            free: (0..lookups_max).rev().collect(),
            generation: 0,
        }
    }

    /// Drops all of them. What they asked of the grid is to be dropped there.
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
    /// The record of a key; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If a block of the tree cannot be had, or the store is not open.
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

    /// What blocks in memory say of a key: what a get asks before the device, and after the tables in memory.
    ///
    /// # Errors
    ///
    /// If a block is not what it should be, or the store is not open.
    pub fn lookup_cached(&mut self, key: R::Key) -> Result<CachedLookup<R>, StoreError> {
        self.refuse_if_closed()?;
        Ok(self.tree.lookup_cached(key, &mut self.grid)?)
    }

    /// Begins to look a key up. `None` if as many lookups are under way as may be.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn lookup_begin(&mut self, key: R::Key) -> Option<LookupTicket> {
        let slot = self.lookups.free.pop()?;
        self.lookups.slots[slot as usize] = match self.look_up_in_memory(key) {
            Ok(InMemory::Known(record)) => Slot::Ended(Ok(record)),
            Ok(InMemory::Unknown) => Slot::UnderWay(self.tree.lookup(key, 0)),
            Err(error) => Slot::Ended(Err(error)),
        };
        self.lookups_advance();
        Some(LookupTicket { slot, generation: self.lookups.generation })
    }

    /// The answer to a lookup. If the store was opened or formatted again since it began, that is an error.
    ///
    /// # Errors
    ///
    /// The ticket, if there is no answer yet: it may come with [`Store::step`].
    pub fn lookup_take(
        &mut self,
        ticket: LookupTicket,
    ) -> Result<Result<Option<R>, StoreError>, LookupTicket> {
        if self.lookups.is_stale(&ticket) {
            return Ok(Err(StoreError::Reopened));
        }
        self.lookups_advance();
        let slot = &mut self.lookups.slots[ticket.slot as usize];
        match std::mem::replace(slot, Slot::Free) {
            Slot::Ended(found) => {
                self.lookups.free.push(ticket.slot);
                Ok(found)
            }
            under_way => {
                *slot = under_way;
                Err(ticket)
            }
        }
    }

    /// Gives a lookup up. Nothing happens if the store was opened or formatted again since it began.
    #[expect(clippy::needless_pass_by_value, reason = "nobody can use it any more")]
    pub fn lookup_forget(&mut self, ticket: LookupTicket) {
        if self.lookups.is_stale(&ticket) {
            return;
        }
        let slot = &mut self.lookups.slots[ticket.slot as usize];
        if let Slot::UnderWay(lookup) = std::mem::replace(slot, Slot::Free) {
            lookup.abandon(&mut self.grid);
        }
        self.lookups.free.push(ticket.slot);
    }

    fn lookups_advance(&mut self) {
        for slot in &mut self.lookups.slots {
            if let Slot::UnderWay(lookup) = slot
                && let Some(found) = lookup.advance(&self.tree, &mut self.grid)
            {
                let found = found.map(|record| record.filter(|it| !it.is_tombstone()));
                *slot = Slot::Ended(found.map_err(StoreError::Grid));
            }
        }
    }

    /// The record, as far as the tables in memory tell.
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

/// What the tables in memory tell of a key.
enum InMemory<R> {
    /// There is this record, or none.
    Known(Option<R>),
    /// The levels have to be searched.
    Unknown,
}
