//! Where bytes live: a device of sectors with a queue.
//!
//! - An operation owns its buffer from submission to completion, so nobody can touch it in between.
//! - Nothing completes except inside [`Storage::step`], one operation a call, in any order.
//! - A write is durable once a [`Operation::Flush`] that was submitted after its completion has
//!   completed. Until then a crash may keep it, lose it, or tear it, each sector on its own.
//! - Offsets and lengths are multiples of the sector size.
//!
//! What it does not do: it does not know what the bytes mean. Damage is found by who reads them; the
//! errors of a storage are those of the environment.
//!
//! Files: `operation` is what is asked and answered, `buffer` the memory of it, `layout` the zones of a
//! device; `memory` and `file` are storages.

mod buffer;
mod fault;
mod file;
mod layout;
mod memory;
mod operation;

pub use buffer::{Buffer, SharedBuffer};
pub use fault::{Access, Fault};
pub use file::{Device, FileStorage, OpenError, SystemFile};
pub use layout::{InvalidLayout, Layout, LayoutOptions, Span, Zone};
pub use memory::MemoryStorage;
pub use operation::{Completion, Operation, Owner, Ticket};

/// A device of sectors with a queue; see the [module](self).
pub trait Storage {
    /// The bytes of the device: a multiple of the sector size that never changes.
    fn size(&self) -> u64;

    /// The bytes of a sector: what offsets and lengths are multiples of.
    fn sector_size(&self) -> usize;

    /// Takes an operation into the queue. `owner` comes back with its completion.
    ///
    /// # Panics
    ///
    /// If the span of a read or write is empty, not of whole sectors, beyond the device, or longer
    /// than its buffer.
    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket;

    /// Completes at most one operation; any of those in the queue. `None` if nothing completes now: the
    /// queue is empty, or the device is gone.
    fn step(&mut self) -> Option<Completion>;

    /// The operations in the queue.
    fn queued(&self) -> usize;

    /// Takes back an operation that will not complete any more, for its buffer. Whether it took effect
    /// is unknown. For whoever ends without waiting; `None` once the queue is empty.
    fn abandon(&mut self) -> Option<Operation>;
}
