//! An error of the environment: the device did not do what it was asked.
//!
//! What this does not do: damaged bytes are no fault but a [`Corruption`], found by who reads them.
//!
//! [`Corruption`]: crate::block::Corruption

use std::error::Error;
use std::fmt;
use std::io;

/// What the device was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read.
    Read,
    /// To write.
    Write,
    /// To make writes durable.
    Flush,
}

/// The device did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was asked.
    pub access: Access,
    /// Where, in bytes; 0 for a flush.
    pub offset: u64,
    /// What the environment says.
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
