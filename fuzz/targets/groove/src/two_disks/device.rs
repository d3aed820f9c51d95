//! A simulated disk with the shared clock.
//!
//! The disk of the log has the log in block 1, because the rules of a simulated disk are those of a
//! store: a write lies in one block. Offsets are moved accordingly.

use downbeat_lsm::storage::{
    Completion, Fault, Layout, LayoutOptions, Operation, Owner, Span, Storage, Ticket, Zone,
};

use super::clock::{Clock, Crash, LastIo, Role};
use downbeat::disk::{RuleOptions, SimulatedDisk};

/// The copies of a log's label, each in a sector of its own at the beginning of the device.
pub(crate) const LABEL_COPIES: usize = 2;

/// A device; see the [module](self).
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) disk: SimulatedDisk,
    pub(crate) clock: Clock,
    role: Role,
    /// The offset on the disk of the device's first byte.
    start: u64,
    size: u64,
}

impl Device {
    /// The device of a machine.
    pub(crate) fn of_machine(disk: SimulatedDisk, clock: &Clock) -> Self {
        let size = disk.layout().size();
        Self { disk, clock: clock.clone(), role: Role::Machine, start: 0, size }
    }

    /// The device of a log of `size` bytes.
    pub(crate) fn of_log(size: u64, sector_size: usize, clock: &Clock) -> Self {
        let block_size = (size as usize).next_power_of_two().max(Layout::BLOCK_SIZE_MIN);
        let options =
            LayoutOptions { sector_size, block_size, superblock_copies: 2, block_count: 1 };
        let layout = Layout::new(options).expect("the target's settings are valid");
        let disk = SimulatedDisk::new(layout);
        let start = layout.block(1).offset;
        Self { disk, clock: clock.clone(), role: Role::Log, start, size }
    }

    /// Takes the disk. The device gets an empty one.
    pub(crate) fn take(&mut self) -> Self {
        let Self { disk, clock, role, start, size } = self;
        let disk = std::mem::replace(disk, SimulatedDisk::new(*disk.layout()));
        Self { disk, clock: clock.clone(), role: *role, start: *start, size: *size }
    }

    /// Switches off the rule of a store's disk that the log does not follow: opening a log reads
    /// sectors that were never written.
    pub(crate) fn allow_unwritten_reads(&mut self) {
        let rules = self.disk.rules();
        self.disk.set_rules(RuleOptions { unwritten_reads: false, ..rules });
    }

    /// Crashes if the clock did.
    #[inline]
    pub(crate) fn follow_clock(&mut self) {
        match self.clock.crashed() {
            None => {}
            Some(Crash::Power) => self.disk.lose_power(),
            Some(Crash::Process) => self.disk.kill(),
        }
    }

    fn kind_of(&self, operation: &Operation) -> LastIo {
        match operation {
            Operation::Read { .. } => LastIo::Read(self.role),
            Operation::Flush => LastIo::Flush(self.role),
            Operation::Write { span, .. } => {
                let is_grid = self.disk.layout().zone(span.offset) == Zone::Grid;
                if is_grid { LastIo::Write(self.role) } else { LastIo::Superblock }
            }
        }
    }
}

impl Device {
    /// Where a span of the log's ring is on the disk: after the label.
    pub(crate) fn on_disk(&self, span: Span) -> Span {
        Span { offset: self.label().end() + span.offset, ..span }
    }

    /// Where the copies of the log's label are on the disk.
    pub(crate) fn label(&self) -> Span {
        Span { offset: self.start, length: LABEL_COPIES * self.disk.sector_size() }
    }
}

/// Moves the span of an operation.
fn moved(operation: Operation, by: impl Fn(u64) -> u64) -> Operation {
    let at = |span: Span| Span { offset: by(span.offset), ..span };
    match operation {
        Operation::Read { span, buffer } => Operation::Read { span: at(span), buffer },
        Operation::Write { span, buffer } => Operation::Write { span: at(span), buffer },
        Operation::Flush => Operation::Flush,
    }
}

impl Storage for Device {
    fn size(&self) -> u64 {
        self.size
    }

    fn sector_size(&self) -> usize {
        self.disk.sector_size()
    }

    fn discard(&mut self, offset: u64, length: u64) -> Result<(), Fault> {
        assert!(
            offset + length <= self.size,
            "device: space on the device is given back ({offset}, {length})",
        );
        self.disk.discard(offset + self.start, length)
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        self.follow_clock();
        if let Operation::Read { span, .. } | Operation::Write { span, .. } = &operation {
            assert!(span.end() <= self.size, "device: an I/O must be on the device ({span:?})");
        }
        let operation = moved(operation, |offset| offset + self.start);
        if self.kind_of(&operation) == LastIo::Superblock {
            self.clock.superblock_begins();
        }
        self.disk.submit(operation, owner)
    }

    fn step(&mut self) -> Option<Completion> {
        self.follow_clock();
        if self.disk.is_down() || self.disk.queued() == 0 {
            return None;
        }
        if let Some(armed) = self.clock.io_begins() {
            self.disk.arm(armed);
        }
        let completion = self.disk.step()?;
        self.clock.io_completed(self.kind_of(&completion.operation));
        self.follow_clock();
        let operation = moved(completion.operation, |offset| offset - self.start);
        Some(Completion { operation, ..completion })
    }

    fn queued(&self) -> usize {
        self.disk.queued()
    }

    fn abandon(&mut self) -> Option<Operation> {
        self.follow_clock();
        Some(moved(self.disk.abandon()?, |offset| offset - self.start))
    }
}
