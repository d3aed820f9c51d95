//! A device that is a file, or what behaves like one: the queue over positioned reads and writes.
//!
//! - Operations complete in the order of submission; each is done when [`Storage::step`] comes to it.
//! - A flush completes only after the device has said that all is durable.
//! - After a failed flush every later flush fails, too: what the operating system dropped then is not
//!   written by asking again. Open the file anew to go on.
//!
//! What it does not do: it does not retry, and does not look at bytes.
//!
//! Files: `device` is what is needed of the operating system, `system` the operating system.

mod device;
mod system;

use std::collections::VecDeque;

pub use device::Device;
pub use system::{OpenError, SystemFile};

use super::{Access, Completion, Fault, Operation, Owner, Span, Storage, Ticket};

/// A queue over a [`Device`]: operations complete in the order of submission.
#[derive(Debug)]
pub struct FileStorage<D = SystemFile> {
    device: D,
    sector_size: usize,
    size: u64,
    queue: VecDeque<(Ticket, Owner, Operation)>,
    submitted: u64,
    /// The flush that failed.
    failed: Option<Fault>,
}

impl<D: Device> FileStorage<D> {
    /// A queue over a device whose size is that of a store. Bytes behind the last whole sector do not
    /// count.
    ///
    /// # Panics
    ///
    /// If a sector is 0 bytes.
    #[must_use]
    pub fn new(device: D, sector_size: usize) -> Self {
        assert!(sector_size > 0, "file_storage: a sector must have a byte");
        let size = device.size() / sector_size as u64 * sector_size as u64;
        Self { device, sector_size, size, queue: VecDeque::new(), submitted: 0, failed: None }
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> &D {
        &self.device
    }

    /// The device, to be changed behind the back of who uses the queue.
    #[must_use]
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// The device; what is in the queue is dropped.
    #[must_use]
    pub fn into_device(self) -> D {
        self.device
    }

    /// Forgets the queue and a failed flush, as opening the file anew does.
    pub fn reset(&mut self) {
        self.queue.clear();
        self.failed = None;
    }

    fn perform(&mut self, operation: &mut Operation) -> Result<(), Fault> {
        match operation {
            Operation::Read { span: Span { offset, length }, buffer } => {
                let bytes = &mut buffer.bytes_mut()[..*length];
                self.device.read_exact_at(bytes, *offset).map_err(|error| Fault {
                    access: Access::Read,
                    offset: *offset,
                    kind: error.kind(),
                })
            }
            Operation::Write { span: Span { offset, length }, buffer } => {
                let bytes = &buffer.bytes()[..*length];
                self.device.write_all_at(bytes, *offset).map_err(|error| Fault {
                    access: Access::Write,
                    offset: *offset,
                    kind: error.kind(),
                })
            }
            Operation::Flush => {
                if let Some(failed) = self.failed {
                    return Err(failed);
                }
                self.device.sync_data().map_err(|error| {
                    let fault = Fault { access: Access::Flush, offset: 0, kind: error.kind() };
                    self.failed = Some(fault);
                    fault
                })
            }
        }
    }
}

impl<D: Device> Storage for FileStorage<D> {
    fn size(&self) -> u64 {
        self.size
    }

    fn sector_size(&self) -> usize {
        self.sector_size
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        operation.assert_valid(self.size, self.sector_size);
        self.submitted += 1;
        let ticket = Ticket(self.submitted);
        self.queue.push_back((ticket, owner, operation));
        ticket
    }

    fn step(&mut self) -> Option<Completion> {
        let (ticket, owner, mut operation) = self.queue.pop_front()?;
        let result = self.perform(&mut operation);
        Some(Completion { ticket, owner, operation, result })
    }

    fn queued(&self) -> usize {
        self.queue.len()
    }

    fn abandon(&mut self) -> Option<Operation> {
        let (_, _, operation) = self.queue.pop_front()?;
        Some(operation)
    }
}
