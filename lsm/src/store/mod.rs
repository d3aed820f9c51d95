//! A store of one tree: open a device, put, remove, get, scan, checkpoint.
//!
//! ```text
//! put, remove   in memory; a beat comes first if the last one's room is used up
//! beat          a share of compaction; at every so many a checkpoint
//! checkpoint    as many beats as it takes until all that was put is durable
//! ```
//!
//! - After a crash the store is what the last checkpoint holds: all beats up to one, and nothing later.
//! - Reading changes nothing. What is damaged is an error, never a wrong answer.
//! - After a failed write, or when there is no room, the store is read-only until it is opened anew: then it is what
//!   the last checkpoint holds.
//! - While a store is not open, as before the first opening or after one that failed, whoever reads or writes gets an
//!   error.
//! - The constructors allocate the memory of blocks, tables and manifests. What comes later is short lists: what is in
//!   the queue of the device, and the blocks of a free set that is read or written.
//!
//! What it does not do: it keeps no log of what is in memory. Whoever wants every put durable takes a checkpoint, or
//! logs it himself and puts again what comes after [`Store::beat`] when he opens the store.
//!
//! # Example
//!
//! ```
//! use downbeat_lsm::collections::Direction;
//! use downbeat_lsm::manifest::KeyRange;
//! use downbeat_lsm::record::{Record, Usage};
//! use downbeat_lsm::storage::MemoryStorage;
//! use downbeat_lsm::store::{Store, StoreError, StoreOptions};
//! use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};
//!
//! /// Sixteen bytes, as they lie on disk.
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
//! let mut store = Store::<Balance, _>::format(MemoryStorage::new(1 << 20, 256), &options, 1)?;
//! for account in 0..20 {
//!     store.put(&Balance { account, amount: 100 })?;
//! }
//! store.remove(3)?;
//! store.checkpoint()?;
//!
//! // Another process, later.
//! let mut store = Store::<Balance, _>::open(store.into_storage(), &options)?;
//! assert_eq!(store.get(3)?, None);
//! assert_eq!(store.get(4)?, Some(Balance { account: 4, amount: 100 }));
//! let scan = store.scan(KeyRange::new(2, 5), Direction::Descending);
//! let accounts: Result<Vec<u64>, StoreError> = scan.map(|found| Ok(found?.account)).collect();
//! assert_eq!(accounts?, [5, 4, 2]);
//! # Ok::<(), StoreError>(())
//! ```
//!
//! Files: `options` and `error` are what their names say; `open` formats and opens, `identity` tells a store from
//! others; `beats` goes on, `lookups` and `scanning` read.

mod beats;
mod error;
mod identity;
mod lookups;
mod open;
mod options;
mod scanning;

pub use error::StoreError;
pub use lookups::LookupTicket;
pub use options::{InvalidStore, StoreOptions};
pub use scanning::StoreScan;

use crate::collections::{NodePool, ScopeOutcome};
use crate::forest::Scheduler;
use crate::grid::Grid;
use crate::manifest_log::ManifestLog;
use crate::record::Record;
use crate::scan::Scan;
use crate::storage::Storage;
use crate::superblock::Superblock;
use crate::tree::Tree;

use lookups::Lookups;

/// A store of one tree; see the [module](self).
#[derive(Debug)]
pub struct Store<R: Record, S: Storage> {
    options: StoreOptions,
    grid: Grid<S>,
    superblock: Superblock,
    pool: NodePool,
    log: ManifestLog,
    tree: Tree<R>,
    scheduler: Scheduler,
    lookups: Lookups<R>,
    scan: Scan<R>,
    /// Whether it is what a checkpoint left and what came since, not the remains of an opening that failed.
    is_open: bool,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// What it was built from.
    #[must_use]
    pub fn options(&self) -> &StoreOptions {
        &self.options
    }

    /// The last beat that ended.
    #[must_use]
    pub fn beat_number(&self) -> u64 {
        self.scheduler.beat()
    }

    /// The blocks.
    #[must_use]
    pub fn grid(&self) -> &Grid<S> {
        &self.grid
    }

    /// The device, and the blocks on it.
    #[must_use]
    pub fn grid_mut(&mut self) -> &mut Grid<S> {
        &mut self.grid
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Tree<R> {
        &self.tree
    }

    /// The tree, and the grid that its lookups and scans read.
    #[must_use]
    pub fn tree_and_grid(&mut self) -> (&Tree<R>, &mut Grid<S>) {
        (&self.tree, &mut self.grid)
    }

    /// The log of the tree's tables.
    #[must_use]
    pub fn manifest_log(&self) -> &ManifestLog {
        &self.log
    }

    /// Which checkpoint the store is at.
    #[must_use]
    pub fn superblock(&self) -> &Superblock {
        &self.superblock
    }

    /// Puts a record, the newest of its key. If as many records were put or removed since the last beat as may be, a
    /// beat comes first.
    ///
    /// # Errors
    ///
    /// If the store is read-only, or not open.
    ///
    /// # Panics
    ///
    /// If the record is a tombstone, or a beat is under way; or if a beat must come, and a scope is open or the answer
    /// to a lookup was not taken.
    pub fn put(&mut self, record: &R) -> Result<(), StoreError> {
        self.make_room()?;
        self.tree.put(record);
        Ok(())
    }

    /// Removes a key, whether there is one or not. A beat may come first, as before a put.
    ///
    /// # Errors
    ///
    /// If the store is read-only, or not open.
    ///
    /// # Panics
    ///
    /// If a beat is under way; or if one must come, and a scope is open or the answer to a lookup was not taken.
    pub fn remove(&mut self, key: R::Key) -> Result<(), StoreError> {
        self.make_room()?;
        self.tree.remove(key);
        Ok(())
    }

    /// Nothing is known of a store that is not open: not even that a key is not there.
    fn refuse_if_closed(&self) -> Result<(), StoreError> {
        if self.is_open { Ok(()) } else { Err(StoreError::Closed) }
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        self.refuse_if_closed()?;
        self.assert_no_beat();
        if let Some(error) = self.scheduler.failed() {
            return Err(StoreError::ReadOnly(error));
        }
        if self.tree.room() == 0 {
            self.beat()?;
        }
        Ok(())
    }

    /// Opens a scope: what is put and removed in it can be taken back. No beat may come before it is closed.
    ///
    /// # Panics
    ///
    /// If a scope is open, or a beat is under way.
    pub fn scope_open(&mut self) {
        self.assert_no_beat();
        self.tree.scope_open();
    }

    /// Closes the scope.
    ///
    /// # Panics
    ///
    /// If no scope is open.
    pub fn scope_close(&mut self, outcome: ScopeOutcome) {
        self.tree.scope_close(outcome);
    }

    /// The device, which ends what the store has in its queue.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.grid.into_storage()
    }
}
