//! Prefetch: reads the objects that a batch needs into the cache, many at once.
//!
//! ```text
//! unique key --> [ tree of the field ] --> timestamp --> [ object tree ] --> [ cache ]
//! ```
//!
//! - Each step searches the memtables first, then the levels, which may wait for the device. Up to
//!   [`WORKERS`] keys wait at the same time.
//! - After a prefetch, each object that was found is in the cache until the next beat.
//! - A caller that continues a prefetch by hand may read, write and use scopes meanwhile. A
//!   prefetch that continues after a write begins again, so it finds the objects as they are when
//!   it ends.
//! - If a unique key has an entry whose object does not exist, or has another key, the store is
//!   corrupt.
//!
//! The lookups that wait for the device are in `workers`.

mod workers;

use hashbrown::HashTable;

use super::index::{IndexRecord, IndexTree};
use super::object::CachedObject;
use super::object_key::{ObjectKey, primary_field};
use super::{Groove, Object};
use crate::collections::CacheMapLookup;
use crate::forest::{Reader, StoreError};
use crate::grid::Grid;
use crate::storage::Storage;
use workers::Worker;

/// The maximum number of keys that wait for the device at the same time. The forest's `lookups_max`
/// is also a limit.
const WORKERS: usize = 16;

/// The keys that were prefetched since the last beat.
#[derive(Debug)]
pub(super) struct Prefetch<O: Object> {
    keys_max: u32,
    keys: Vec<Prefetched<O>>,
    /// The places of the keys in `keys`.
    places: HashTable<u32>,
    /// The place of the next key to look up.
    next: usize,
    /// The number of keys before the prefetch that is under way; `None` if none is.
    before: Option<usize>,
    /// The groove's writes when the prefetch that is under way began, or began again.
    writes: u32,
    workers: Vec<Worker<O>>,
    /// The objects that the prefetch under way has found. They are put into the cache when all
    /// lookups have ended, so that a failed prefetch uses no space in the cache.
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
    /// The lookup of the key has not ended.
    Unknown,
    Absent,
    /// The primary key of the object.
    Object(u128),
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
            writes: 0,
            workers: Vec::with_capacity(WORKERS),
            objects: Vec::with_capacity(keys),
        }
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.places.clear();
        self.next = 0;
        self.before = None;
        self.writes = 0;
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

    /// Removes all keys except the first `count`.
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

    /// Whether the key was prefetched. A key whose prefetch is under way was not.
    pub(super) fn has(&self, key: ObjectKey<O>) -> bool {
        self.ended(key).is_some()
    }

    /// The primary key of the object that was found; `None` if there was none.
    ///
    /// # Panics
    ///
    /// If the key was not prefetched.
    pub(super) fn found(&self, key: ObjectKey<O>) -> Option<u128> {
        match self.ended(key) {
            Some(Found::Object(primary)) => Some(primary),
            Some(Found::Absent) => None,
            Some(Found::Unknown) | None => {
                panic!("groove: prefetch a key before getting it ({key:?})")
            }
        }
    }

    /// What was found for a key by a prefetch that has ended.
    fn ended(&self, key: ObjectKey<O>) -> Option<Found> {
        let place = self.place(key)?;
        let is_under_way = self.before.is_some_and(|before| place >= before);
        (!is_under_way).then(|| self.keys[place].found)
    }
}

impl<O: Object> Groove<O> {
    /// Reads the objects with these keys into the cache, and waits for the device. The keys may
    /// repeat. Until the next beat, [`Groove::get`] and [`Groove::get_prefetched`] return the
    /// objects.
    ///
    /// # Errors
    ///
    /// If a block cannot be read. Then no key is prefetched, except the keys that an earlier call
    /// prefetched.
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
    /// device, until the prefetch has ended. The keys are prefetched only then.
    ///
    /// Between these calls, the caller may get objects that were prefetched before, write, and open
    /// and close scopes. A beat abandons the prefetch.
    ///
    /// # Panics
    ///
    /// If more than [`prefetch_max`](super::GrooveOptions::prefetch_max) different keys are
    /// prefetched between two beats, a scope is open, or a prefetch is under way.
    pub fn prefetch_begin(&mut self, keys: &[ObjectKey<O>]) {
        assert!(!self.scope_is_open, "groove: close the scope before a prefetch");
        assert!(self.prefetch.is_idle(), "groove: one prefetch at a time");
        self.prefetch.before = Some(self.prefetch.keys.len());
        self.prefetch.writes = self.writes;
        for key in keys {
            self.prefetch.add(*key);
        }
    }

    /// Continues a prefetch as far as possible without waiting. Returns whether it has ended. After
    /// an error it is not under way any more.
    ///
    /// # Errors
    ///
    /// The same as [`Groove::prefetch`].
    ///
    /// # Panics
    ///
    /// If no prefetch is under way, or a scope is open.
    pub fn prefetch_advance<S: Storage>(
        &mut self,
        reader: &mut Reader<'_, S>,
    ) -> Result<bool, StoreError> {
        assert!(!self.scope_is_open, "groove: close the scope before a prefetch continues");
        assert!(!self.prefetch.is_idle(), "groove: begin a prefetch before it is continued");
        if self.prefetch.writes != self.writes {
            self.prefetch_begin_again(reader.grid());
        }
        let ended = self.prefetch_all(reader);
        match ended {
            Ok(false) => {}
            Ok(true) => self.keep_found(),
            Err(_) => self.prefetch_abandon(reader.grid()),
        }
        ended
    }

    /// Abandons the prefetch that is under way, if there is one. Its new keys are then not
    /// prefetched.
    pub fn prefetch_abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        let Some(before) = self.prefetch.before.take() else { return };
        for worker in self.prefetch.workers.drain(..) {
            worker.abandon(grid);
        }
        self.prefetch.objects.clear();
        self.prefetch.truncate(before);
    }

    /// Drops what the prefetch under way has found: objects may have been written since.
    #[cold]
    fn prefetch_begin_again<S: Storage>(&mut self, grid: &mut Grid<S>) {
        let Prefetch { next, before, writes, workers, objects, .. } = &mut self.prefetch;
        for worker in workers.drain(..) {
            worker.abandon(grid);
        }
        objects.clear();
        (*next, *writes) = (before.unwrap_or(*next), self.writes);
    }

    /// Puts the objects that were found into the cache. None was written since it was found.
    fn keep_found(&mut self) {
        self.prefetch.before = None;
        while let Some(object) = self.prefetch.objects.pop() {
            if let CacheMapLookup::Absent = self.cache.lookup(object.primary()) {
                self.cache.upsert(&CachedObject(object));
            }
        }
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
}

/// The timestamp of an entry that is not a tombstone.
fn live<R: IndexRecord>(entry: &R) -> Option<u64> {
    (!entry.is_tombstone()).then(|| entry.timestamp())
}
