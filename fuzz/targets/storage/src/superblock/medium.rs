//! The storage of the superblock: the simulated disk, or a file on it through [`FileStorage`].
//!
//! - Both ways use the same disk, which makes the random decisions and causes the faults. Through
//!   the file storage, the disk completes one operation at a time, in the order of submission.
//!   Operations that wait in the file storage have not reached the disk.
//! - The medium counts completions and remembers the last request, so that the phase at a crash is
//!   known. It can lose power after a chosen I/O. It stops once it has done more I/Os than any work
//!   takes, so that every wait ends.

use std::io;

use downbeat_lsm::storage::{
    Access, Buffer, Completion, Device, FileStorage, Layout, Operation, Owner, SharedBuffer, Span,
    Storage, Ticket,
};

use downbeat_lsm::superblock::Superblock;

use downbeat::Run;
use downbeat::disk::SimulatedDisk;

/// Every opening, formatting or checkpoint takes fewer I/Os than this.
const IOS_MAX: u64 = 400;

/// The simulated disk as a file: a submitted operation completes at once.
#[derive(Debug)]
struct DiskFile {
    disk: SimulatedDisk,
    buffer: Option<SharedBuffer>,
}

impl DiskFile {
    fn take_buffer(&mut self, length: usize) -> Buffer {
        let buffer = self.buffer.take().and_then(|buffer| buffer.try_take().ok());
        buffer
            .filter(|buffer| buffer.bytes().len() >= length)
            .unwrap_or_else(|| Buffer::new(length))
    }

    fn perform(&mut self, operation: Operation) -> (Operation, io::Result<()>) {
        self.disk.submit(operation, Owner { component: 0, slot: 0 });
        match self.disk.step() {
            Some(Completion { operation, result, .. }) => {
                (operation, result.map_err(|fault| fault.kind.into()))
            }
            None => {
                let operation =
                    self.disk.abandon().expect("disk: a submitted operation must be in flight");
                (operation, Err(io::ErrorKind::BrokenPipe.into()))
            }
        }
    }
}

impl Device for DiskFile {
    fn size(&self) -> u64 {
        Storage::size(&self.disk)
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let buffer = self.take_buffer(bytes.len());
        let span = Span { offset, length: bytes.len() };
        let (operation, result) = self.perform(Operation::Read { span, buffer });
        if let Operation::Read { buffer, .. } = operation {
            bytes.copy_from_slice(&buffer.bytes()[..bytes.len()]);
            self.buffer = Some(buffer.share());
        }
        result
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut buffer = self.take_buffer(bytes.len());
        buffer.bytes_mut()[..bytes.len()].copy_from_slice(bytes);
        let span = Span { offset, length: bytes.len() };
        let (operation, result) = self.perform(Operation::Write { span, buffer: buffer.share() });
        if let Operation::Write { buffer, .. } = operation {
            self.buffer = Some(buffer);
        }
        result
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.perform(Operation::Flush).1
    }
}

/// The storage of the superblock; see the [module](self).
#[derive(Debug)]
pub(super) struct Medium {
    file: FileStorage<DiskFile>,
    is_file: bool,
    progress: Progress,
    /// The number of I/Os after which power is lost.
    power_for: Option<u64>,
}

/// The I/Os since the last call of [`Medium::begin`], and the last request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) ios: u64,
    pub(super) flushes: u64,
    pub(super) asked: Option<Access>,
}

impl Medium {
    pub(super) fn new(layout: &Layout) -> Self {
        let device = DiskFile { disk: SimulatedDisk::new(*layout), buffer: None };
        Self {
            file: FileStorage::new(device, layout.sector_size()),
            is_file: false,
            progress: Progress::default(),
            power_for: None,
        }
    }

    /// Resets the medium, except for the disk.
    pub(super) fn reset(&mut self, is_file: bool) {
        self.file.reset();
        self.is_file = is_file;
        self.progress = Progress::default();
        self.power_for = None;
    }

    #[inline]
    pub(super) fn disk(&self) -> &SimulatedDisk {
        &self.file.device().disk
    }

    #[inline]
    pub(super) fn disk_mut(&mut self) -> &mut SimulatedDisk {
        &mut self.file.device_mut().disk
    }

    /// Called when an opening, a formatting or a checkpoint begins. Power is lost after its I/O
    /// number `power_for`, counted from 1, if it takes that many.
    pub(super) fn begin(&mut self, power_for: Option<u64>) {
        self.progress = Progress::default();
        self.power_for = power_for;
    }

    /// Performs `call` to its end, and counts its I/Os as steps. Power is lost as described at
    /// [`Medium::begin`].
    pub(super) fn perform<R>(
        &mut self,
        power_for: Option<u64>,
        run: &mut Run,
        call: impl FnOnce(&mut Self) -> R,
    ) -> R {
        self.begin(power_for);
        let returned = call(self);
        self.power_for = None;
        (0..self.progress.ios).for_each(|_| run.step());
        returned
    }

    /// Whether the medium has stopped, after more I/Os than any work takes.
    pub(super) fn is_exhausted(&self) -> bool {
        self.progress.ios >= IOS_MAX
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    #[inline]
    pub(super) fn is_down(&self) -> bool {
        self.disk().is_down()
    }

    /// Restarts the process, and turns the power on if it is off. Returns the buffers of the
    /// operations in flight to the superblock.
    pub(super) fn restart(&mut self, superblock: &mut Superblock) {
        while let Some(operation) = self.file.abandon() {
            superblock.take_back(operation);
        }
        self.file.reset();
        let is_file = self.is_file;
        self.disk_mut().restart_with(|operation| {
            if !is_file {
                superblock.take_back(operation);
            }
        });
    }
}

impl Storage for Medium {
    fn size(&self) -> u64 {
        Storage::size(self.disk())
    }

    fn sector_size(&self) -> usize {
        Storage::sector_size(self.disk())
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        self.progress.asked = Some(match operation {
            Operation::Read { .. } => Access::Read,
            Operation::Write { .. } => Access::Write,
            Operation::Flush => Access::Flush,
        });
        if self.is_file {
            // The fault limits count all writes of a round, including those that still wait in the
            // file storage.
            if let Operation::Write { span, .. } = operation {
                self.disk_mut().announce(span);
            }
            self.file.submit(operation, owner)
        } else {
            self.disk_mut().submit(operation, owner)
        }
    }

    fn step(&mut self) -> Option<Completion> {
        if self.is_down() || self.is_exhausted() {
            return None;
        }
        let completion = if self.is_file { self.file.step()? } else { self.disk_mut().step()? };
        self.progress.ios += 1;
        if matches!(completion.operation, Operation::Flush) && completion.result.is_ok() {
            self.progress.flushes += 1;
        }
        if let Some(left) = &mut self.power_for {
            *left -= 1;
            if *left == 0 {
                self.power_for = None;
                self.disk_mut().lose_power();
            }
        }
        Some(completion)
    }

    fn queued(&self) -> usize {
        if self.is_file { self.file.queued() } else { self.disk().queued() }
    }

    fn abandon(&mut self) -> Option<Operation> {
        if self.is_file { self.file.abandon() } else { self.disk_mut().abandon() }
    }
}
