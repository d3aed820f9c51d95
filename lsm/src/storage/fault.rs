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
}

/// An operation that the device failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind of the operation.
    pub access: Access,
    /// The offset in bytes; 0 for a flush.
    pub offset: u64,
    /// The error of the environment.
    pub kind: io::ErrorKind,
}

impl Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access, offset, kind } = self;
        match access {
            Access::Read => write!(formatter, "the device cannot read at byte {offset}: {kind}"),
            Access::Write => write!(formatter, "the device cannot write at byte {offset}: {kind}"),
            Access::Flush => write!(formatter, "the device cannot make writes durable: {kind}"),
        }
    }
}
