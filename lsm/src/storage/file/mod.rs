//! A storage over a file.
//!
//! - Operations complete in the order of submission. [`Storage::step`] performs the next one.
//!   Writes that are next in the queue and adjacent on the device are performed together, and then
//!   complete one by one. Each still succeeds or fails on its own.
//! - A flush completes after the device reports that all writes are durable.
//! - After a failed flush all later flushes fail: the operating system may have dropped the writes,
//!   and a later flush does not write them. Reopen the file to continue.
//! - No operation is retried, but writes that failed together are tried one by one.
//!
//! Files: `device` is the interface to a file, `system` a file of the operating system.

mod device;
mod system;

pub use device::Device;
pub use system::{OpenError, SystemFile};

use std::io::IoSlice;

use super::queue::Queue;
use super::{Access, Completion, Fault, Operation, Owner, Span, Storage, Ticket};

/// A storage over a [`Device`]. Operations complete in the order of submission.
#[derive(Debug)]
pub struct FileStorage<D = SystemFile> {
    device: D,
    sector_size: usize,
    size: u64,
    queue: Queue,
    /// The number of writes at the front of the queue that were performed.
    written: usize,
    /// The fault of the write after them, if it was performed, too.
    unwritten: Option<Fault>,
    /// The fault of the flush that failed.
    failed: Option<Fault>,
}

/// The maximum number of writes that are performed together. A store has at most as many adjacent
/// blocks in the queue as it has writes in flight.
const JOINED_MAX: usize = 64;

impl<D: Device> FileStorage<D> {
    /// Creates a storage over this device. Bytes of the device after the last whole sector are not
    /// used.
    ///
    /// # Panics
    ///
    /// If the sector size is 0.
    #[must_use]
    pub fn new(device: D, sector_size: usize) -> Self {
        assert!(sector_size > 0, "file_storage: a sector must have a byte");
        let size = device.size() / sector_size as u64 * sector_size as u64;
        Self {
            device,
            sector_size,
            size,
            queue: Queue::default(),
            written: 0,
            unwritten: None,
            failed: None,
        }
    }

    /// Returns the device.
    #[must_use]
    pub fn device(&self) -> &D {
        &self.device
    }

    /// Returns the device for writing. A change to its bytes acts like damage: the user of the
    /// storage notices it only when it reads them.
    #[must_use]
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// Returns the device. The operations in the queue are dropped.
    #[must_use]
    pub fn into_device(self) -> D {
        self.device
    }

    /// Empties the queue and forgets a failed flush, as reopening the file does.
    pub fn reset(&mut self) {
        self.queue.clear();
        self.written = 0;
        self.unwritten = None;
        self.failed = None;
    }

    /// Performs the writes at the front of the queue that are adjacent on the device, if there are
    /// two or more.
    fn write_joined(&mut self) {
        let mut slices = [IoSlice::new(&[]); JOINED_MAX];
        let (mut count, mut begin, mut end) = (0, 0, 0);
        for (operation, slice) in self.queue.operations().zip(&mut slices) {
            let Operation::Write { span, buffer } = operation else { break };
            if count == 0 {
                begin = span.offset;
            } else if span.offset != end {
                break;
            }
            *slice = IoSlice::new(&buffer.bytes()[..span.length]);
            (count, end) = (count + 1, span.end());
        }
        if count < 2 {
            return;
        }
        let (written, result) = self.device.write_slices_at(&slices[..count], begin);
        let lengths = slices[..written].iter().map(|slice| slice.len() as u64);
        let offset = begin + lengths.sum::<u64>();
        self.written = written;
        self.unwritten = result.err().map(|error| Fault::new(Access::Write, offset, &error));
    }

    fn perform(&mut self, operation: &mut Operation) -> Result<(), Fault> {
        match operation {
            Operation::Read { span: Span { offset, length }, buffer } => {
                let bytes = &mut buffer.bytes_mut()[..*length];
                let read = self.device.read_exact_at(bytes, *offset);
                read.map_err(|error| Fault::new(Access::Read, *offset, &error))
            }
            Operation::Write { span: Span { offset, length }, buffer } => {
                let bytes = &buffer.bytes()[..*length];
                let written = self.device.write_all_at(bytes, *offset);
                written.map_err(|error| Fault::new(Access::Write, *offset, &error))
            }
            Operation::Flush => {
                if let Some(failed) = self.failed {
                    return Err(failed);
                }
                self.device.sync_data().map_err(|error| {
                    let fault = Fault::new(Access::Flush, 0, &error);
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

    fn grow(&mut self, size: u64) -> Result<(), Fault> {
        if size > self.size {
            let grown = self.device.grow(size);
            grown.map_err(|error| Fault::new(Access::Grow, size, &error))?;
            self.size = size;
        }
        Ok(())
    }

    fn discard(&mut self, offset: u64, length: u64) -> Result<(), Fault> {
        let sector_size = self.sector_size as u64;
        assert!(
            offset.is_multiple_of(sector_size)
                && length.is_multiple_of(sector_size)
                && offset.checked_add(length).is_some_and(|end| end <= self.size),
            "file_storage: whole sectors of the device are given back ({offset}, {length})",
        );
        let discarded = self.device.discard(offset, length);
        discarded.map_err(|error| Fault::new(Access::Discard, offset, &error))
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        operation.assert_valid(self.size, self.sector_size);
        self.queue.push(operation, owner)
    }

    fn step(&mut self) -> Option<Completion> {
        if self.written == 0 && self.unwritten.is_none() {
            self.write_joined();
        }
        let mut completion = self.queue.pop()?;
        if self.written > 0 {
            self.written -= 1;
        } else if let Some(fault) = self.unwritten.take() {
            completion.result = Err(fault);
        } else {
            completion.result = self.perform(&mut completion.operation);
        }
        Some(completion)
    }

    fn queued(&self) -> usize {
        self.queue.len()
    }

    fn abandon(&mut self) -> Option<Operation> {
        if self.written > 0 {
            self.written -= 1;
        } else {
            self.unwritten = None;
        }
        self.queue.pop().map(|completion| completion.operation)
    }
}
