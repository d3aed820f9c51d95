//! A device in memory that limits how many operations a call of the store may submit.

use downbeat_lsm::storage::{Completion, MemoryStorage, Operation, Owner, Storage, Ticket};

/// A device in memory. Panics if more operations are submitted than [`Device::allow`] allows.
#[derive(Debug)]
pub(super) struct Device {
    memory: MemoryStorage,
    /// All bytes from this offset on are zero.
    used: usize,
    /// The number of operations that may still be submitted.
    left: u64,
}

impl Device {
    /// Creates a device of `size` bytes, all zero.
    pub(super) fn new(size: usize, sector_size: usize) -> Self {
        Device { memory: MemoryStorage::new(size, sector_size), used: 0, left: 0 }
    }

    /// Allows `count` operations until the next call of this method.
    pub(super) fn allow(&mut self, count: u64) {
        self.left = count;
    }

    /// All bytes of the device.
    pub(super) fn bytes(&self) -> &[u8] {
        self.memory.bytes()
    }

    /// All bytes of the device. The caller changes only bytes before `end`.
    pub(super) fn bytes_mut(&mut self, end: usize) -> &mut [u8] {
        self.used = self.used.max(end);
        self.memory.bytes_mut()
    }

    /// The bytes up to the last one that may be nonzero.
    pub(super) fn written(&self) -> &[u8] {
        &self.memory.bytes()[..self.used]
    }

    /// Sets the bytes to those of `image`, followed by zeros.
    pub(super) fn restore(&mut self, image: &[u8]) {
        let (kept, rest) = self.memory.bytes_mut().split_at_mut(image.len());
        kept.copy_from_slice(image);
        rest[..self.used.saturating_sub(image.len())].fill(0);
        self.used = image.len();
    }
}

impl Storage for Device {
    fn size(&self) -> u64 {
        self.memory.size()
    }

    fn sector_size(&self) -> usize {
        self.memory.sector_size()
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        assert!(self.left > 0, "image: a call must not make more operations than its bound");
        self.left -= 1;
        if let Operation::Write { span, .. } = &operation {
            self.used = self.used.max(span.end() as usize);
        }
        self.memory.submit(operation, owner)
    }

    fn step(&mut self) -> Option<Completion> {
        self.memory.step()
    }

    fn queued(&self) -> usize {
        self.memory.queued()
    }

    fn abandon(&mut self) -> Option<Operation> {
        self.memory.abandon()
    }
}
