//! Grooves: objects with indexes.
//!
//! ```text
//! insert, update, remove --> [ object cache ]    the objects that were prefetched or written
//!                            [ object tree ]     by timestamp
//!                            [ unique keys ]     field -> timestamp, one object per value
//!                            [ indexes ]         (field, timestamp), any number of objects a value
//!                            [ derived indexes ] (function of the object, timestamp)
//! ```
//!
//! - A groove is the set of trees of one type of object. The type is declared with
//!   [`object!`](crate::object), which also declares its unique keys and indexes. A derived index
//!   is on a function of the object.
//! - Work is done in batches. The caller first [prefetches](Groove::prefetch) the objects that the
//!   batch needs, which waits for the device. Then it gets, inserts, updates and removes objects in
//!   memory. A [beat](crate::forest::Forest::beat) ends the batch.
//! - A scope undoes the writes of all trees and of the cache together.
//! - A [query](Groove::query) joins conditions on indexed fields, and returns objects in the order
//!   of their timestamps.
//!
//! # Example
//!
//! ```
//! use downbeat_lsm::collections::Direction;
//! use downbeat_lsm::forest::{Forest, ForestOptions};
//! use downbeat_lsm::groove::{Groove, GrooveOptions, ObjectKey};
//! use downbeat_lsm::object;
//! use downbeat_lsm::storage::MemoryStorage;
//!
//! object! {
//!     /// An account of a bank.
//!     pub struct Account {
//!         pub timestamp: u64 => timestamp,
//!         pub balance: u64,
//!         pub owner: u64 => index,
//!         pub currency: u64 => index,
//!         pub number: u128 => primary,
//!         pub reserved: u128,
//!     }
//!
//!     derived {
//!         /// The thousands of the balance. Smaller balances are not in the index.
//!         thousands: u64 => |account| Some(account.balance / 1000).filter(|it| *it > 0),
//!     }
//! }
//!
//! let options = ForestOptions { scans_max: 8, ..ForestOptions::tiny(1024) };
//! let device = MemoryStorage::new(options.device_size()? as usize, options.layout.sector_size);
//! let accounts = GrooveOptions::tiny(1);
//! let mut forest = Forest::<Groove<Account>, _>::format(device, &options, &accounts, 1)?;
//!
//! for (timestamp, owner, balance) in [(1, 7, 1500), (2, 8, 2000), (3, 7, 500)] {
//!     let number = u128::from(100 + timestamp);
//!     let (accounts, mut reader) = forest.read()?;
//!     accounts.prefetch(&[ObjectKey::primary(number)], &mut reader)?;
//!     assert_eq!(accounts.get(number), None);
//!     let account =
//!         Account { timestamp, balance, owner, currency: 978, number, reserved: 0 };
//!     forest.write()?.insert(&account);
//!     forest.beat()?;
//! }
//!
//! let (accounts, mut reader) = forest.read()?;
//! let condition = Account::owner.equals(7).and(Account::currency.equals(978));
//! let mut found = accounts.query(&condition, Direction::Descending, &mut reader)?;
//! let mut numbers = Vec::new();
//! while let Some(account) = found.next()? {
//!     numbers.push(account.number);
//! }
//! assert_eq!(numbers, [103, 101]);
//!
//! drop(found);
//! let condition = Account::owner.equals(7).and(Account::thousands.within(1, 3));
//! let mut found = accounts.query(&condition, Direction::Descending, &mut reader)?;
//! assert_eq!(found.next()?.map(|account| account.number), Some(101));
//! assert_eq!(found.next()?, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Files: `object` and `field` declare objects, `options` has the sizes. `index` is the tree of a
//! field, and `trees` is the groove as a set of trees. `object_key` names an object, and `prefetch`
//! reads objects into the cache. `condition` and `query` are the conditions and their evaluation,
//! `join` combines them, and `fetch` looks up the objects that a query finds. `contradiction` has
//! the errors for indexes that contradict the objects. `range` returns objects by timestamp, and
//! `inspect` reads whole trees.

mod condition;
mod contradiction;
mod fetch;
mod field;
mod index;
mod inspect;
mod join;
mod object;
mod object_key;
mod options;
mod prefetch;
mod query;
mod range;
mod trees;

pub use condition::{Condition, InvalidCondition};
pub use field::{Field, FieldKind, FieldShape, FieldValue};
pub use object::{Object, TIMESTAMP_MAX};
#[doc(hidden)]
pub use object::{TOMBSTONE, zerocopy};
pub use object_key::ObjectKey;
pub use options::GrooveOptions;
pub use query::Query;
pub use range::Range;

use crate::collections::{CacheMap, CacheMapLookup, KeyHash, ScopeOutcome};
use crate::record::Record;
use crate::scan::Scan;
use crate::tree::Tree;

use fetch::Fetches;
use index::Index;
use object::CachedObject;
use object_key::{TIMESTAMP, primary_field};
use prefetch::Prefetch;
use query::Scans;

/// The trees of one type of object, and the objects in memory; see the [module](self).
#[derive(Debug)]
pub struct Groove<O: Object> {
    options: GrooveOptions,
    objects: Tree<O>,
    /// The trees of the fields that have one, in the order of the fields, and then those of the
    /// derived indexes.
    indexes: Vec<Index>,
    cache: CacheMap<CachedObject<O>, KeyHash>,
    prefetch: Prefetch<O>,
    scans: Scans,
    /// The lookups of [`Groove::query`].
    fetches: Fetches<O>,
    /// The scan of [`Groove::range`].
    range: Scan<O>,
    /// Objects written since the last beat.
    writes: u32,
    scope_is_open: bool,
}

impl<O: Object> Groove<O> {
    /// The options of the groove.
    #[must_use]
    pub fn options(&self) -> &GrooveOptions {
        &self.options
    }

    /// The tree of the objects, by timestamp.
    #[must_use]
    pub fn objects(&self) -> &Tree<O> {
        &self.objects
    }

    /// How many more objects can be inserted, updated or removed before the next beat. Writes that
    /// a scope discards count, too: they may have moved objects from the cache to its stash.
    #[must_use]
    pub fn room(&self) -> u32 {
        self.options.batch_objects_max - self.writes
    }

    /// The object with this primary key; `None` if there is none. Does not read the device.
    ///
    /// # Panics
    ///
    /// If the key was neither prefetched nor written since the last beat, unless the cache still
    /// has its object.
    pub fn get(&mut self, primary: u128) -> Option<O> {
        match self.cache.lookup(primary) {
            CacheMapLookup::Found(object) => Some(object.0),
            CacheMapLookup::Removed => None,
            CacheMapLookup::Absent => {
                assert!(
                    self.prefetch.has(ObjectKey::primary(primary)),
                    "groove: prefetch a key before getting it ({primary})"
                );
                None
            }
        }
    }

    /// The object with this key, which was prefetched; `None` if there is none. Also finds objects
    /// that were written since the prefetch. Does not read the device.
    ///
    /// # Panics
    ///
    /// If the key was not prefetched since the last beat.
    pub fn get_prefetched(&mut self, key: ObjectKey<O>) -> Option<O> {
        let found = self.prefetch.found(key);
        let found = found.and_then(|primary| self.cache.get(primary)).map(|object| object.0);
        // Another object may have the key now.
        found.filter(|object| key.is_of(object)).or_else(|| self.written(key))
    }

    /// The first key of `object` that another object has: its primary key, its timestamp, or one of
    /// its unique keys; `None` if no other object is known to have one of them. Does not read the
    /// device. So [prefetch](Groove::prefetch) a timestamp or unique key that may be taken by an
    /// object that was written long ago.
    ///
    /// # Panics
    ///
    /// The same as [`Groove::get`], for the primary key.
    pub fn taken(&mut self, object: &O) -> Option<ObjectKey<O>> {
        let primary = object.primary();
        if self.get(primary).is_some() {
            return Some(ObjectKey::primary(primary));
        }
        let timestamp = ObjectKey::timestamp(object.timestamp());
        if self.is_known(timestamp) {
            return Some(timestamp);
        }
        for number in 0..self.indexes.len() {
            let index = &self.indexes[number];
            if index.is_unique() {
                let key = ObjectKey::of_field(index.field(), object);
                if let Some(key) = key
                    && self.is_known(key)
                {
                    return Some(key);
                }
            }
        }
        None
    }

    /// Whether an object with this key is in memory, or was prefetched by it and is still there.
    fn is_known(&mut self, key: ObjectKey<O>) -> bool {
        self.written(key).is_some() || self.prefetch.has(key) && self.get_prefetched(key).is_some()
    }

    /// Inserts an object. No object may have its primary key, its timestamp or one of its unique
    /// keys. Objects that are only on the device are not noticed, unless they were prefetched by
    /// this key; see [`Groove::taken`].
    ///
    /// # Panics
    ///
    /// If there is no [room](Groove::room), the timestamp is 0 or above [`TIMESTAMP_MAX`], or
    /// another object is [known](Groove::taken) to have one of the keys. If the primary key was
    /// neither prefetched nor removed since the last beat.
    pub fn insert(&mut self, object: &O) {
        let timestamp = object.timestamp();
        assert!(
            (1..=TIMESTAMP_MAX).contains(&timestamp),
            "groove: a timestamp must be from 1 to {TIMESTAMP_MAX} ({timestamp})"
        );
        if let Some(key) = self.taken(object) {
            let what = match key.field {
                field if field == primary_field::<O>() => "an object must not be inserted twice",
                TIMESTAMP => "no other object may have the timestamp of a new one",
                _ => "no other object may have a unique key of a new one",
            };
            panic!("groove: {what} ({key:?})");
        }
        self.write();
        self.objects.put(object);
        for index in &mut self.indexes {
            if let Some(value) = object.indexed(index.field()) {
                index.put(value, timestamp);
            }
        }
        self.cache.upsert(&CachedObject(*object));
    }

    /// Replaces an object. Only the indexes whose values changed are written. The value of a
    /// derived index may change from none and to none.
    ///
    /// # Panics
    ///
    /// If there is no [room](Groove::room), there is no object with this primary key, or
    /// [`Groove::get`] panics for this key. If the timestamp or a unique key changes.
    pub fn update(&mut self, new: &O) {
        let primary = new.primary();
        let old = self.get(primary);
        let Some(old) = old else { panic!("groove: an updated object must exist ({primary})") };
        let timestamp = new.timestamp();
        assert!(
            old.timestamp() == timestamp,
            "groove: an update must not change the timestamp ({} to {timestamp})",
            old.timestamp(),
        );
        self.write();
        for index in &mut self.indexes {
            let (from, to) = (old.indexed(index.field()), new.indexed(index.field()));
            if from == to {
                continue;
            }
            if let Some(from) = from {
                assert!(
                    !index.is_unique(),
                    "groove: an update must not change a unique key ({from})"
                );
                index.remove(from, timestamp);
            }
            if let Some(to) = to {
                index.put(to, timestamp);
            }
        }
        self.objects.put(new);
        self.cache.upsert(&CachedObject(*new));
    }

    /// Removes the object with this primary key.
    ///
    /// # Panics
    ///
    /// If there is no [room](Groove::room), there is no object with this primary key, or
    /// [`Groove::get`] panics for this key.
    pub fn remove(&mut self, primary: u128) {
        let old = self.get(primary);
        let Some(old) = old else { panic!("groove: a removed object must exist ({primary})") };
        let timestamp = old.timestamp();
        self.write();
        for index in &mut self.indexes {
            if let Some(value) = old.indexed(index.field()) {
                index.remove(value, timestamp);
            }
        }
        self.objects.remove(Record::key(&old));
        self.cache.remove(primary);
    }

    fn write(&mut self) {
        assert!(
            self.writes < self.options.batch_objects_max,
            "groove: a beat must end after at most {} writes",
            self.options.batch_objects_max,
        );
        self.writes += 1;
    }

    /// Opens a scope, whose writes [`Groove::scope_close`] keeps or undoes as a whole. No beat may
    /// run and no prefetch may begin or continue while the scope is open.
    ///
    /// # Panics
    ///
    /// If a scope is open.
    pub fn scope_open(&mut self) {
        self.cache.scope_open();
        self.objects.scope_open();
        for index in &mut self.indexes {
            index.scope_open();
        }
        self.scope_is_open = true;
    }

    /// Closes the scope, and keeps or undoes its writes.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, outcome: ScopeOutcome) {
        assert!(self.scope_is_open, "groove: there is no open scope to close");
        self.scope_is_open = false;
        self.cache.scope_close(outcome);
        self.objects.scope_close(outcome);
        for index in &mut self.indexes {
            index.scope_close(outcome);
        }
    }
}
