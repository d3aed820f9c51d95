//! Storage: a device of sectors with a queue of operations.
//!
//! - An operation owns its buffer from submission to completion, so that the caller cannot change
//!   the buffer in between.
//! - Operations complete only inside [`Storage::step`], at most one per call, in any order.
//! - A write is durable once an [`Operation::Flush`] that was submitted after its completion
//!   completes. Until then a crash may keep, lose or tear each of its sectors independently.
//! - Offsets and lengths are multiples of the sector size.
//!
//! A storage does not interpret bytes. Readers detect damage; the errors of a storage are those of
//! the environment.
//!
//! Files: `operation` is the requests and their completions, `buffer` their memory, `slab` the
//! memory of several buffers, `queue` the order of submission, `layout` the zones of a device,
//! `fault` the error; `memory` and `file` are storages.

mod buffer;
mod fault;
mod file;
mod layout;
mod memory;
mod operation;
mod queue;
mod slab;

pub use buffer::{Buffer, SharedBuffer};
pub use fault::{Access, Fault};
pub use file::{Device, FileStorage, OpenError, SystemFile};
pub use layout::{InvalidLayout, Layout, LayoutOptions, Span, Zone};
pub use memory::MemoryStorage;
pub use operation::{Completion, Operation, Owner, Ticket};

/// A device of sectors with a queue; see the [module](self).
pub trait Storage {
    /// Returns the size of the device in bytes: a multiple of the sector size. Only
    /// [`Storage::grow`] changes it.
    fn size(&self) -> u64;

    /// Returns the size of a sector in bytes. Offsets and lengths are multiples of it.
    fn sector_size(&self) -> usize;

    /// Makes the device larger: it has `size` bytes afterwards. The new bytes read as zeros or as
    /// anything else. The size is durable once a flush that was submitted afterwards completes.
    /// Does nothing if the device is as large already. The queue must be empty.
    ///
    /// # Errors
    ///
    /// Returns an error if the device does not grow. Its size is then as before, or `size`.
    fn grow(&mut self, size: u64) -> Result<(), Fault> {
        if size <= self.size() {
            return Ok(());
        }
        Err(Fault::new(Access::Grow, size, &std::io::ErrorKind::Unsupported.into()))
    }

    /// Gives the space of `length` bytes from `offset` on back to the owner of the device. Until
    /// they are written again, these bytes read as before, as zeros or as anything else, at each
    /// read and after a crash. No operation on them may be in the queue. A device without such a
    /// call keeps the space, and returns an error of the kind
    /// [`Unsupported`](std::io::ErrorKind::Unsupported).
    ///
    /// # Errors
    ///
    /// Returns an error if the space, or a part of it, was not given back.
    ///
    /// # Panics
    ///
    /// If the bytes are not whole sectors of the device.
    fn discard(&mut self, offset: u64, length: u64) -> Result<(), Fault> {
        let _ = length;
        Err(Fault::new(Access::Discard, offset, &std::io::ErrorKind::Unsupported.into()))
    }

    /// Puts an operation into the queue. The completion returns `owner`.
    ///
    /// # Panics
    ///
    /// If the span of a read or write is empty, is not of whole sectors, ends beyond the device, or
    /// is longer than the buffer.
    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket;

    /// Completes at most one operation, which may be any in the queue. Returns `None` if no
    /// operation completes: the queue is empty, or the device is gone.
    fn step(&mut self) -> Option<Completion>;

    /// Returns the number of operations in the queue.
    fn queued(&self) -> usize;

    /// Removes an operation from the queue without completing it, and returns it with its buffer.
    /// It is unknown whether the operation took effect. Callers use this to end without waiting for
    /// the queue. Returns `None` if the queue is empty.
    fn abandon(&mut self) -> Option<Operation>;
}
