//! Looks up the next objects of a query before the caller asks for them.

use std::collections::VecDeque;

use super::{Groove, Object};
use crate::collections::Direction;
use crate::forest::StoreError;
use crate::grid::Grid;
use crate::storage::Storage;
use crate::tree::TreeLookup;

/// The maximum number of objects that are looked up ahead. The forest's `lookups_max` is also a
/// limit.
const AHEAD: usize = 16;

/// The next objects of a query, in its order: found, or being looked up.
#[derive(Debug)]
pub(super) struct Fetches<O: Object> {
    queue: VecDeque<(u64, Fetch<O>)>,
    room: usize,
}

#[derive(Debug)]
enum Fetch<O: Object> {
    Lookup(TreeLookup<O>),
    Object(O),
}

impl<O: Object> Fetches<O> {
    pub(super) fn new(lookups_max: usize) -> Self {
        let room = lookups_max.min(AHEAD);
        Self { queue: VecDeque::with_capacity(room), room }
    }

    pub(super) fn has_room(&self) -> bool {
        self.queue.len() < self.room
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Begins to look up the object with this timestamp.
    pub(super) fn begin(&mut self, groove: &Groove<O>, timestamp: u64) -> Result<(), StoreError> {
        let fetch = match groove.objects.lookup_memory(timestamp) {
            Some(object) => Fetch::Object(present(groove, Some(*object))?),
            None => Fetch::Lookup(groove.objects.lookup(timestamp, 0)),
        };
        self.queue.push_back((timestamp, fetch));
        Ok(())
    }

    /// Continues all lookups as far as possible without waiting.
    pub(super) fn advance<S: Storage>(
        &mut self,
        groove: &Groove<O>,
        grid: &mut Grid<S>,
    ) -> Result<(), StoreError> {
        for (_, fetch) in &mut self.queue {
            if let Fetch::Lookup(lookup) = fetch
                && let Some(found) = lookup.advance(&groove.objects, grid)
            {
                *fetch = Fetch::Object(present(groove, found?)?);
            }
        }
        Ok(())
    }

    /// Removes and returns the first object, if its lookup has ended.
    pub(super) fn take(&mut self) -> Option<O> {
        match self.queue.front()? {
            (_, Fetch::Lookup(_)) => None,
            (_, Fetch::Object(object)) => {
                let object = *object;
                self.queue.pop_front();
                Some(object)
            }
        }
    }

    /// Drops the objects before this timestamp.
    pub(super) fn skip<S: Storage>(
        &mut self,
        timestamp: u64,
        direction: Direction,
        grid: &mut Grid<S>,
    ) {
        while self.queue.front().is_some_and(|(at, _)| direction.is_before(at, &timestamp)) {
            if let Some((_, Fetch::Lookup(lookup))) = self.queue.pop_front() {
                lookup.abandon(grid);
            }
        }
    }

    /// Abandons all lookups.
    pub(super) fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for (_, fetch) in self.queue.drain(..) {
            if let Fetch::Lookup(lookup) = fetch {
                lookup.abandon(grid);
            }
        }
    }
}

/// Returns the object of an index entry. If there is none, the store is corrupt.
fn present<O: Object>(groove: &Groove<O>, found: Option<O>) -> Result<O, StoreError> {
    found.filter(|object| !object.is_tombstone()).ok_or_else(|| groove.without_object())
}
