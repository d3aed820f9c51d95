//! Looks up the next objects of a query before the caller asks for them.
//!
//! An error of a lookup takes the place of its object, and is returned when the object would be.

use std::collections::VecDeque;

use super::Object;
use super::contradiction::without_object;
use crate::collections::Direction;
use crate::forest::StoreError;
use crate::grid::Grid;
use crate::storage::Storage;
use crate::tree::{Tree, TreeLookup};

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
    Failed(StoreError),
}

impl<O: Object> Fetches<O> {
    pub(super) fn new() -> Self {
        Self { queue: VecDeque::with_capacity(AHEAD), room: 0 }
    }

    /// Begins a query with up to `lookups_max` lookups.
    pub(super) fn start(&mut self, lookups_max: usize) {
        assert!(self.is_empty(), "groove: the lookups of the last query must be abandoned");
        self.room = lookups_max.min(AHEAD);
    }

    pub(super) fn has_room(&self) -> bool {
        self.queue.len() < self.room
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Begins to look up the object with this timestamp.
    pub(super) fn begin(&mut self, objects: &Tree<O>, timestamp: u64) {
        let fetch = match objects.lookup_memory(timestamp) {
            Some(object) => Fetch::present(objects, Some(*object)),
            None => Fetch::Lookup(objects.lookup(timestamp, 0)),
        };
        self.queue.push_back((timestamp, fetch));
    }

    /// Continues all lookups as far as possible without waiting.
    pub(super) fn advance<S: Storage>(&mut self, objects: &Tree<O>, grid: &mut Grid<S>) {
        for (_, fetch) in &mut self.queue {
            if let Fetch::Lookup(lookup) = fetch
                && !lookup.is_waiting(grid)
                && let Some(found) = lookup.advance(objects, grid)
            {
                *fetch = match found {
                    Ok(object) => Fetch::present(objects, object),
                    Err(error) => Fetch::Failed(StoreError::Grid(error)),
                };
            }
        }
    }

    /// Removes and returns the first object, or the error of its lookup, if the lookup has ended.
    pub(super) fn take(&mut self) -> Option<Result<O, StoreError>> {
        let taken = match self.queue.front()? {
            (_, Fetch::Lookup(_)) => return None,
            (_, Fetch::Object(object)) => Ok(*object),
            (_, Fetch::Failed(error)) => Err(*error),
        };
        self.queue.pop_front();
        Some(taken)
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

impl<O: Object> Fetch<O> {
    /// The object of an index entry. If there is none, the store is corrupt.
    fn present(objects: &Tree<O>, found: Option<O>) -> Self {
        match found.filter(|object| !object.is_tombstone()) {
            Some(object) => Self::Object(object),
            None => Self::Failed(without_object(objects)),
        }
    }
}
