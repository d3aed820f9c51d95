//! A store of one tree with a log: every write is durable when the call returns.
//!
//! ```text
//! write --> [ log ] flush --> puts and removals --> beat
//!              ^                                      |
//!              +---- space for reuse, once a checkpoint is durable
//! open  --> the last checkpoint, then the later batches of the log
//! ```
//!
//! - A [`Batch`] of puts and removals is durable as a whole or not at all, and takes one beat.
//! - [`DurableStore::write_all`] makes several batches durable with one flush of the log. After a
//!   crash in this call, the store has the first few of them.
//! - The store and its log are two devices. A log with fewer batches than the checkpoint or a later
//!   batch proves, or the log of another store, is refused.
//! - After an error of a device the store refuses writes until it is opened again. It still reads
//!   the writes that were executed.
//!
//! [`DurableStore::create_files`] creates a store in two files. The store is a [`Service`] whose
//! machine is a [`Store`].
//!
//! # Example
//!
//! ```
//! use downbeat_lsm::durable_store::{Batch, DurableOptions, DurableStore};
//! # use downbeat_lsm::record::{Record, Usage};
//! use downbeat_lsm::storage::MemoryStorage;
//! # use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};
//! # #[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
//! # #[repr(C)]
//! # struct Balance {
//! #     account: u64,
//! #     amount: u64,
//! # }
//! # impl Record for Balance {
//! #     type Key = u64;
//! #     const USAGE: Usage = Usage::General;
//! #     fn key(&self) -> u64 {
//! #         self.account
//! #     }
//! #     fn is_tombstone(&self) -> bool {
//! #         self.amount == u64::MAX
//! #     }
//! #     fn tombstone(account: u64) -> Self {
//! #         Balance { account, amount: u64::MAX }
//! #     }
//! # }
//!
//! let options = DurableOptions::tiny(512);
//! let device = MemoryStorage::new(options.store.device_size()? as usize, 256);
//! let log = MemoryStorage::new(options.log_device_size::<Balance>(256) as usize, 256);
//! let mut store = DurableStore::<Balance, _, _>::format(device, log, &options, 1)?;
//!
//! // A transfer: both records or neither.
//! let mut transfer = Batch::new();
//! transfer.put(&Balance { account: 1, amount: 60 });
//! transfer.put(&Balance { account: 2, amount: 40 });
//! store.write(&transfer)?;
//!
//! // No checkpoint was taken, but the log has the batch.
//! let (device, log) = store.into_storages();
//! let mut store = DurableStore::<Balance, _, _>::open(device, log, &options)?;
//! assert_eq!(store.get(2)?, Some(Balance { account: 2, amount: 40 }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Files: `machine` executes batches, `options` has the options, and `files` stores in files.

mod files;
mod machine;
mod options;

pub use crate::state_machine::{Opened, ServiceError};
pub use crate::store::Batch;
pub use files::DurableFileError;
pub use options::DurableOptions;

use std::ops::RangeBounds;

use crate::record::{Record, Usage};
use crate::request_log::{LostRequests, RequestLog};
use crate::state_machine::{Request, Service};
use crate::storage::Storage;
use crate::store::{Fullness, Range, Store, StoreError, most_for};

use machine::{RecordMachine, Write};

/// A store of records `R` on a device `S` with a log on a device `L`; see the [module](self).
#[derive(Debug)]
pub struct DurableStore<R: Record, S: Storage, L: Storage> {
    service: Service<RecordMachine<R, S>, L>,
}

impl<R: Record, S: Storage, L: Storage> DurableStore<R, S, L> {
    /// Formats two devices as an empty store and its log. `number` is chosen by the caller and
    /// distinguishes the store from others. The content of the devices is lost. After a crash in
    /// this call, format them again.
    ///
    /// # Errors
    ///
    /// If the options are invalid, a device is too small for them, or a device fails.
    pub fn format(
        device: S,
        log: L,
        options: &DurableOptions,
        number: u64,
    ) -> Result<Self, ServiceError> {
        let mut store = Self::new(device, log, options)?;
        store.format_again(number)?;
        Ok(store)
    }

    /// Opens the store on two devices: at the last checkpoint, and then with all later batches of
    /// the log. Waits for the beats of these batches.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or differ from those of the formatting in `batch_records_max` or
    /// in an option that [`StoreOptions`](crate::store::StoreOptions) says must be the same, or in
    /// `checkpoint_interval`, on which the size of the log depends. If a device is damaged or
    /// fails, or the log belongs to another store. If the device is too small for a reserve, and is
    /// full; see [`DurableStore::write`].
    pub fn open(device: S, log: L, options: &DurableOptions) -> Result<Self, ServiceError> {
        let mut store = Self::new(device, log, options)?;
        store.open_again()?;
        Ok(store)
    }

    /// A store on two devices. It is closed until [`DurableStore::format_again`] or
    /// [`DurableStore::open_again`] succeeds.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or the log's device is too small for them.
    pub fn new(device: S, log: L, options: &DurableOptions) -> Result<Self, ServiceError> {
        const {
            assert!(
                matches!(R::USAGE, Usage::General),
                "a durable store has general records, which a batch may write in any order"
            );
        }
        let machine = RecordMachine::new(device, options)?;
        Ok(Self { service: Service::new(machine, log)? })
    }

    /// Formats both devices again. The content of the store is lost. After a crash in this call,
    /// the store must be formatted again.
    ///
    /// # Errors
    ///
    /// If a device fails. The store is then closed.
    pub fn format_again(&mut self, number: u64) -> Result<(), ServiceError> {
        self.service.format_again(number)
    }

    /// Opens the store again, for example after a device failed. Returns the checkpoint at which it
    /// was opened; the later batches were written again.
    ///
    /// # Errors
    ///
    /// The same as [`DurableStore::open`].
    pub fn open_again(&mut self) -> Result<Opened, ServiceError> {
        self.service.open_again(|_, _| {})
    }

    /// Opens a store whose log is damaged, without the batches that are lost. `lost` is what the
    /// error of [`DurableStore::open_again`] says ([`RequestLogError::Damaged`]). The store has all
    /// batches before them. This is no replacement for a backup.
    ///
    /// # Errors
    ///
    /// The same as [`DurableStore::open`]. If the log has lost other batches than these, it does
    /// not change.
    ///
    /// [`RequestLogError::Damaged`]: crate::request_log::RequestLogError::Damaged
    pub fn open_without(&mut self, lost: &LostRequests) -> Result<Opened, ServiceError> {
        self.service.open_without(lost, |_, _| {})
    }

    /// Puts a record. The same as a batch of one record.
    ///
    /// # Errors
    ///
    /// The same as [`DurableStore::write`].
    ///
    /// # Panics
    ///
    /// If the record is a tombstone.
    pub fn put(&mut self, record: &R) -> Result<(), ServiceError> {
        let mut batch = Batch::new();
        batch.put(record);
        self.write(&batch)
    }

    /// Removes the record of a key, if there is one. The same as a batch of one removal.
    ///
    /// # Errors
    ///
    /// The same as [`DurableStore::write`].
    pub fn remove(&mut self, key: R::Key) -> Result<(), ServiceError> {
        let mut batch = Batch::new();
        batch.remove(key);
        self.write(&batch)
    }

    /// Writes a batch. When the call returns, all its puts and removals are durable.
    ///
    /// # Errors
    ///
    /// If the batch has more than [`batch_records_max`](DurableOptions::batch_records_max) puts and
    /// removals. If the store is closed, or a device fails; the batch may then be found when the
    /// store is opened again, as a whole. If the store is [full](crate::store::Fullness) for the
    /// batch, and beats cannot make room: [`ServiceError::Full`]. Nothing of the batch is then
    /// written, and the store continues.
    ///
    /// On a device that is [too small for a reserve](crate::store::StoreOptions::has_reserve), a
    /// beat can fail because the device is full. The log then has batches that do not fit, and the
    /// store does not open again.
    pub fn write(&mut self, batch: &Batch<R>) -> Result<(), ServiceError> {
        self.write_all(std::slice::from_ref(batch))
    }

    /// Writes batches. When the call returns, all of them are durable. They become durable
    /// together, with one flush of the log, as far as the log has room and the store certainly
    /// accepts them: near a full store, with a flush for each bar.
    ///
    /// # Errors
    ///
    /// The same as [`DurableStore::write`]. If a batch is too large, none is written; the error
    /// says which one. If the store is full for a batch, those before it are written. If a device
    /// fails, the first few batches may be found when the store is opened again.
    pub fn write_all(&mut self, batches: &[Batch<R>]) -> Result<(), ServiceError> {
        let has_writes = |batch: &&Batch<R>| !batch.is_empty();
        let requests: Vec<_> = batches
            .iter()
            .filter(has_writes)
            .map(|batch| Request { client: 0, operation: Write::NEW, body: batch.bytes() })
            .collect();
        let place_of_batch = |place| {
            let mut places = (0..batches.len()).filter(|place| has_writes(&&batches[*place]));
            places.nth(place).unwrap_or(place)
        };
        let mut written = 0;
        loop {
            match self.service.execute(&requests[written..], |_, _| {}) {
                Ok(()) => return Ok(()),
                Err(ServiceError::InvalidRequest { place }) => {
                    return Err(ServiceError::InvalidRequest { place: place_of_batch(place) });
                }
                Err(ServiceError::Full { place }) => {
                    written += place;
                    // The log has the beats that make room, so they are run again at opening.
                    if !self.makes_room_for(most_for::<R>(requests[written].body))? {
                        return Err(ServiceError::Full { place: place_of_batch(written) });
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes room in a store that is full for puts, by beats that write nothing; see
    /// [`Store::make_room`]. Returns whether puts are accepted.
    ///
    /// # Errors
    ///
    /// If the store is closed, or a device fails.
    pub fn make_room(&mut self) -> Result<bool, ServiceError> {
        self.makes_room_for(Fullness::NearlyFull)
    }

    fn makes_room_for(&mut self, most: Fullness) -> Result<bool, ServiceError> {
        self.service.idle(0)?;
        while self.store().fullness() > most && self.store().may_gain_room() {
            // What a bar accepts is decided at its end, so all beats that it has left are run, with
            // one flush of the log.
            let bar = u64::from(self.store().options().tree.beats_per_bar);
            let left = bar - (self.store().beat_number() + 1) % bar;
            self.service.idle(left as usize)?;
        }
        Ok(self.store().fullness() <= most)
    }

    /// Returns the record of a key; `None` if there is none. Waits for the device.
    ///
    /// # Errors
    ///
    /// If the store is closed, or a block cannot be read.
    pub fn get(&mut self, key: R::Key) -> Result<Option<R>, StoreError> {
        self.service.machine_mut().store.get(key)
    }

    /// Returns an iterator over the records of a range of keys, in ascending order; see
    /// [`Store::range`].
    pub fn range(&mut self, keys: impl RangeBounds<R::Key>) -> Range<'_, R, S> {
        self.service.machine_mut().store.range(keys)
    }

    /// Takes a checkpoint with all writes so far, so that the store opens without them being
    /// repeated. Runs beats up to the end of the bar after that of the next beat.
    ///
    /// # Errors
    ///
    /// If the store is closed, or a device fails.
    pub fn checkpoint(&mut self) -> Result<(), ServiceError> {
        // A store that refuses must not remember the request.
        self.service.idle(0)?;
        let store = &mut self.service.machine_mut().store;
        let before = store.beat_number();
        let trigger = store.by_hand().checkpoint_want();
        self.service.idle((trigger - before) as usize)
    }

    /// The store, to be inspected.
    #[must_use]
    pub fn store(&self) -> &Store<R, S> {
        &self.service.machine().store
    }

    /// The log of the batches.
    #[must_use]
    pub fn log(&self) -> &RequestLog<L> {
        self.service.log_of_requests()
    }

    /// The device of the tree and that of the log, for example to change their settings between two
    /// calls.
    pub fn storages_mut(&mut self) -> (&mut S, &mut L) {
        let (machine, log) = self.service.parts_mut();
        (machine.store.by_hand().grid_mut().storage_mut(), log.storage_mut())
    }

    /// Takes the store apart and returns its two devices: that of the tree and that of the log.
    #[must_use]
    pub fn into_storages(self) -> (S, L) {
        let (machine, log) = self.service.into_parts();
        (machine.store.into_storage(), log)
    }
}

#[cfg(test)]
mod tests;
