//! A file of the operating system.
//!
//! - The file is locked while it is open, so that it is not opened twice through this type.
//! - I/O bypasses the cache of the operating system (`O_DIRECT`) if the file system supports that,
//!   and as long as all operations have the alignment that the device requires. If the sectors of
//!   the store are smaller than those of the device, an operation may not be aligned. From that
//!   operation on, I/O goes through the cache.
//! - A file that [`SystemFile::create`] returns is durable: its length and its name are on the
//!   device.
//!
//! On Unix systems other than Linux, I/O is never direct, and a file keeps its space: nothing is
//! given back.

use std::error::Error;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
#[cfg(target_os = "linux")]
use std::io::IoSlice;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::Device;

/// A locked file of the operating system.
#[derive(Debug)]
pub struct SystemFile {
    path: PathBuf,
    file: File,
    size: u64,
    direct: bool,
}

/// The reason why a file was not opened or created.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is locked: it is open elsewhere.
    Locked {
        /// The path of the file.
        path: PathBuf,
    },
    /// The operating system returned an error.
    Environment {
        /// The path of the file.
        path: PathBuf,
        /// The error.
        error: io::Error,
    },
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Locked { .. } => None,
            Self::Environment { error, .. } => Some(error),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { path } => write!(
                formatter,
                "{} is open elsewhere: close the store that uses it first",
                path.display(),
            ),
            Self::Environment { path, error } => write!(formatter, "{}: {error}", path.display()),
        }
    }
}

impl SystemFile {
    /// Creates a file of `size` bytes, all zero. The file must not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if the file exists or the operating system returns an error. No new file
    /// exists then.
    pub fn create(path: &Path, size: u64) -> Result<Self, OpenError> {
        let environment = |error| OpenError::Environment { path: path.to_owned(), error };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = options.open(path).map_err(environment)?;
        let created = set_length(&file, path, size).map_err(environment);
        let opened = created.and_then(|()| Self::open(path));
        if opened.is_err() {
            // The file is this call's own. That it cannot be removed is not the first error.
            let _ = std::fs::remove_file(path);
        }
        opened
    }

    /// Opens an existing file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is open elsewhere or the operating system returns an error.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let environment = |error| OpenError::Environment { path: path.to_owned(), error };
        let (file, direct) = open_direct(path).map_err(environment)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(environment(error)),
        }
        let size = file.metadata().map_err(environment)?.len();
        Ok(Self { path: path.to_owned(), file, size, direct })
    }

    /// Returns the path with which the file was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether I/O bypasses the cache of the operating system.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.direct
    }

    /// Disables direct I/O if `error` reports a wrong alignment. Returns whether to retry the
    /// operation.
    #[cfg(target_os = "linux")]
    fn leaves_direct(&mut self, error: &io::Error) -> io::Result<bool> {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

        if !self.direct || error.kind() != io::ErrorKind::InvalidInput {
            return Ok(false);
        }
        let flags = fcntl_getfl(&self.file)?;
        fcntl_setfl(&self.file, flags.difference(OFlags::DIRECT))?;
        self.direct = false;
        Ok(true)
    }

    /// There is no direct I/O to disable.
    #[cfg(not(target_os = "linux"))]
    fn leaves_direct(&mut self, _error: &io::Error) -> io::Result<bool> {
        Ok(false)
    }
}

/// Makes the length and the name of a new file durable.
fn set_length(file: &File, path: &Path, size: u64) -> io::Result<()> {
    file.set_len(size)?;
    file.sync_all()?;
    // The name is durable once the folder is synchronised.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Opens the file, for direct I/O if the file system supports it. Also returns whether I/O is
/// direct.
#[cfg(target_os = "linux")]
fn open_direct(path: &Path) -> io::Result<(File, bool)> {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = OpenOptions::new();
    options.read(true).write(true);
    let direct =
        options.clone().custom_flags(rustix::fs::OFlags::DIRECT.bits().cast_signed()).open(path);
    match direct {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            Ok((options.open(path)?, false))
        }
        other => Ok((other?, true)),
    }
}

/// Opens the file. This platform has no flag for direct I/O.
#[cfg(not(target_os = "linux"))]
fn open_direct(path: &Path) -> io::Result<(File, bool)> {
    Ok((OpenOptions::new().read(true).write(true).open(path)?, false))
}

impl Device for SystemFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn grow(&mut self, size: u64) -> io::Result<()> {
        self.file.set_len(size)?;
        self.size = size;
        Ok(())
    }

    /// A hole in the file takes no space. The data and the length of the file are not affected.
    #[cfg(target_os = "linux")]
    fn discard(&mut self, offset: u64, length: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};

        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        loop {
            match fallocate(&self.file, flags, offset, length) {
                Err(rustix::io::Errno::INTR) => {}
                other => return other.map_err(io::Error::from),
            }
        }
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        match self.file.read_exact_at(bytes, offset) {
            Err(error) if self.leaves_direct(&error)? => self.file.read_exact_at(bytes, offset),
            other => other,
        }
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match self.file.write_all_at(bytes, offset) {
            Err(error) if self.leaves_direct(&error)? => self.file.write_all_at(bytes, offset),
            other => other,
        }
    }

    #[cfg(target_os = "linux")]
    fn write_slices_at(&mut self, slices: &[IoSlice<'_>], offset: u64) -> (usize, io::Result<()>) {
        let mut written = 0;
        let mut at = offset;
        while written < slices.len() {
            let result = match rustix::io::pwritev(&self.file, &slices[written..], at) {
                Err(rustix::io::Errno::INTR) => continue,
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                other => other.map_err(io::Error::from),
            };
            let mut count = match result {
                Ok(count) => count,
                Err(error) => match self.leaves_direct(&error) {
                    Ok(true) => continue,
                    // The error may be that of any slice, so the rest is written slice by slice.
                    Ok(false) => {
                        let (count, result) = self.write_each_at(&slices[written..], at);
                        return (written + count, result);
                    }
                    Err(error) => return (written, Err(error)),
                },
            };
            // The system may write less than all.
            while let Some(slice) = slices.get(written)
                && count >= slice.len()
            {
                count -= slice.len();
                at += slice.len() as u64;
                written += 1;
            }
            if count > 0 {
                if let Err(error) = self.write_all_at(&slices[written], at) {
                    return (written, Err(error));
                }
                at += slices[written].len() as u64;
                written += 1;
            }
        }
        (written, Ok(()))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}
