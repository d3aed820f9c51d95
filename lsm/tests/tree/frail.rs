//! A device in memory that fails as it is told: one operation fails, or none completes any longer.

use std::io::ErrorKind;

use downbeat_lsm::storage::{
    Access, Completion, Fault, Layout, MemoryStorage, Operation, Owner, Storage, Ticket,
};
use downbeat_lsm::store::StoreOptions;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// This one fails, of those that read, write or flush: 0 is the next.
    Fails(Access, u64),
    /// After so many, none completes.
    Gone(u64),
}

#[derive(Debug)]
pub(crate) struct Frail {
    pub(crate) device: MemoryStorage,
    wrong: Option<Wrong>,
}

impl Frail {
    /// A device for a store of these sizes.
    pub(crate) fn new(options: &StoreOptions) -> Self {
        let layout = Layout::new(options.layout).expect("sizes that can be");
        let size = usize::try_from(layout.size()).expect("it fits in memory");
        Self { device: MemoryStorage::new(size, layout.sector_size()), wrong: None }
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

    /// Whether it has gone wrong.
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
