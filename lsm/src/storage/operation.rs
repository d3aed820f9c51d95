//! The operations of a storage and their completions.
//!
//! - A storage never uses a ticket twice.
//! - A completion returns the operation with its buffer, whatever the result.
//! - Operations that are in the queue at the same time complete in any order.

use super::{Buffer, Fault, SharedBuffer, Span};

/// An operation of a storage.
#[derive(Debug)]
pub enum Operation {
    /// Reads into the first `span.length` bytes of the buffer. After a fault these bytes are
    /// undefined.
    Read {
        /// The bytes to read.
        span: Span,
        /// A buffer at least as long as the span.
        buffer: Buffer,
    },
    /// Writes the first `span.length` bytes of the buffer. After a fault each sector may or may not
    /// be written.
    Write {
        /// The bytes to write.
        span: Span,
        /// A buffer at least as long as the span. Other holders of the shared buffer may read it
        /// during the write.
        buffer: SharedBuffer,
    },
    /// Makes durable all writes that completed before the flush was submitted. After a fault it is
    /// unknown which of them are durable, even if a later flush succeeds.
    Flush,
}

/// The component that waits for an operation. The storage returns it and does not interpret it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The component.
    pub component: u16,
    /// The number by which the component identifies the operation.
    pub slot: u32,
}

/// The number of an operation in a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A completed operation.
#[derive(Debug)]
#[must_use]
pub struct Completion {
    /// The ticket of the operation.
    pub ticket: Ticket,
    /// The owner with which the operation was submitted.
    pub owner: Owner,
    /// The operation, with its buffer.
    pub operation: Operation,
    /// Whether the operation succeeded.
    pub result: Result<(), Fault>,
}

impl Operation {
    /// Returns the bytes that the operation reads or writes, or `None` for a flush.
    #[must_use]
    #[inline]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Read { span, .. } | Self::Write { span, .. } => Some(*span),
            Self::Flush => None,
        }
    }

    /// Asserts the requirements of [`Storage::submit`]. Storages call this.
    ///
    /// # Panics
    ///
    /// If the span is empty, is not of whole sectors, ends after `size`, or is longer than the
    /// buffer.
    ///
    /// [`Storage::submit`]: super::Storage::submit
    #[inline]
    pub fn assert_valid(&self, size: u64, sector_size: usize) {
        let (span, buffer_length) = match self {
            Self::Read { span, buffer } => (span, buffer.bytes().len()),
            Self::Write { span, buffer } => (span, buffer.bytes().len()),
            Self::Flush => return,
        };
        let Span { offset, length } = *span;
        assert!(length > 0, "storage: a span must not be empty (offset {offset})");
        assert!(
            length.is_multiple_of(sector_size) && offset.is_multiple_of(sector_size as u64),
            "storage: a span must be of whole sectors (offset {offset}, length {length})",
        );
        assert!(
            offset <= size && length as u64 <= size - offset,
            "storage: a span must end within the device (offset {offset}, length {length})",
        );
        assert!(
            length <= buffer_length,
            "storage: a buffer must be at least as long as its span ({buffer_length}, {length})",
        );
    }
}
