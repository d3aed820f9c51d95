//! What is asked of a storage, and what it answers.
//!
//! - A ticket is never used twice by one storage.
//! - A completion gives back the operation with its buffer, whatever the result.
//!
//! What this does not do: it gives no order. Two operations in the queue at once complete in any.

use super::{Buffer, Fault, SharedBuffer, Span};

/// What a storage is asked to do.
#[derive(Debug)]
pub enum Operation {
    /// Fills the first `span.length` bytes of the buffer. After a fault they are undefined.
    Read {
        /// Where from.
        span: Span,
        /// At least as long as the span.
        buffer: Buffer,
    },
    /// Writes the first `span.length` bytes of the buffer. After a fault each sector may have been
    /// written or not.
    Write {
        /// Where to.
        span: Span,
        /// At least as long as the span. Others may read it meanwhile.
        buffer: SharedBuffer,
    },
    /// Makes all writes durable that completed before this was submitted. After a fault nothing is known
    /// of them, and another flush does not tell.
    Flush,
}

/// Who waits for an operation. The storage gives it back and never looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The component.
    pub component: u16,
    /// Which of the component's operations, by its own count.
    pub slot: u32,
}

/// The name of an operation in the queue of a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// An operation that is over.
#[derive(Debug)]
#[must_use]
pub struct Completion {
    /// What it was submitted as.
    pub ticket: Ticket,
    /// Who waits for it.
    pub owner: Owner,
    /// The operation, with its buffer.
    pub operation: Operation,
    /// Whether it was done.
    pub result: Result<(), Fault>,
}

impl Operation {
    /// The piece of the device that it reads or writes; none for a flush.
    #[must_use]
    #[inline]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Read { span, .. } | Self::Write { span, .. } => Some(*span),
            Self::Flush => None,
        }
    }

    /// For storages: requires of an operation what [`Storage::submit`] says.
    ///
    /// # Panics
    ///
    /// If its span is empty, not of whole sectors, beyond `size`, or longer than its buffer.
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
        assert!(length > 0, "storage: a span must have a byte (offset {offset})");
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
            "storage: a buffer must be as long as its span ({buffer_length}, {length})",
        );
    }
}
