//! A device in memory of which a flush fails, or which is gone: it then completes no operation.

use std::io::ErrorKind;

use downbeat_lsm::storage::{
    Access, Completion, Fault, MemoryStorage, Operation, Owner, Storage, Ticket,
};

/// The fault of a flush.
pub(crate) const FAULT: Fault =
    Fault { access: Access::Flush, offset: 0, kind: ErrorKind::StorageFull };

#[derive(Debug)]
pub(crate) struct Frail {
    pub(crate) device: MemoryStorage,
    /// How many operations complete before the device is gone; `None` if all complete.
    pub(crate) left: Option<u64>,
    /// Whether the next flush fails.
    pub(crate) flush_fails: bool,
}

impl Frail {
    /// A device that completes its operations.
    pub(crate) fn new(device: MemoryStorage) -> Self {
        Self { device, left: None, flush_fails: false }
    }

    /// A device that completes no operation.
    pub(crate) fn gone(device: MemoryStorage) -> Self {
        Self { device, left: Some(0), flush_fails: false }
    }
}

impl Storage for Frail {
    fn size(&self) -> u64 {
        self.device.size()
    }

    fn sector_size(&self) -> usize {
        self.device.sector_size()
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        self.device.submit(operation, owner)
    }

    fn step(&mut self) -> Option<Completion> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        let mut completion = self.device.step()?;
        if matches!(completion.operation, Operation::Flush) && std::mem::take(&mut self.flush_fails)
        {
            completion.result = Err(FAULT);
        }
        Some(completion)
    }

    fn queued(&self) -> usize {
        self.device.queued()
    }

    fn abandon(&mut self) -> Option<Operation> {
        self.device.abandon()
    }
}
