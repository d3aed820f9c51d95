//! Durable stores in two files of the operating system: the store and its log.
//!
//! - A store that is created is durable when the call returns: both files, their names in their
//!   folders, and the empty store in them.
//! - Both files are locked while the store exists.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::{DurableOptions, DurableStore, ServiceError};
use crate::record::Record;
use crate::storage::{FileStorage, OpenError, SystemFile};
use crate::store::{StoreFileError, create_device, open_device};

/// The reason why a durable store was not created or opened in files. The message names the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum DurableFileError {
    /// The file of the store was not created or opened, or is refused.
    Store(StoreFileError),
    /// The file of the log was not created or opened, for example because it is open elsewhere.
    LogFile(OpenError),
    /// The file of the log is refused: it is no log, is damaged, or is the log of another store.
    Log {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        error: ServiceError,
    },
}

impl Error for DurableFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::LogFile(error) => error.source(),
            Self::Log { error, .. } => Some(error),
        }
    }
}

impl fmt::Display for DurableFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(formatter),
            Self::LogFile(error) => error.fmt(formatter),
            Self::Log { path, error } => write!(formatter, "{}: {error}", path.display()),
        }
    }
}

/// The file of the store, and that of its log.
#[derive(Clone, Copy)]
struct Files<'a> {
    store: &'a Path,
    log: &'a Path,
}

impl Files<'_> {
    /// Assigns an error to the file that it is about.
    fn error(self, error: ServiceError) -> DurableFileError {
        match error {
            ServiceError::Store(error) => {
                DurableFileError::Store(StoreFileError::of_store(self.store, error))
            }
            error => DurableFileError::Log { path: self.log.to_owned(), error },
        }
    }
}

impl<R: Record> DurableStore<R, FileStorage, FileStorage> {
    /// Creates two files with an empty store: `store` for its tables, and `log` for its log. Neither
    /// may exist. `number` is chosen by the caller and distinguishes the store from others. When the
    /// call returns, the store and both files are durable. After a crash in this call, remove the
    /// files that exist.
    ///
    /// # Errors
    ///
    /// If the options are invalid, a file exists, or the operating system returns an error. Then
    /// there is no new file.
    pub fn create_files(
        store: &Path,
        log: &Path,
        options: &DurableOptions,
        number: u64,
    ) -> Result<Self, DurableFileError> {
        let device = create_device::<R>(store, &options.store).map_err(DurableFileError::Store)?;
        let sector_size = options.store.layout.sector_size;
        let log_size = options.log_device_size::<R>(sector_size);
        let created = SystemFile::create(log, log_size).map_err(|error| {
            // The file is this call's own, and is no store. If it stays, opening refuses it.
            let _ = fs::remove_file(store);
            DurableFileError::LogFile(error)
        })?;
        let log_device = FileStorage::new(created, sector_size);
        Self::format(device, log_device, options, number).map_err(|error| {
            for file in [store, log] {
                let _ = fs::remove_file(file);
            }
            Files { store, log }.error(error)
        })
    }

    /// Opens the store in two files: at the last checkpoint, and then with all later batches of the
    /// log.
    ///
    /// # Errors
    ///
    /// If a file does not exist, is open elsewhere, is truncated or damaged, or is no store or no
    /// log, or the operating system returns an error. In addition, the same as
    /// [`DurableStore::open`].
    pub fn open_files(
        store: &Path,
        log: &Path,
        options: &DurableOptions,
    ) -> Result<Self, DurableFileError> {
        let device = open_device::<R>(store, &options.store).map_err(DurableFileError::Store)?;
        let opened = SystemFile::open(log).map_err(DurableFileError::LogFile)?;
        let log_device = FileStorage::new(opened, options.store.layout.sector_size);
        Self::open(device, log_device, options).map_err(|error| Files { store, log }.error(error))
    }
}
