//! A file of the operating system, with one owner.
//!
//! - While it is open, nobody else can open it through this type: the file is locked.
//! - I/O goes around the cache of the operating system (`O_DIRECT`) where the file system can, and as long
//!   as all of it is aligned as the device below wants it: sectors may be smaller than that.
//! - A file that [`SystemFile::create`] gave is durable by itself: its length and its name are on the
//!   device.
//!
//! What it does not do: it does not format the file, nor look into it. Platforms: Linux, and others of the
//! Unix kind without direct I/O.

use std::error::Error;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::Device;

/// A file of the operating system, with one owner.
#[derive(Debug)]
pub struct SystemFile {
    file: File,
    size: u64,
    direct: bool,
}

/// Why a file cannot be had.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// Somebody else has it open.
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The environment does not let us.
    Environment {
        /// The file.
        path: PathBuf,
        /// What it says.
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
                "{} is open elsewhere: close the store that has it first",
                path.display(),
            ),
            Self::Environment { path, error } => write!(formatter, "{}: {error}", path.display()),
        }
    }
}

impl SystemFile {
    /// Makes a file of `size` bytes, all zero, that must not be there yet.
    ///
    /// # Errors
    ///
    /// If it is there, or the environment does not let us.
    pub fn create(path: &Path, size: u64) -> Result<Self, OpenError> {
        let environment = |error| OpenError::Environment { path: path.to_owned(), error };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = options.open(path).map_err(environment)?;
        file.set_len(size).map_err(environment)?;
        file.sync_all().map_err(environment)?;
        // A name is durable once its folder is.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(environment)?;
        folder.sync_all().map_err(environment)?;
        drop(file);
        Self::open(path)
    }

    /// Opens a file that is there.
    ///
    /// # Errors
    ///
    /// If somebody else has it open, or the environment does not let us.
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
        Ok(Self { file, size, direct })
    }

    /// Whether I/O goes around the cache of the operating system.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.direct
    }

    /// Gives up direct I/O if it was refused for its alignment. Says whether the I/O is to be tried again.
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

    /// There is no direct I/O to give up.
    #[cfg(not(target_os = "linux"))]
    fn leaves_direct(&mut self, _error: &io::Error) -> io::Result<bool> {
        Ok(false)
    }
}

/// The file, opened for direct I/O if the file system can do that.
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

/// The file; this platform has no direct I/O that a flag asks for.
#[cfg(not(target_os = "linux"))]
fn open_direct(path: &Path) -> io::Result<(File, bool)> {
    Ok((OpenOptions::new().read(true).write(true).open(path)?, false))
}

impl Device for SystemFile {
    fn size(&self) -> u64 {
        self.size
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

    fn sync_data(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}
