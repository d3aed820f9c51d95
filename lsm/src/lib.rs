//! A log-structured merge tree core: a plain library, one thread, deterministic.
//!
//! The crate is built in layers, each of which uses only those before it. What exists so far:
//!
//! | Layer | What it holds |
//! |---|---|
//! | [`collections`] | Data structures of fixed memory that know nothing about trees |
//! | [`block`] | Bytes that prove to be the right ones |
//! | [`storage`] | Devices of sectors with a queue: memory, a file |
//! | [`superblock`] | Which checkpoint the store is at |
//! | [`grid`] | The blocks: allocated, written, cached, read |
//! | [`checkpoint`] | The order in which grid and superblock are written |
//! | [`manifest`] | Which tables a level holds, and which of them a snapshot sees |
//! | [`record`] | What trees hold: fixed bytes with a key and a tombstone |
//! | [`merge`] | Sorted streams of records made one |
//! | [`table`] | Sorted runs of records, in memory and on disk |
//! | [`manifest_log`] | Which tables there are, on disk |
//! | [`compaction`] | Tables merged into the next level, a beat's worth at a time |
//! | [`tree`] | Tables in memory and on disk, newest first |
//! | [`scan`] | The records of a range, in order |
//! | [`forest`] | The beats of all trees of a store |
//! | [`store`] | A device, opened: put, remove, get, scan, checkpoint |
//!
//! # Promises of every layer
//!
//! - **Determinism.** No clock, thread, hash seed or unordered iteration decides anything: the same
//!   calls give the same results and the same state. `clippy.toml` refuses what could break it;
//!   whatever hashes takes its hasher from the caller.
//! - **Fixed memory.** Everything is allocated by the constructors, from options that are checked
//!   once. Nothing grows afterwards.
//! - **Bugs panic.** A broken requirement of a call or of a structure is an assertion, in release
//!   builds too. Its message starts with the component's name and a colon. Checks of a whole
//!   structure run in unit tests and with the feature `verify`.
//! - **No unsafe code.**
//!
//! # Example
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
// The lint is for whole crates only.
#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

pub mod block;
mod check;
pub mod checkpoint;
pub mod collections;
pub mod compaction;
pub mod forest;
pub mod grid;
pub mod manifest;
pub mod manifest_log;
pub mod merge;
pub mod record;
pub mod scan;
pub mod storage;
pub mod store;
pub mod superblock;
pub mod table;
pub mod tree;

// Tests in here and those in `tests` have the same records, which call the core by its name.
#[cfg(test)]
extern crate self as downbeat_lsm;
#[cfg(test)]
#[path = "../tests/records/mod.rs"]
#[expect(dead_code, reason = "other tests put tombstones by number")]
mod test_records;
