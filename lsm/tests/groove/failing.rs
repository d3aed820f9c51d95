//! A device in memory of which some reads or writes fail, or which is gone.

use std::io::ErrorKind;

use downbeat_lsm::storage::{
    Access, Completion, Fault, MemoryStorage, Operation, Owner, Storage, Ticket,
};

#[derive(Debug)]
pub(crate) struct Failing {
    device: MemoryStorage,
    /// How many reads complete before one fails; `None` if no read fails.
    pub(crate) fails: Option<u64>,
    /// All reads at this offset fail; `None` if none do.
    pub(crate) bad: Option<u64>,
    /// The next write at this offset fails; `None` if none does.
    pub(crate) bad_write: Option<u64>,
    /// How many operations complete before the device is gone; `None` if all complete.
    pub(crate) left: Option<u64>,
    /// The offsets of the reads that have completed.
    pub(crate) reads: Vec<u64>,
}

impl Failing {
    pub(crate) fn new(size: usize, sector_size: usize) -> Self {
        Self {
            device: MemoryStorage::new(size, sector_size),
            fails: None,
            bad: None,
            bad_write: None,
            left: None,
            reads: Vec::new(),
        }
    }
}

impl Storage for Failing {
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
        if let Operation::Write { span, .. } = &completion.operation
            && self.bad_write.take_if(|bad| *bad == span.offset).is_some()
        {
            let (offset, kind) = (span.offset, ErrorKind::Other);
            completion.result = Err(Fault { access: Access::Write, offset, kind });
        }
        if let Operation::Read { span, .. } = &completion.operation {
            self.reads.push(span.offset);
            let fails = self.fails == Some(0) || self.bad == Some(span.offset);
            self.fails = self.fails.and_then(|left| left.checked_sub(1));
            if fails {
                let (offset, kind) = (span.offset, ErrorKind::Other);
                completion.result = Err(Fault { access: Access::Read, offset, kind });
            }
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
