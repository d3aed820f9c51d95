//! Stores in files of the operating system.
//!
//! - A store that is created is durable when the call returns: its file, the name of the file in
//!   its folder, and the empty store in it.
//! - A file that is refused stays as it is. The superblock is written again only after everything
//!   that it refers to was read and found valid.
//! - The file is locked while the store exists, so that no other store opens it.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::{InvalidStore, Store, StoreError, StoreOptions};
use crate::block::Reason;
use crate::record::Record;
use crate::storage::{FileStorage, Layout, OpenError, Storage as _, SystemFile};
use crate::superblock::{Superblock, SuperblockError};

/// The reason why a store was not created or opened in a file, or why a call on it failed. The
/// message names the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreFileError {
    /// The file was not created or opened, for example because it is open elsewhere.
    File(OpenError),
    /// The file is not a store, or all copies of its superblock are lost.
    NotAStore {
        /// The path of the file.
        path: PathBuf,
    },
    /// A newer version of this library wrote the store, or an older one that is not supported.
    OtherVersion {
        /// The path of the file.
        path: PathBuf,
    },
    /// The file is smaller than the store in it: it was truncated.
    Truncated {
        /// The path of the file.
        path: PathBuf,
        /// The size of the file, in bytes.
        size: u64,
        /// The size that the store needs, in bytes.
        needed: u64,
    },
    /// The store was not created or opened, or a call on it failed ([`Store::file_error`]).
    Store {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        error: StoreError,
    },
}

impl StoreFileError {
    pub(crate) fn of_store(path: &Path, error: StoreError) -> Self {
        let path = path.to_owned();
        if let StoreError::Invalid(InvalidStore::Device { size, needed }) = error {
            return Self::Truncated { path, size, needed };
        }
        let StoreError::Superblock(SuperblockError::Corruption(corruption)) = error else {
            return Self::Store { path, error };
        };
        match corruption.reason {
            Reason::NotFormatted => Self::NotAStore { path },
            Reason::Version => Self::OtherVersion { path },
            _ => Self::Store { path, error },
        }
    }
}

impl Error for StoreFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File(error) => error.source(),
            Self::Store { error, .. } => Some(error),
            Self::NotAStore { .. } | Self::OtherVersion { .. } | Self::Truncated { .. } => None,
        }
    }
}

impl fmt::Display for StoreFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(formatter),
            Self::NotAStore { path } => write!(
                formatter,
                "{}: the file is not a store, or its beginning is lost",
                path.display(),
            ),
            Self::OtherVersion { path } => write!(
                formatter,
                "{}: another version of this library wrote the store: open it with that version",
                path.display(),
            ),
            Self::Truncated { path, size, needed } => write!(
                formatter,
                "{}: the file has {size} bytes, and the store in it needs {needed}: the file was \
                 truncated",
                path.display(),
            ),
            Self::Store { path, error } => write!(formatter, "{}: {error}", path.display()),
        }
    }
}

impl<R: Record> Store<R, FileStorage> {
    /// Creates a file with an empty store. The file must not exist. `number` is chosen by the
    /// caller and distinguishes the store from others. When the call returns, the store, the file
    /// and the name of the file in its folder are durable. After a crash in this call, the file may
    /// exist and be no store: remove it.
    ///
    /// # Errors
    ///
    /// If the options are invalid, the file exists, or the operating system returns an error. Then
    /// there is no new file.
    pub fn create_file(
        path: &Path,
        options: &StoreOptions,
        number: u64,
    ) -> Result<Self, StoreFileError> {
        let device = create_device::<R>(path, options)?;
        Self::format(device, options, number).map_err(|error| {
            // The file is this call's own, and is no store. If it stays, opening refuses it.
            let _ = fs::remove_file(path);
            StoreFileError::of_store(path, error)
        })
    }

    /// Opens the store in a file, at its last checkpoint. Some options may have changed (see
    /// [`StoreOptions`]). If there are more blocks, the file grows.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or not those of the store, or have fewer blocks. If the file
    /// does not exist, is open elsewhere, is no store or one of another version, is truncated or
    /// damaged, or the operating system returns an error. The bytes of the file have then not
    /// changed, unless an error of the system occurred while the superblock was written again.
    pub fn open_file(path: &Path, options: &StoreOptions) -> Result<Self, StoreFileError> {
        let device = open_device::<R>(path, options)?;
        Self::open(device, options).map_err(|error| StoreFileError::of_store(path, error))
    }

    /// Returns an error of a call on this store together with the path of its file, for a message
    /// that names both the file and the error of the system.
    #[must_use]
    pub fn file_error(&self, error: StoreError) -> StoreFileError {
        StoreFileError::Store { path: self.grid().storage().device().path().to_owned(), error }
    }
}

/// Creates the file of a store with these options.
pub(crate) fn create_device<R: Record>(
    path: &Path,
    options: &StoreOptions,
) -> Result<FileStorage, StoreFileError> {
    let invalid = |error| StoreFileError::of_store(path, StoreError::Invalid(error));
    options.validate::<R>().map_err(invalid)?;
    let size = options.device_size().map_err(invalid)?;
    let file = SystemFile::create(path, size).map_err(StoreFileError::File)?;
    Ok(FileStorage::new(file, options.layout.sector_size))
}

/// Opens the file of a store with these options. Checks that it has room for a superblock, but not
/// its content.
pub(crate) fn open_device<R: Record>(
    path: &Path,
    options: &StoreOptions,
) -> Result<FileStorage, StoreFileError> {
    let invalid = |error| StoreFileError::of_store(path, StoreError::Invalid(error));
    options.validate::<R>().map_err(invalid)?;
    let layout =
        Layout::new(options.layout).map_err(|error| invalid(InvalidStore::Layout(error)))?;
    let file = SystemFile::open(path).map_err(StoreFileError::File)?;
    let mut device = FileStorage::new(file, options.layout.sector_size);
    if device.size() < layout.with_block_count(1).size() {
        return Err(too_small(&mut device, path, &layout));
    }
    Ok(device)
}

/// The reason why a file of fewer bytes than any store needs is refused: it is no store, or a part
/// of one.
fn too_small(device: &mut FileStorage, path: &Path, layout: &Layout) -> StoreFileError {
    let size = device.size();
    if size < layout.superblock_copy(layout.superblock_copies() - 1).end() {
        return StoreFileError::NotAStore { path: path.to_owned() };
    }
    match Superblock::new(layout).find(device) {
        Ok(header) => {
            let stored = header.state().options.block_count;
            let layout = layout.with_block_count(stored.clamp(1, Layout::BLOCK_COUNT_MAX));
            StoreFileError::Truncated { path: path.to_owned(), size, needed: layout.size() }
        }
        Err(error) => StoreFileError::of_store(path, StoreError::Superblock(error)),
    }
}
