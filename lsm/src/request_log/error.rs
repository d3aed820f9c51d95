//! The errors of a request log.

use std::error::Error;
use std::fmt;

use super::{LostRequests, RequestLogOptions};
use crate::storage::Fault;

/// The reason why a log cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRequestLog {
    /// `request_size_max` is 0 or above [`RequestLogOptions::REQUEST_SIZE_MAX`].
    RequestSize {
        /// The value of the option.
        request_size_max: u32,
    },
    /// `requests_max` is 0.
    NoRequests,
    /// A sector is too small for the header of an entry.
    SectorTooSmall {
        /// The size of a sector, in bytes.
        sector_size: usize,
    },
    /// The device is too small for `requests_max` requests.
    DeviceTooSmall {
        /// The size of the device, in bytes.
        size: u64,
        /// The size that it needs, in bytes.
        needed: u64,
    },
}

impl Error for InvalidRequestLog {}

impl fmt::Display for InvalidRequestLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequestSize { request_size_max } => write!(
                formatter,
                "request_size_max is {request_size_max}: set it to a number from 1 to {}",
                RequestLogOptions::REQUEST_SIZE_MAX,
            ),
            Self::NoRequests => formatter.write_str("requests_max is 0: set it to 1 or more"),
            Self::SectorTooSmall { sector_size } => write!(
                formatter,
                "a sector of the log has {sector_size} bytes, but an entry begins with 64: use larger sectors"
            ),
            Self::DeviceTooSmall { size, needed } => write!(
                formatter,
                "the device of the log has {size} bytes, but {needed} are needed: make it larger or the limits lower"
            ),
        }
    }
}

/// The reason why a call on a request log failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestLogError {
    /// The log was not opened yet, or opening it failed.
    Closed,
    /// The device failed an operation. The log does not write until it is opened again.
    Failed(Fault),
    /// The device completes no operations.
    Gone,
    /// Requests that were durable are missing, damaged or unreadable. The log did not change.
    /// [`RequestLog::open_without`](super::RequestLog::open_without) opens it without them.
    Damaged(LostRequests),
    /// The device has no label of a log: it was never formatted, formatting was interrupted, or the
    /// label is damaged.
    NotFormatted,
    /// The log was formatted with other sizes.
    OtherOptions,
    /// The device is that of another log.
    OtherLog {
        /// The number of the other log.
        number: u64,
    },
}

impl Error for RequestLogError {}

impl fmt::Display for RequestLogError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => {
                formatter.write_str("the request log is closed: open or format it first")
            }
            Self::Failed(fault) => write!(formatter, "the request log has failed: {fault}"),
            Self::Gone => {
                formatter.write_str("the device of the request log completes no operations")
            }
            Self::Damaged(lost) => write!(formatter, "the log is damaged: {lost}"),
            Self::NotFormatted => formatter.write_str(
                "the device of the request log has no label: format it, unless it is the wrong device",
            ),
            Self::OtherOptions => formatter.write_str(
                "the request log was formatted with other sizes of sectors or requests: use the same",
            ),
            Self::OtherLog { number } => write!(
                formatter,
                "the device is that of log {number}, which belongs to another store"
            ),
        }
    }
}
