//! A fault: the device failed an operation. This is an error of the environment.
//!
//! Damaged bytes are not a fault but a [`Corruption`](crate::block::Corruption), which the reader
//! of the bytes detects.

use std::error::Error;
use std::fmt;
use std::io;

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A read.
    Read,
    /// A write.
    Write,
    /// A flush, which makes writes durable.
    Flush,
    /// The device becomes larger.
    Grow,
    /// The space of bytes is given back.
    Discard,
}

/// An operation that the device failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of the operation.
    pub access: Access,
    /// The offset in bytes; 0 for a flush, and the new size if the device was to grow.
    pub offset: u64,
    /// The kind of the error of the environment.
    pub kind: io::ErrorKind,
    /// The number of the error in the operating system; `None` if the error is not of the system.
    pub code: Option<i32>,
}

impl Fault {
    /// The fault of an operation that failed with this error.
    #[must_use]
    pub fn new(access: Access, offset: u64, error: &io::Error) -> Self {
        Self { access, offset, kind: error.kind(), code: error.raw_os_error() }
    }

    /// The error of the environment, without a message of its own.
    #[must_use]
    pub fn error(&self) -> io::Error {
        self.code.map_or_else(|| self.kind.into(), io::Error::from_raw_os_error)
    }
}

impl Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (offset, error) = (self.offset, self.error());
        match self.access {
            Access::Read => write!(formatter, "the device cannot read at byte {offset}: {error}"),
            Access::Write => write!(formatter, "the device cannot write at byte {offset}: {error}"),
            Access::Flush => write!(formatter, "the device cannot make writes durable: {error}"),
            Access::Grow => write!(formatter, "the device cannot grow to {offset} bytes: {error}"),
            Access::Discard => {
                write!(formatter, "the device cannot give space back at byte {offset}: {error}")
            }
        }
    }
}
