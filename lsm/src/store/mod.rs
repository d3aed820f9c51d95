//! A store of one tree of records on a device: put, remove, get, range, checkpoint.
//!
//! ```text
//! put, remove   write to memory; a beat runs first if the memory for new records is full
//! write         writes a batch of puts and removals in one beat
//! get, range    return the newest record of each key, from memory and from the device
//! beat          sorts the records put since the last beat, and does a share of the compaction;
//!               some beats take a checkpoint
//! checkpoint    runs beats until all puts and removals so far are durable
//! verify        reads every block from the device; stats describes the store
//! ```
//!
//! - A checkpoint makes the store durable up to a beat. After a crash the store has exactly the
//!   content of the last checkpoint.
//! - There is no write-ahead log. A caller that needs every put to be durable uses a
//!   [`DurableStore`](crate::durable_store::DurableStore), which has one.
//! - Reads do not change the content. A damaged block is an error, never a wrong answer.
//! - After a failed write, or after a failed read of a beat, the store is read-only.
//!   [`Store::open_again`] returns to the last checkpoint.
//! - When the tree or the device is full and merges cannot make room, puts are refused with
//!   [`StoreError::Full`], and removals are accepted. [`Store::fullness`] says so before.
//! - A store is closed if it was not opened yet or its opening failed. Every read and write of a
//!   closed store returns [`StoreError::Closed`].
//! - All large memory (blocks, tables, manifests) is allocated by the constructors. Later
//!   allocations are short lists: the queue of the device, and the free set while it is read or
//!   written.
//!
//! # Example
//!
//! The first page of [the crate](crate) has an example on a file. This one has a store in memory, a
//! scope, and ranges.
//!
//! ```
//! use downbeat_lsm::collections::ScopeOutcome;
//! use downbeat_lsm::record::{Record, Usage};
//! use downbeat_lsm::storage::MemoryStorage;
//! use downbeat_lsm::store::{Store, StoreError, StoreOptions};
//! use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};
//!
//! /// Sixteen bytes, stored on the device as they are in memory.
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
//! let options = StoreOptions::tiny(256);
//! let device = MemoryStorage::new(options.device_size()? as usize, options.layout.sector_size);
//! let mut store = Store::<Balance, _>::format(device, &options, 1)?;
//! for account in 0..20 {
//!     store.put(&Balance { account, amount: 100 })?;
//! }
//! store.beat()?;
//!
//! // A scope is undone or kept as a whole.
//! store.scope_open();
//! store.remove(3)?;
//! store.scope_close(ScopeOutcome::Discard);
//! assert_eq!(store.get(3)?, Some(Balance { account: 3, amount: 100 }));
//!
//! let mut accounts = Vec::new();
//! for balance in store.range(2..=5).rev() {
//!     accounts.push(balance?.account);
//! }
//! assert_eq!(accounts, [5, 4, 3, 2]);
//!
//! let mut rest = store.range(10..);
//! rest.seek(18);
//! assert_eq!(rest.count(), 2);
//! # Ok::<(), StoreError>(())
//! ```
//!
//! The tree is a [forest](crate::forest) of one tree: the forest opens it and runs its beats.
//!
//! Files: `options` has the options. `open` formats and opens, `file` does so in a file. `batch`
//! writes batches, `stats` describes a store. `lookups`, `range`, `salvage`, `giving_up` and
//! `beats` have the calls for lookups, ranges, tables that cannot be read, and beats. `by_hand` has
//! the handle [`ByHand`], whose calls are there, too, and in `scans`. `tickets` gives slots to
//! lookups and scans, and distinguishes the tickets of different stores and openings.

mod batch;
mod beats;
mod by_hand;
mod file;
mod giving_up;
mod lookups;
mod open;
mod options;
mod range;
mod salvage;
mod scans;
mod stats;
mod tickets;

pub use crate::forest::{Fullness, InvalidStore, StoreError, Verification};
pub use batch::Batch;
pub(crate) use batch::most_for;
pub use by_hand::ByHand;
pub use file::StoreFileError;
pub(crate) use file::{create_device, open_device};
pub use giving_up::GivenUp;
pub use lookups::{LookupProgress, LookupTicket};
pub use options::StoreOptions;
pub use range::Range;
pub use salvage::{Salvage, Salvaged};
pub use scans::ScanTicket;
pub use stats::{LevelStats, StoreStats};

pub use crate::scan::ScanProgress;

use crate::collections::ScopeOutcome;
use crate::forest::Forest;
use crate::grid::Grid;
use crate::manifest_log::ManifestLog;
use crate::record::Record;
use crate::storage::Storage;
use crate::superblock::Superblock;
use crate::tree::Tree;

use lookups::Lookups;
use scans::Scans;

/// A store of one tree of records `R` on a device `S`; see the [module](self).
///
/// The methods wait for the device. With the methods of [`Store::by_hand`], the caller can do other
/// work while lookups and beats wait.
#[derive(Debug)]
pub struct Store<R: Record, S: Storage> {
    options: StoreOptions,
    /// The tree is a forest of one.
    forest: Forest<Tree<R>, S>,
    lookups: Lookups<R>,
    scans: Scans<R>,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// The options that the store was built from.
    #[must_use]
    pub fn options(&self) -> &StoreOptions {
        &self.options
    }

    /// The number with which the store was formatted; 0 if the store was not opened yet.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.forest.number()
    }

    /// Puts a record. A [general](crate::record::Usage::General) record replaces the record of its
    /// key, if there is one. A key of a [secondary index](crate::record::Usage::SecondaryIndex)
    /// must be absent. A beat runs first if
    /// [`beat_value_count_max`](crate::tree::TreeOptions::beat_value_count_max) records were put or
    /// removed since the last beat. The beat waits for the lookups by hand that are under way. If
    /// the store is [full](Fullness::FullForPuts), beats run first until it has room, as
    /// [`Store::make_room`] runs them. The call can then take as long as a merge of all tables.
    ///
    /// # Errors
    ///
    /// If the store is closed or read-only. If a beat must run first while a scope is open, the
    /// error is [`StoreError::ScopeIsOpen`], and nothing has changed. If beats cannot make room,
    /// the error is [`StoreError::Full`]. On a device that is [too small for a
    /// reserve](StoreOptions::has_reserve), a beat can fail because the device is full.
    ///
    /// # Panics
    ///
    /// If the record is a tombstone, or a beat is under way. If the key exists in a secondary
    /// index, this call or a later beat can panic. If the store had tables when it was opened, a
    /// later beat can instead fail with [`Corruption`](crate::block::Corruption).
    pub fn put(&mut self, record: &R) -> Result<(), StoreError> {
        self.run_beat_for(1)?;
        self.make_room_for(Fullness::NearlyFull)?;
        self.forest.trees.put(record);
        Ok(())
    }

    /// Removes the record of a key. In a tree of [general](crate::record::Usage::General) records,
    /// the key may be absent. A key of a [secondary index](crate::record::Usage::SecondaryIndex)
    /// must exist. A beat may run first, as before a put. If the store is
    /// [full for all writes](Fullness::FullForAll), beats run first until it has room for removals.
    ///
    /// # Errors
    ///
    /// If the store is closed or read-only. If a beat must run first while a scope is open, the
    /// error is [`StoreError::ScopeIsOpen`], and nothing has changed. If beats cannot make room for
    /// a removal, the error is [`StoreError::Full`].
    ///
    /// # Panics
    ///
    /// If a beat is under way. If the key is absent in a secondary index, this call or a later beat
    /// can panic. If the store had tables when it was opened, a later beat can instead fail with
    /// [`Corruption`](crate::block::Corruption): the store does not know whether the caller or a
    /// table on the device is the reason that the key has no record.
    pub fn remove(&mut self, key: R::Key) -> Result<(), StoreError> {
        self.run_beat_for(1)?;
        self.make_room_for(Fullness::FullForPuts)?;
        self.forest.trees.remove(key);
        Ok(())
    }

    /// Runs beats until the store is at most this full.
    #[inline]
    fn make_room_for(&mut self, most: Fullness) -> Result<(), StoreError> {
        if self.fullness() <= most || self.makes_room_for(most)? {
            return Ok(());
        }
        Err(StoreError::Full)
    }

    /// Makes room in a store that is full for puts: runs beats, which drop removed and replaced
    /// records, and checkpoints that free their blocks, until puts are accepted or nothing more can
    /// be gained. Returns whether puts are accepted. A put does the same. The store may merge each
    /// table in each level, so this takes at most about as long as writing all records again.
    ///
    /// # Errors
    ///
    /// The same as [`Store::beat`].
    ///
    /// # Panics
    ///
    /// The same as [`Store::beat`].
    pub fn make_room(&mut self) -> Result<bool, StoreError> {
        self.makes_room_for(Fullness::NearlyFull)
    }

    /// Whether the device is large enough for a reserve; see [`StoreOptions::has_reserve`].
    #[must_use]
    pub fn has_reserve(&self) -> bool {
        self.forest.has_reserve()
    }

    /// Whether beats may make room in a store that is full: records wait in memory to be merged,
    /// tables may still be merged, or the manifest log gets shorter. If not, only removals make
    /// room.
    #[must_use]
    pub fn may_gain_room(&self) -> bool {
        !self.tree().mutable().is_empty() || self.forest.may_gain_room()
    }

    /// Runs beats until the store is at most this full, or nothing more can be gained. Returns
    /// whether it is.
    #[cold]
    fn makes_room_for(&mut self, most: Fullness) -> Result<bool, StoreError> {
        self.forest.refuse_writes()?;
        while self.fullness() > most && self.may_gain_room() {
            self.beat()?;
        }
        Ok(self.fullness() <= most)
    }

    /// Runs a beat if there is no room for this many writes.
    #[inline]
    fn run_beat_for(&mut self, writes: u32) -> Result<(), StoreError> {
        self.forest.refuse_writes()?;
        if self.forest.trees.room() < writes {
            self.beat()?;
        }
        Ok(())
    }

    /// Opens a scope, whose writes [`Store::scope_close`] keeps or undoes as a whole. No beat may
    /// run while the scope is open, so at most [`Tree::room`] puts and removals fit into it, and
    /// only those that the store [accepts now](Fullness). Others are refused.
    ///
    /// # Panics
    ///
    /// If a scope is open, or a beat is under way.
    pub fn scope_open(&mut self) {
        self.forest.assert_no_beat();
        self.forest.trees.scope_open();
    }

    /// Closes the scope, and keeps or undoes its puts and removals.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, outcome: ScopeOutcome) {
        self.forest.trees.scope_close(outcome);
    }

    /// Takes the store apart and returns its device. Operations may still be in the device's queue.
    /// Writes that are in no checkpoint are lost.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.forest.into_storage()
    }
}

/// The store's parts, for inspection.
impl<R: Record, S: Storage> Store<R, S> {
    /// The tree: its memtables, its levels, its statistics.
    #[must_use]
    pub fn tree(&self) -> &Tree<R> {
        &self.forest.trees
    }

    /// The grid: the device's blocks, the cache, and the free set.
    #[must_use]
    pub fn grid(&self) -> &Grid<S> {
        self.forest.grid()
    }

    /// The log of the tree's tables.
    #[must_use]
    pub fn manifest_log(&self) -> &ManifestLog {
        self.forest.manifest_log()
    }

    /// The superblock: the last checkpoint, at which the store opens.
    #[must_use]
    pub fn superblock(&self) -> &Superblock {
        self.forest.superblock()
    }
}
