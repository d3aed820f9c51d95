//! Formats a store, and opens it at its last checkpoint.

use super::lookups::Lookups;
use super::scans::Scans;
use super::{InvalidStore, Store, StoreError, StoreOptions};
use crate::forest::Forest;
use crate::record::Record;
use crate::storage::Storage;

impl<R: Record, S: Storage> Store<R, S> {
    /// Allocates a store on a device. The store is closed until [`Store::format_again`] or
    /// [`Store::open_again`] succeeds.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or if the device has a different sector size.
    pub fn new(storage: S, options: &StoreOptions) -> Result<Self, InvalidStore> {
        Ok(Self {
            options: *options,
            forest: Forest::new(storage, &options.forest(), &options.tree)?,
            lookups: Lookups::new(options.lookups_max),
            scans: Scans::new(options.scans_max, &options.tree).map_err(InvalidStore::Memory)?,
        })
    }

    /// Makes this a store with other options, on the same device, and uses the memory of its blocks
    /// and of its manifest again. It is then closed, like a new store. Scans, lookups and beats
    /// under way are dropped, and tickets are those of another store.
    ///
    /// # Errors
    ///
    /// The same as [`Store::new`]. The store is then closed, or as before.
    pub fn renew(&mut self, options: &StoreOptions) -> Result<(), InvalidStore> {
        let scans = Scans::new(options.scans_max, &options.tree).map_err(InvalidStore::Memory)?;
        self.drop_reads();
        self.forest.renew(&options.forest(), &options.tree)?;
        self.options = *options;
        self.lookups = Lookups::new(options.lookups_max);
        self.scans = scans;
        Ok(())
    }

    /// Formats a device as an empty store. `number` is chosen by the caller and distinguishes the
    /// store from others. The content of the device is lost.
    ///
    /// # Errors
    ///
    /// If the options are invalid, the device is too small for them, or it fails. After a failure
    /// of the device, format it again.
    pub fn format(storage: S, options: &StoreOptions, number: u64) -> Result<Self, StoreError> {
        let mut store = Self::new(storage, options)?;
        store.format_again(number)?;
        Ok(store)
    }

    /// Opens the store on a device, at its last checkpoint. Some options may have changed (see
    /// [`StoreOptions`]). If there are more blocks, the device grows.
    ///
    /// # Errors
    ///
    /// If the options are invalid, if the store was formatted for other records or with other
    /// options, if it has more blocks than the options say, or if the device is damaged or fails.
    pub fn open(storage: S, options: &StoreOptions) -> Result<Self, StoreError> {
        let mut store = Self::new(storage, options)?;
        store.open_again()?;
        Ok(store)
    }

    /// Formats the device again: the store is empty afterwards. Scans, lookups and beats under way
    /// are dropped.
    ///
    /// # Errors
    ///
    /// If the device is too small for the options, or fails. The store is then closed.
    pub fn format_again(&mut self, number: u64) -> Result<(), StoreError> {
        self.drop_reads();
        self.forest.format_again(number)
    }

    /// Closes the store: it refuses reads and writes until it is opened or formatted again. Writes
    /// that are in no checkpoint are lost.
    pub fn close(&mut self) {
        self.forest.close();
    }

    /// Opens the store again, at its last checkpoint. Writes that are in no checkpoint are lost.
    /// Scans, lookups and beats under way are dropped.
    ///
    /// # Errors
    ///
    /// If the store was formatted for other records or with other options, if it has more blocks
    /// than the options say, or if the device is damaged or fails. The store is then closed, and
    /// can be opened again once the cause is removed. After a failed flush a device may fail all
    /// later flushes, as [`FileStorage`](crate::storage::FileStorage) does: then open the file
    /// again, and pass it to [`Store::open`].
    pub fn open_again(&mut self) -> Result<(), StoreError> {
        self.drop_reads();
        self.forest.open_again()
    }

    /// Ends all scans and lookups. The forest then resets the grid, which drops their reads.
    fn drop_reads(&mut self) {
        self.scans.reset(&mut self.forest.grid);
        self.lookups.reset();
    }
}
