//! A device in memory: completes in the order of submission, never fails, is always durable.
//!
//! What it does not do: it crashes never. What a device may do, a simulated one does.

use std::collections::VecDeque;

use super::{Completion, Operation, Owner, Storage, Ticket};

/// A device in memory: completes in the order of submission, never fails, is always durable.
#[derive(Debug)]
pub struct MemoryStorage {
    bytes: Vec<u8>,
    sector_size: usize,
    queue: VecDeque<(Ticket, Owner, Operation)>,
    submitted: u64,
}

impl MemoryStorage {
    /// A device of `size` bytes, all zero.
    ///
    /// # Panics
    ///
    /// If the size is no multiple of the sector size, or the sector size is 0.
    #[must_use]
    pub fn new(size: usize, sector_size: usize) -> Self {
        assert!(sector_size > 0, "memory_storage: a sector must have a byte");
        assert!(size.is_multiple_of(sector_size), "memory_storage: sectors must be whole ({size})");
        Self { bytes: vec![0; size], sector_size, queue: VecDeque::new(), submitted: 0 }
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All bytes, to be changed behind the back of who uses the device.
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

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        operation.assert_valid(self.size(), self.sector_size);
        self.submitted += 1;
        let ticket = Ticket(self.submitted);
        self.queue.push_back((ticket, owner, operation));
        ticket
    }

    fn step(&mut self) -> Option<Completion> {
        let (ticket, owner, mut operation) = self.queue.pop_front()?;
        match &mut operation {
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
        Some(Completion { ticket, owner, operation, result: Ok(()) })
    }

    fn queued(&self) -> usize {
        self.queue.len()
    }

    fn abandon(&mut self) -> Option<Operation> {
        let (_, _, operation) = self.queue.pop_front()?;
        Some(operation)
    }
}
