//! The lookups of a prefetch that are under way at the same time.

use super::{Found, WORKERS};
use crate::collections::CacheMapLookup;
use crate::forest::{Reader, StoreError};
use crate::grid::{Grid, GridError};
use crate::groove::contradiction::{with_other_values, without_object};
use crate::groove::index::{Index, IndexRecord, IndexTree, Unique64, Unique128};
use crate::groove::object_key::{ObjectKey, primary_field};
use crate::groove::{Groove, Object, TIMESTAMP_MAX};
use crate::storage::Storage;
use crate::tree::{Tree, TreeLookup};

/// A lookup of the key at a place.
#[derive(Debug)]
pub(super) struct Worker<O: Object> {
    place: usize,
    step: Step<O>,
}

#[derive(Debug)]
enum Step<O: Object> {
    Unique64(TreeLookup<Unique64>),
    Unique128(TreeLookup<Unique128>),
    Object(TreeLookup<O>),
}

/// What is known about a key.
enum Known<O: Object> {
    Object(O),
    Absent,
    Step(Step<O>),
}

impl<O: Object> Worker<O> {
    pub(super) fn abandon<S: Storage>(self, grid: &mut Grid<S>) {
        match self.step {
            Step::Unique64(lookup) => lookup.abandon(grid),
            Step::Unique128(lookup) => lookup.abandon(grid),
            Step::Object(lookup) => lookup.abandon(grid),
        }
    }
}

impl<O: Object> Groove<O> {
    /// Continues all lookups as far as possible without waiting. Returns whether all of them have
    /// ended.
    pub(super) fn prefetch_all<S: Storage>(
        &mut self,
        reader: &mut Reader<'_, S>,
    ) -> Result<bool, StoreError> {
        let workers_max = reader.lookups_max().min(WORKERS);
        loop {
            while self.prefetch.workers.len() < workers_max
                && self.prefetch.next < self.prefetch.keys.len()
            {
                let place = self.prefetch.next;
                self.prefetch.next += 1;
                match self.begin(self.prefetch.keys[place].key)? {
                    Known::Step(step) => self.prefetch.workers.push(Worker { place, step }),
                    Known::Absent => self.prefetch.keys[place].found = Found::Absent,
                    Known::Object(object) => self.keep(place, &object)?,
                }
            }
            if self.prefetch.workers.is_empty() {
                return Ok(true);
            }
            let mut number = 0;
            let mut has_progressed = false;
            while number < self.prefetch.workers.len() {
                let Some(known) = self.advance(number, reader.grid())? else {
                    number += 1;
                    continue;
                };
                has_progressed = true;
                if let Known::Step(step) = known {
                    self.prefetch.workers[number].step = step;
                    continue;
                }
                let place = self.prefetch.workers.swap_remove(number).place;
                match known {
                    Known::Object(object) => self.keep(place, &object)?,
                    Known::Absent | Known::Step(_) => {
                        self.prefetch.keys[place].found = Found::Absent;
                    }
                }
            }
            if !has_progressed {
                return Ok(false);
            }
        }
    }

    /// Notes the object that was found. It must have the key.
    fn keep(&mut self, place: usize, object: &O) -> Result<(), StoreError> {
        if !self.prefetch.keys[place].key.is_of(object) {
            return Err(with_other_values(&self.objects));
        }
        self.prefetch.objects.push(*object);
        self.prefetch.keys[place].found = Found::Object(object.primary());
        Ok(())
    }

    /// Searches memory for a key. If the levels may have it, begins to look it up there.
    fn begin(&mut self, key: ObjectKey<O>) -> Result<Known<O>, StoreError> {
        if key.field == primary_field::<O>() {
            match self.cache.lookup(key.value) {
                CacheMapLookup::Found(object) => return Ok(Known::Object(object.0)),
                CacheMapLookup::Removed => return Ok(Known::Absent),
                CacheMapLookup::Absent => {}
            }
        }
        let Some(Index { tree, .. }) = self.indexes.iter().find(|index| index.field() == key.field)
        else {
            return match u64::try_from(key.value) {
                Ok(timestamp) if (1..=TIMESTAMP_MAX).contains(&timestamp) => {
                    Ok(self.object_at(timestamp).unwrap_or(Known::Absent))
                }
                _ => Ok(Known::Absent),
            };
        };
        let searched = match tree {
            IndexTree::Unique64(tree) => match u64::try_from(key.value) {
                Ok(value) => search(tree, value).map(Step::Unique64),
                Err(_) => Searched::Absent,
            },
            IndexTree::Unique128(tree) => search(tree, key.value).map(Step::Unique128),
            IndexTree::Index64(_) | IndexTree::Index128(_) => {
                unreachable!("groove: the field must be unique ({key:?})")
            }
        };
        match searched {
            Searched::Absent => Ok(Known::Absent),
            Searched::Levels(step) => Ok(Known::Step(step)),
            Searched::Timestamp(timestamp) => self.object_of(timestamp),
        }
    }

    /// Searches memory for the object of an entry of a unique key. The object must exist.
    fn object_of(&self, timestamp: u64) -> Result<Known<O>, StoreError> {
        self.object_at(timestamp).ok_or_else(|| without_object(&self.objects))
    }

    /// Searches memory for an object. If the levels may have it, begins to look it up there.
    /// Returns `None` if there is no such object.
    fn object_at(&self, timestamp: u64) -> Option<Known<O>> {
        match self.objects.lookup_memory(timestamp) {
            Some(object) if object.is_tombstone() => None,
            Some(object) => Some(Known::Object(*object)),
            None if !self.objects.key_range_contains(timestamp) => None,
            None => Some(Known::Step(Step::Object(self.objects.lookup(timestamp, 0)))),
        }
    }

    /// Continues a worker. Returns `None` if it waits for the device.
    fn advance<S: Storage>(
        &mut self,
        number: usize,
        grid: &mut Grid<S>,
    ) -> Result<Option<Known<O>>, StoreError> {
        let Self { prefetch, indexes, objects, .. } = self;
        let Worker { place, step } = &mut prefetch.workers[number];
        let key = prefetch.keys[*place].key;
        let index = indexes.iter().find(|index| index.field() == key.field);
        let timestamp = match (step, index.map(|index| &index.tree)) {
            (Step::Object(lookup), _) => {
                let Some(found) = lookup.advance(objects, grid) else { return Ok(None) };
                let object = found?.filter(|object| !object.is_tombstone());
                return match object {
                    Some(object) => Ok(Some(Known::Object(object))),
                    None if index.is_none() => Ok(Some(Known::Absent)),
                    None => Err(without_object(&self.objects)),
                };
            }
            (Step::Unique64(lookup), Some(IndexTree::Unique64(tree))) => {
                lookup.advance(tree, grid).map(entry)
            }
            (Step::Unique128(lookup), Some(IndexTree::Unique128(tree))) => {
                lookup.advance(tree, grid).map(entry)
            }
            (Step::Unique64(_) | Step::Unique128(_), _) => {
                unreachable!("groove: a lookup belongs to the tree of its field")
            }
        };
        match timestamp {
            None => Ok(None),
            Some(timestamp) => match timestamp? {
                None => Ok(Some(Known::Absent)),
                Some(timestamp) => self.object_of(timestamp).map(Some),
            },
        }
    }
}

/// The timestamp of the entry that was found.
fn entry<R: IndexRecord>(found: Result<Option<R>, GridError>) -> Result<Option<u64>, GridError> {
    Ok(found?.filter(|entry| !entry.is_tombstone()).map(|entry| entry.timestamp()))
}

/// The result of a search of the memtables of a unique key's tree.
enum Searched<T> {
    Timestamp(u64),
    Absent,
    Levels(T),
}

impl<T> Searched<T> {
    fn map<U>(self, to: impl FnOnce(T) -> U) -> Searched<U> {
        match self {
            Self::Timestamp(timestamp) => Searched::Timestamp(timestamp),
            Self::Absent => Searched::Absent,
            Self::Levels(lookup) => Searched::Levels(to(lookup)),
        }
    }
}

fn search<R: IndexRecord>(tree: &Tree<R>, key: R::Key) -> Searched<TreeLookup<R>> {
    match tree.lookup_memory(key) {
        Some(entry) if entry.is_tombstone() => Searched::Absent,
        Some(entry) => Searched::Timestamp(entry.timestamp()),
        None if !tree.key_range_contains(key) => Searched::Absent,
        None => Searched::Levels(tree.lookup(key, 0)),
    }
}
