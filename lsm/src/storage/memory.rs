//! A device in memory, for tests and for stores that need not outlive the process.
//!
//! - Operations complete in the order of submission and never fail.
//! - All writes are durable immediately.

use super::queue::Queue;
use super::{Completion, Fault, Operation, Owner, Storage, Ticket};

/// A device in memory: operations complete in the order of submission and never fail.
#[derive(Debug)]
pub struct MemoryStorage {
    bytes: Vec<u8>,
    sector_size: usize,
    queue: Queue,
}

impl MemoryStorage {
    /// Creates a device of `size` bytes, all zero.
    ///
    /// # Panics
    ///
    /// If the sector size is 0, or the size is not a multiple of it.
    #[must_use]
    pub fn new(size: usize, sector_size: usize) -> Self {
        assert!(sector_size > 0, "memory_storage: a sector must have a byte");
        assert!(size.is_multiple_of(sector_size), "memory_storage: sectors must be whole ({size})");
        Self { bytes: vec![0; size], sector_size, queue: Queue::default() }
    }

    /// Returns all bytes of the device.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns all bytes of the device for writing. A change acts like damage: the user of the
    /// device notices it only when it reads the bytes.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl Storage for MemoryStorage {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn sector_size(&self) -> usize {
        self.sector_size
    }

    fn grow(&mut self, size: u64) -> Result<(), Fault> {
        if size > self.size() {
            self.bytes.resize(size as usize, 0);
        }
        Ok(())
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        operation.assert_valid(self.size(), self.sector_size);
        self.queue.push(operation, owner)
    }

    fn step(&mut self) -> Option<Completion> {
        let mut completion = self.queue.pop()?;
        match &mut completion.operation {
            Operation::Read { span, buffer } => {
                let start = span.offset as usize;
                let bytes = &self.bytes[start..start + span.length];
                buffer.bytes_mut()[..span.length].copy_from_slice(bytes);
            }
            Operation::Write { span, buffer } => {
                let start = span.offset as usize;
                let bytes = &mut self.bytes[start..start + span.length];
                bytes.copy_from_slice(&buffer.bytes()[..span.length]);
            }
            Operation::Flush => {}
        }
        Some(completion)
    }

    fn queued(&self) -> usize {
        self.queue.len()
    }

    fn abandon(&mut self) -> Option<Operation> {
        self.queue.pop().map(|completion| completion.operation)
    }
}
