//! A device in memory that misbehaves on demand: operations fail, or the device is gone.

use std::io::ErrorKind;

use downbeat_lsm::storage::{
    Access, Completion, Fault, MemoryStorage, Operation, Owner, Storage, Ticket,
};

/// How a device misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The read, write or flush with this number fails; 0 is the next. All later operations
    /// succeed.
    Fails(Access, u64),
    /// All reads, or all writes, at this offset fail.
    Bad(Access, u64),
    /// After this number of operations the device is gone: no operation completes.
    Gone(u64),
}

#[derive(Debug)]
pub(crate) struct Frail {
    pub(crate) device: MemoryStorage,
    /// How the device misbehaves; `None` if it is sound. A failure that happens once is removed when
    /// it happens.
    pub(crate) wrong: Option<Wrong>,
    /// The offsets of the reads that have completed, failed ones too.
    pub(crate) reads: Vec<u64>,
}

impl Frail {
    /// A sound device with the bytes of this one.
    pub(crate) fn new(device: MemoryStorage) -> Self {
        Self { device, wrong: None, reads: Vec::new() }
    }

    /// Whether an operation fails. Counts it.
    fn fails(&mut self, access: Access, offset: u64) -> bool {
        match &mut self.wrong {
            Some(Wrong::Fails(which, 0)) if *which == access => {
                self.wrong = None;
                true
            }
            Some(Wrong::Fails(which, left)) if *which == access => {
                *left -= 1;
                false
            }
            Some(Wrong::Bad(which, at)) => (*which, *at) == (access, offset),
            Some(Wrong::Gone(left)) => {
                *left -= 1;
                false
            }
            Some(Wrong::Fails(..)) | None => false,
        }
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
        if self.wrong == Some(Wrong::Gone(0)) {
            return None;
        }
        let mut completion = self.device.step()?;
        let (access, offset) = match &completion.operation {
            Operation::Read { span, .. } => (Access::Read, span.offset),
            Operation::Write { span, .. } => (Access::Write, span.offset),
            Operation::Flush => (Access::Flush, 0),
        };
        if access == Access::Read {
            self.reads.push(offset);
        }
        if self.fails(access, offset) {
            completion.result = Err(Fault::new(access, offset, &ErrorKind::Other.into()));
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
