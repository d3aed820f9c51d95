//! A device in memory that misbehaves on demand: one operation fails, or operations stop
//! completing.

use std::io::ErrorKind;

use downbeat_lsm::storage::{
    Access, Completion, Fault, MemoryStorage, Operation, Owner, Storage, Ticket,
};
use downbeat_lsm::store::StoreOptions;

use crate::stores::memory;

/// How the device misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The read, write or flush with this number fails; 0 is the next one.
    Fails(Access, u64),
    /// After this number of operations, no operation completes.
    Gone(u64),
}

#[derive(Debug)]
pub(crate) struct Frail {
    pub(crate) device: MemoryStorage,
    wrong: Option<Wrong>,
}

impl Frail {
    /// A sound device for a store of these sizes.
    pub(crate) fn new(options: &StoreOptions) -> Self {
        Self { device: memory(options), wrong: None }
    }

    /// A sound device with the bytes of another.
    pub(crate) fn like(bytes: &[u8], sector_size: usize) -> Self {
        let mut device = MemoryStorage::new(bytes.len(), sector_size);
        device.bytes_mut().copy_from_slice(bytes);
        Self { device, wrong: None }
    }

    pub(crate) fn goes_wrong(&mut self, wrong: Wrong) {
        self.wrong = Some(wrong);
    }

    /// Whether no misbehaviour is still to come: the requested one has happened, or none was
    /// requested.
    pub(crate) fn went_wrong(&self) -> bool {
        matches!(self.wrong, None | Some(Wrong::Gone(0)))
    }
}

fn access(operation: &Operation) -> (Access, u64) {
    match operation {
        Operation::Read { span, .. } => (Access::Read, span.offset),
        Operation::Write { span, .. } => (Access::Write, span.offset),
        Operation::Flush => (Access::Flush, 0),
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
        let (access, offset) = access(&completion.operation);
        match &mut self.wrong {
            Some(Wrong::Gone(left)) => *left -= 1,
            Some(Wrong::Fails(which, left)) if *which == access => match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => {
                    self.wrong = None;
                    completion.result = Err(Fault { access, offset, kind: ErrorKind::Other });
                }
            },
            _ => {}
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
