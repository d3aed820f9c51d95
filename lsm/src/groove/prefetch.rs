//! Prefetch: reads the objects that a batch needs into the cache, many at once.
//!
//! ```text
//! unique key --> [ tree of the field ] --> timestamp --> [ object tree ] --> [ cache ]
//! ```
//!
//! - Each step searches the memtables first, then the levels, which may wait for the device. Up to
//!   [`WORKERS`] keys wait at the same time.
//! - After a prefetch, a key that was found is in the cache until the next beat.
//! - An entry of a unique key without its object is a corruption.

use std::fmt::{Debug, Formatter, Result as Formatted};
use std::hash::BuildHasher;
use std::marker::PhantomData;

use hashbrown::HashTable;

use super::index::{Index, IndexRecord, IndexTree, Unique64, Unique128};
use super::object::{CachedObject, PrimaryHash};
use super::{Field, FieldKind, FieldValue, Groove, Object, TIMESTAMP_MAX};
use crate::block::{Corruption, Place, Reason};
use crate::collections::CacheMapLookup;
use crate::forest::{Reader, StoreError};
use crate::grid::{Grid, GridError};
use crate::storage::Storage;
use crate::tree::{Tree, TreeLookup};

/// The maximum number of keys that wait for the device at the same time. The forest's `lookups_max`
/// is also a limit.
const WORKERS: usize = 16;

/// The number of the timestamp in an [`ObjectKey`]. The timestamp is not a field with a tree.
const TIMESTAMP: usize = usize::MAX;

/// A key that at most one object has.
pub struct ObjectKey<O> {
    field: usize,
    value: u128,
    object: PhantomData<fn() -> O>,
}

impl<O: Object> ObjectKey<O> {
    /// The object with this timestamp.
    #[must_use]
    pub fn timestamp(timestamp: u64) -> Self {
        Self { field: TIMESTAMP, value: u128::from(timestamp), object: PhantomData }
    }

    /// The object with this primary key.
    #[must_use]
    pub fn primary(primary: u128) -> Self {
        Self { field: primary_field::<O>(), value: primary, object: PhantomData }
    }

    /// The object whose field has this value.
    ///
    /// # Panics
    ///
    /// If the field is neither unique nor primary.
    #[must_use]
    pub fn unique<V: FieldValue>(field: Field<O, V>, value: V) -> Self {
        let shape = &O::FIELDS[field.number];
        assert!(shape.kind.is_unique(), "groove: the field must be unique ({})", shape.name);
        Self { field: field.number, value: value.number(), object: PhantomData }
    }
}

impl<O> Clone for ObjectKey<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for ObjectKey<O> {}

impl<O> Debug for ObjectKey<O> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        match self.field {
            TIMESTAMP => write!(formatter, "timestamp {}", self.value),
            field => write!(formatter, "field {field} = {}", self.value),
        }
    }
}

/// The keys that were prefetched since the last beat.
#[derive(Debug)]
pub(super) struct Prefetch<O: Object> {
    keys_max: u32,
    keys: Vec<Prefetched<O>>,
    /// The places of the keys in `keys`.
    places: HashTable<u32>,
    /// The place of the first key that no worker has begun with.
    next: usize,
    /// The number of keys before the prefetch that is under way; `None` if none is.
    before: Option<usize>,
    workers: Vec<Worker<O>>,
    /// The objects that the prefetch under way has found. They go into the cache when all keys are
    /// known, so that a prefetch that fails takes no room in the cache.
    objects: Vec<O>,
}

#[derive(Debug)]
struct Prefetched<O> {
    key: ObjectKey<O>,
    found: Found,
}

/// What a prefetch found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The prefetch has not ended.
    Unknown,
    Absent,
    /// The primary key of the object.
    Object(u128),
}

/// A key that is looked up, by its place.
#[derive(Debug)]
struct Worker<O: Object> {
    place: usize,
    step: Step<O>,
}

#[derive(Debug)]
enum Step<O: Object> {
    Unique64(TreeLookup<Unique64>),
    Unique128(TreeLookup<Unique128>),
    Object(TreeLookup<O>),
}

/// How far a key is known.
enum Known<O: Object> {
    Object(O),
    Absent,
    Step(Step<O>),
}

impl<O: Object> Prefetch<O> {
    pub(super) fn new(keys_max: u32) -> Self {
        let keys = keys_max as usize;
        Self {
            keys_max,
            keys: Vec::with_capacity(keys),
            places: HashTable::with_capacity(keys),
            next: 0,
            before: None,
            workers: Vec::with_capacity(WORKERS),
            objects: Vec::with_capacity(keys),
        }
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.places.clear();
        self.next = 0;
        self.before = None;
        self.workers.clear();
        self.objects.clear();
    }

    /// Whether no prefetch is under way.
    fn is_idle(&self) -> bool {
        self.before.is_none()
    }

    fn place(&self, key: ObjectKey<O>) -> Option<usize> {
        let is_same = |place: &u32| self.keys[*place as usize].key.same(&key);
        self.places.find(key.hash(), is_same).map(|place| *place as usize)
    }

    /// Adds a key, if it is new.
    fn add(&mut self, key: ObjectKey<O>) {
        if self.place(key).is_some() {
            return;
        }
        assert!(
            self.keys.len() < self.keys_max as usize,
            "groove: at most {} keys are prefetched between two beats",
            self.keys_max,
        );
        let place = self.keys.len() as u32;
        self.keys.push(Prefetched { key, found: Found::Unknown });
        let keys = &self.keys;
        self.places.insert_unique(key.hash(), place, |it| keys[*it as usize].key.hash());
    }

    /// Removes the keys from this place on.
    fn truncate(&mut self, count: usize) {
        for place in (count..self.keys.len()).rev() {
            let hash = self.keys[place].key.hash();
            if let Ok(entry) = self.places.find_entry(hash, |it| *it as usize == place) {
                entry.remove();
            }
        }
        self.keys.truncate(count);
        self.next = count;
        self.objects.clear();
    }

    /// Whether the key was prefetched.
    pub(super) fn has(&self, key: ObjectKey<O>) -> bool {
        self.place(key).is_some()
    }

    /// The primary key of the object that was found.
    ///
    /// # Panics
    ///
    /// If the key was not prefetched.
    pub(super) fn found(&self, key: ObjectKey<O>) -> Option<u128> {
        match self.place(key).map(|place| self.keys[place].found) {
            Some(Found::Object(primary)) => Some(primary),
            Some(Found::Absent) => None,
            Some(Found::Unknown) | None => {
                panic!("groove: prefetch a key before getting it ({key:?})")
            }
        }
    }
}

impl<O: Object> Groove<O> {
    /// Reads the objects with these keys into the cache, and waits for the device. The keys may
    /// repeat. Until the next beat, [`Groove::get`] and [`Groove::get_prefetched`] return the
    /// objects.
    ///
    /// # Errors
    ///
    /// If a block cannot be read. The keys then do not count as prefetched, except those that an
    /// earlier call prefetched.
    ///
    /// # Panics
    ///
    /// The same as [`Groove::prefetch_begin`].
    pub fn prefetch<S: Storage>(
        &mut self,
        keys: &[ObjectKey<O>],
        reader: &mut Reader<'_, S>,
    ) -> Result<(), StoreError> {
        self.prefetch_begin(keys);
        while !self.prefetch_advance(reader)? {
            if let Err(error) = reader.step() {
                self.prefetch_abandon(reader.grid());
                return Err(StoreError::Grid(error));
            }
        }
        Ok(())
    }

    /// Begins a prefetch. Call [`Groove::prefetch_advance`] next, and after each step of the
    /// device.
    ///
    /// # Panics
    ///
    /// If more than [`prefetch_max`](super::GrooveOptions::prefetch_max) different keys are
    /// prefetched between two beats, a scope is open, or a prefetch is under way.
    pub fn prefetch_begin(&mut self, keys: &[ObjectKey<O>]) {
        assert!(!self.scope_is_open, "groove: close the scope before a prefetch");
        assert!(self.prefetch.is_idle(), "groove: one prefetch at a time");
        self.prefetch.before = Some(self.prefetch.keys.len());
        for key in keys {
            self.prefetch.add(*key);
        }
    }

    /// Continues a prefetch as far as possible without waiting. Returns whether it has ended.
    ///
    /// # Errors
    ///
    /// The same as [`Groove::prefetch`].
    pub fn prefetch_advance<S: Storage>(
        &mut self,
        reader: &mut Reader<'_, S>,
    ) -> Result<bool, StoreError> {
        let ended = self.prefetch_all(reader);
        match ended {
            Ok(false) => {}
            Ok(true) => self.keep_found(),
            Err(_) => self.prefetch_abandon(reader.grid()),
        }
        ended
    }

    /// Abandons the prefetch that is under way, if there is one. Its keys do not count as prefetched.
    pub fn prefetch_abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        let Some(before) = self.prefetch.before.take() else { return };
        for Worker { step, .. } in self.prefetch.workers.drain(..) {
            match step {
                Step::Unique64(lookup) => lookup.abandon(grid),
                Step::Unique128(lookup) => lookup.abandon(grid),
                Step::Object(lookup) => lookup.abandon(grid),
            }
        }
        self.prefetch.objects.clear();
        self.prefetch.truncate(before);
    }

    /// Puts the objects that were found into the cache.
    fn keep_found(&mut self) {
        self.prefetch.before = None;
        while let Some(object) = self.prefetch.objects.pop() {
            if self.cache.get(object.primary()).is_none() {
                self.cache.upsert(&CachedObject(object));
            }
        }
    }

    /// Returns whether all keys are known. If not, a worker waits for the device.
    fn prefetch_all<S: Storage>(&mut self, reader: &mut Reader<'_, S>) -> Result<bool, StoreError> {
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
                    Known::Object(object) => self.keep(place, &object),
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
                    Known::Object(object) => self.keep(place, &object),
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

    /// Notes the object that was found.
    fn keep(&mut self, place: usize, object: &O) {
        self.prefetch.objects.push(*object);
        self.prefetch.keys[place].found = Found::Object(object.primary());
    }

    /// The object that was written with this key since the key was prefetched; `None` if there is
    /// none.
    pub(super) fn written(&mut self, key: ObjectKey<O>) -> Option<O> {
        if key.field == primary_field::<O>() {
            return self.cache.get(key.value).map(|object| object.0);
        }
        let index = self.indexes.iter().find(|index| index.field() == key.field);
        let timestamp = match index.map(|index| &index.tree) {
            None => u64::try_from(key.value).ok(),
            Some(IndexTree::Unique64(tree)) => {
                let value = u64::try_from(key.value).ok()?;
                tree.lookup_memory(value).and_then(live)
            }
            Some(IndexTree::Unique128(tree)) => tree.lookup_memory(key.value).and_then(live),
            Some(IndexTree::Index64(_) | IndexTree::Index128(_)) => {
                unreachable!("groove: the field must be unique ({key:?})")
            }
        };
        let object = self.objects.lookup_memory(timestamp?)?;
        (!object.is_tombstone()).then_some(*object)
    }

    /// Searches memory for a key.
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
        self.object_at(timestamp).ok_or_else(|| self.without_object())
    }

    /// Searches memory for an object. Returns `None` if it was removed.
    fn object_at(&self, timestamp: u64) -> Option<Known<O>> {
        match self.objects.lookup_memory(timestamp) {
            Some(object) if object.is_tombstone() => None,
            Some(object) => Some(Known::Object(*object)),
            None if !self.objects.key_range_contains(timestamp) => None,
            None => Some(Known::Step(Step::Object(self.objects.lookup(timestamp, 0)))),
        }
    }

    /// The error for an entry of a tree whose object does not exist.
    pub(super) fn without_object(&self) -> StoreError {
        let place = Place::Tree(self.objects.id());
        let reason = Reason::Meaning("an index has an entry whose object does not exist");
        StoreError::Grid(GridError::Corruption(Corruption { place, reason }))
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
                    None => Err(self.without_object()),
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

/// The number of the primary field, or that of the timestamp if no field is primary.
fn primary_field<O: Object>() -> usize {
    O::FIELDS.iter().position(|field| field.kind == FieldKind::Primary).unwrap_or(TIMESTAMP)
}

impl<O> ObjectKey<O> {
    /// Whether an object has this key.
    pub(super) fn is_of(&self, object: &O) -> bool
    where
        O: Object,
    {
        let value = match self.field {
            TIMESTAMP => u128::from(object.timestamp()),
            field => object.value(field),
        };
        value == self.value
    }

    fn same(&self, other: &Self) -> bool {
        (self.field, self.value) == (other.field, other.value)
    }

    fn hash(&self) -> u64 {
        PrimaryHash.hash_one((self.field as u64, self.value))
    }
}

/// The timestamp of an entry that is not a tombstone.
fn live<R: IndexRecord>(entry: &R) -> Option<u64> {
    (!entry.is_tombstone()).then(|| entry.timestamp())
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
