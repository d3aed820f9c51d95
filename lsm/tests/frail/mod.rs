//! A device in memory that misbehaves on demand: operations fail, or the device is gone.

use std::io::ErrorKind;

use downbeat_lsm::storage::{
    Access, Completion, Fault, MemoryStorage, Operation, Owner, Span, Storage, Ticket,
};

/// How a device misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The read, write or flush with this number fails; 0 is the next. All later operations
    /// succeed.
    Fails(Access, u64),
    /// All reads, or all writes, of the byte at this offset fail.
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
    fn fails(&mut self, access: Access, span: Span) -> bool {
        match &mut self.wrong {
            Some(Wrong::Fails(which, 0)) if *which == access => {
                self.wrong = None;
                true
            }
            Some(Wrong::Fails(which, left)) if *which == access => {
                *left -= 1;
                false
            }
            Some(Wrong::Bad(which, at)) => {
                *which == access && span.offset <= *at && *at < span.end()
            }
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
        let (access, span) = match &completion.operation {
            Operation::Read { span, .. } => (Access::Read, *span),
            Operation::Write { span, .. } => (Access::Write, *span),
            Operation::Flush => (Access::Flush, Span { offset: 0, length: 0 }),
        };
        if access == Access::Read {
            self.reads.push(span.offset);
        }
        if self.fails(access, span) {
            completion.result = Err(Fault::new(access, span.offset, &ErrorKind::Other.into()));
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
