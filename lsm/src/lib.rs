//! An embedded store of fixed-size records, sorted by key, on a log-structured merge tree.
//!
//! The library runs on the caller's thread, is deterministic, uses a fixed amount of memory, and
//! contains no unsafe code. The records of a checkpoint survive crashes.
//!
//! # Example
//!
//! A store in a file: put, remove, get, range, checkpoint, and open again.
//!
//! ```
//! use downbeat_lsm::record::{Record, Usage};
//! use downbeat_lsm::storage::{FileStorage, SystemFile};
//! use downbeat_lsm::store::{Store, StoreOptions};
//! use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};
//!
//! /// A record: plain bytes, with a key and a tombstone.
//! #[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
//! #[repr(C)]
//! struct Balance {
//!     account: u64,
//!     amount: u64,
//! }
//!
//! impl Record for Balance {
//!     type Key = u64;
//!     const USAGE: Usage = Usage::General;
//!
//!     fn key(&self) -> u64 {
//!         self.account
//!     }
//!     fn is_tombstone(&self) -> bool {
//!         self.amount == u64::MAX
//!     }
//!     fn tombstone(account: u64) -> Self {
//!         Balance { account, amount: u64::MAX }
//!     }
//! }
//!
//! // 1,024 blocks of 64 KiB on the device, and up to 256 of them in the cache.
//! let mut options = StoreOptions::production(1024);
//! options.cache.sets = 16;
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("balances");
//! let file = SystemFile::create(&path, options.device_size()?)?;
//! let device = FileStorage::new(file, options.layout.sector_size);
//! let mut store = Store::<Balance, FileStorage>::format(device, &options, 1)?;
//! for account in 1..=5 {
//!     store.put(&Balance { account, amount: 100 * account })?;
//! }
//! store.remove(2)?;
//! assert_eq!(store.get(2)?, None);
//! assert_eq!(store.get(3)?, Some(Balance { account: 3, amount: 300 }));
//!
//! // Makes all writes so far durable.
//! store.checkpoint()?;
//! drop(store);
//!
//! let device = FileStorage::new(SystemFile::open(&path)?, options.layout.sector_size);
//! let mut store = Store::<Balance, FileStorage>::open(device, &options)?;
//! let mut accounts = Vec::new();
//! for balance in store.range(2..=4).rev() {
//!     accounts.push(balance?.account);
//! }
//! assert_eq!(accounts, [4, 3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`store`] documents the calls, the errors, and when writes are durable. [`durable_store`] is the
//! same store with a log, so that every write is durable when it returns. [`groove`] has objects
//! with indexes, and [`state_machine`] a service whose every acknowledged request survives a crash.
//! `ARCHITECTURE.md`, beside this crate's `Cargo.toml`, explains how the parts work together;
//! `FORMAT.md` describes the bytes on the device.
//!
//! # Layers
//!
//! A layer uses only layers above it in this table.
//!
//! | Layer | Contents |
//! |---|---|
//! | [`collections`] | Data structures in a fixed amount of memory |
//! | [`block`] | Blocks: header, checksum, and the kinds of corruption |
//! | [`storage`] | Devices with a queue: memory, a file |
//! | [`superblock`] | The root of a store: its last checkpoint, in several copies |
//! | [`grid`] | The device's blocks: allocation, write queue, cache, reads |
//! | [`checkpoint`] | The order in which grid and superblock are written |
//! | [`manifest`] | The tables of each level, and which of them a snapshot sees |
//! | [`record`] | Records: fixed-size bytes with a key and a tombstone |
//! | [`merge`] | Merging of sorted streams of records |
//! | [`table`] | Tables: the two memtables, and sorted runs on the device |
//! | [`manifest_log`] | The log of the tables of all trees, on the device |
//! | [`compaction`] | Merging of tables into the next level, one beat at a time |
//! | `beat` | The scheduler of beats, and the interface of a tree to it |
//! | [`tree`] | A tree: memtables and levels |
//! | [`scan`] | The records of a range of keys, in order |
//! | [`forest`] | Several trees in one store on a device |
//! | [`groove`] | Objects with unique keys and indexes, in several trees |
//! | [`store`] | A store of one tree on a device |
//! | [`request_log`] | The requests since the last checkpoint, on a device of their own |
//! | [`state_machine`] | State machines on a forest, and a durable service |
//! | [`durable_store`] | A store of one tree with a log: every write is durable |
//!
//! # Promises of every layer
//!
//! - **Determinism.** No clock, thread, hash seed or unordered iteration affects a result: the same
//!   calls give the same results and the same bytes on the device. `clippy.toml` rejects code that
//!   could break this. Structures that need a hash take the hasher from the caller.
//! - **Fixed memory.** The constructors validate the options and allocate the large structures,
//!   which never grow. After construction only short lists are allocated: the queues of the device
//!   and of reads, and the buffers of a free set that is being read or written.
//! - **Bugs panic, corruption is a value, the environment is an error.** A violated precondition or
//!   invariant is a failed assertion, in release builds too. The assertion's message starts with
//!   the component's name and a colon. Checks of whole structures run in unit tests and with the
//!   feature `verify`.
//! - **No unsafe code.**
//!
//! # The cache map
//!
//! [`collections::CacheMap`] is the object cache of [grooves](groove). A groove reads and updates
//! its objects in this map. The map keeps everything that was written since the last compaction,
//! and can undo a scope. It can also be used without a groove.
//!
//! ```
//! use std::hash::{BuildHasherDefault, Hasher};
//! use downbeat_lsm::collections::{
//!     CacheMap, CacheMapLookup, CacheMapOptions, CacheOptions, Cached, ScopeOutcome, Ways,
//! };
//!
//! /// A hasher without a seed: the caller chooses it.
//! #[derive(Default)]
//! struct Multiply(u64);
//!
//! impl Hasher for Multiply {
//!     fn write(&mut self, bytes: &[u8]) {
//!         for &byte in bytes {
//!             self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
//!         }
//!     }
//!     fn finish(&self) -> u64 {
//!         self.0
//!     }
//! }
//!
//! #[derive(Clone, Copy, Debug, PartialEq)]
//! struct Account {
//!     id: u64,
//!     balance: u64,
//! }
//!
//! impl Cached for Account {
//!     type Key = u64;
//!     fn key(&self) -> u64 {
//!         self.id
//!     }
//! }
//!
//! let options = CacheMapOptions {
//!     cache: Some(CacheOptions { ways: Ways::Sixteen, sets: 4 }),
//!     stash_capacity: 64,
//!     scope_capacity: 16,
//! };
//! let mut map = CacheMap::new(options, BuildHasherDefault::<Multiply>::default())?;
//!
//! map.upsert(&Account { id: 1, balance: 10 });
//! map.scope_open();
//! map.upsert(&Account { id: 1, balance: 99 });
//! map.remove(1);
//! assert_eq!(map.lookup(1), CacheMapLookup::Removed);
//! map.scope_close(ScopeOutcome::Discard);
//! assert_eq!(map.get(1), Some(&Account { id: 1, balance: 10 }));
//! # Ok::<(), downbeat_lsm::collections::InvalidOptions>(())
//! ```

#![forbid(unsafe_code)]
#![deny(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::iter_over_hash_type
)]
// This lint can be allowed only for a whole crate.
#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod beat;
pub mod block;
mod check;
pub mod checkpoint;
pub mod collections;
pub mod compaction;
pub mod durable_store;
pub mod forest;
pub mod grid;
pub mod groove;
pub mod manifest;
pub mod manifest_log;
pub mod merge;
pub mod record;
pub mod request_log;
pub mod scan;
pub mod state_machine;
pub mod storage;
pub mod store;
pub mod superblock;
pub mod table;
pub mod tree;

// Unit tests use the records of `tests/`, which refer to this crate by its name.
#[cfg(test)]
extern crate self as downbeat_lsm;
#[cfg(test)]
#[path = "../tests/records/mod.rs"]
#[expect(dead_code, reason = "other tests put tombstones by number")]
mod test_records;

// The example in the README is also a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
