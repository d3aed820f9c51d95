//! The store of one geometry: a superblock, its medium, its model, and a second device on which
//! crashes are tried.
//!
//! - Between operations the superblock is open, and either idle or in a checkpoint.
//! - Faults of the device are counted from the start of the run. The store keeps the counts of the
//!   time when everything was last known to be durable.

use downbeat_lsm::storage::{Layout, LayoutOptions, Storage};
use downbeat_lsm::superblock::{Superblock, SuperblockError, SuperblockHeader};

use super::compare;
use super::events::{self, Event};
use super::medium::Medium;
use downbeat::check::fail;
use downbeat::disk::Outcome;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{Checked, Run};
use downbeat_model::superblock::{COPIES, Model, Operation, SECTOR};

/// How many acknowledged superblocks are kept, so that an operation can bring back an old copy.
pub(super) const KEPT: usize = 4;

/// The faults that the disk may have in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Faults {
    None,
    Within,
    Beyond,
}

/// Why a store is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interrupted {
    /// Power was lost.
    PowerLost,
    /// The process ended, and the power stayed on.
    Restarted,
    /// The superblock failed, and the power stayed on.
    Failed,
}

/// The number of faults of a device, reported and unreported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DiskFaults {
    /// Reads, writes and flushes that failed.
    pub(super) failed: u64,
    /// Operations that the device reported as done but did not do correctly, and damage on the
    /// device.
    pub(super) lied: u64,
}

/// What happened so far in a run.
#[derive(Debug, Default)]
pub(super) struct SoFar {
    /// The number of superblocks in the ring.
    pub(super) kept: usize,
    /// The index of the newest superblock in the ring.
    pub(super) newest: usize,
    /// Damage by operations, which the disk does not count.
    pub(super) planted: u64,
    /// Whether an operation damaged a copy while a checkpoint was under way, perhaps after the
    /// superblock had read the copy back.
    pub(super) damaged_under_way: bool,
    /// The faults up to the time when everything was last known to be durable.
    trusted: DiskFaults,
    /// The faults up to the time when the checkpoint under way began.
    pub(super) begun: DiskFaults,
    /// Copies that the superblock rewrote between its last reset and the last checkpoint.
    pub(super) rewritten: u64,
    /// Checkpoints that the superblock counted before its last reset.
    pub(super) checkpoints: u64,
    /// Number of formatted stores.
    pub(super) formats: u64,
    /// Number of I/Os before the first operation.
    pub(super) started: u64,
}

/// The store of one geometry; see the [module](self).
#[derive(Debug)]
pub(super) struct Store {
    pub(super) layout: Layout,
    pub(super) medium: Medium,
    pub(super) superblock: Superblock,
    /// The medium for copies of the device that lose power.
    pub(super) other: Medium,
    pub(super) other_superblock: Superblock,
    pub(super) model: Model,
    pub(super) faults: Faults,
    /// A ring of the last [`KEPT`] acknowledged superblocks, each as the bytes of all its copies.
    pub(super) ring: Vec<Vec<u8>>,
    pub(super) so_far: SoFar,
    /// A buffer for one copy.
    pub(super) scratch: Vec<u8>,
}

impl Store {
    /// Creates the store of a geometry. It is not open yet.
    pub(super) fn new(geometry: &Header) -> Self {
        let number = |setting| geometry.number(Operation::SETTINGS, setting) as usize;
        let options = LayoutOptions {
            sector_size: number(SECTOR),
            block_size: 512,
            superblock_copies: number(COPIES),
            block_count: 4,
        };
        let layout = Layout::new(options).expect("superblock: the settings are valid");
        let copies = layout.superblock_copies() * layout.superblock_copy_size();
        Self {
            layout,
            medium: Medium::new(&layout),
            superblock: Superblock::new(&layout),
            other: Medium::new(&layout),
            other_superblock: Superblock::new(&layout),
            model: Model::new(),
            faults: Faults::None,
            ring: vec![vec![0; copies]; KEPT],
            so_far: SoFar::default(),
            scratch: vec![0; layout.superblock_copy_size()],
        }
    }

    /// The faults of the device since the run began.
    #[inline]
    pub(super) fn disk_faults(&self) -> DiskFaults {
        let counts = self.medium.disk().counts();
        let sum = |outcomes: &[Outcome]| outcomes.iter().map(|outcome| counts.of(*outcome)).sum();
        let failed: u64 = sum(&[Outcome::ReadFailed, Outcome::WriteFailed, Outcome::FlushFailed]);
        let lied: u64 = sum(&[
            Outcome::FlushLost,
            Outcome::WriteLost,
            Outcome::MisdirectedWithin,
            Outcome::MisdirectedAcross,
            Outcome::Flipped,
            Outcome::Zeroed,
            Outcome::Garbled,
            Outcome::Unreadable,
        ]);
        DiskFaults { failed, lied: lied + self.so_far.planted }
    }

    /// Whether all faults are within the limits, or no unreported fault has occurred since
    /// everything was last known to be durable.
    pub(super) fn keeps_its_promises(&self) -> bool {
        self.faults != Faults::Beyond || self.disk_faults().lied == self.so_far.trusted.lied
    }

    /// Whether no unreported fault has occurred since everything was last known to be durable. The
    /// list of damage is not enough to know this: a torn write over damage leaves part of the
    /// damage, which then looks like written data.
    pub(super) fn has_told_the_truth(&self) -> bool {
        self.disk_faults().lied == self.so_far.trusted.lied
    }

    /// Whether a checkpoint is under way.
    #[inline]
    pub(super) fn is_under_way(&self) -> bool {
        self.medium.queued() > 0
    }

    /// Called when a checkpoint or a formatting ends. Checks that the acknowledged superblock is
    /// the one that was to be written.
    pub(super) fn written(&mut self, run: &mut Run) -> Checked {
        let seen = compare::seen(self.superblock.working());
        self.model.acknowledge(&seen).map_err(|expected| {
            fail("ends-as-begun", expected.describe(), seen.describe())
                .saying("the acknowledged superblock is not the one that was written")
        })?;
        self.acknowledged(run)?;
        // Power may have been lost with the last I/O.
        if self.medium.is_down() {
            self.open_again(Interrupted::PowerLost, 0, 0, run)?;
        }
        Ok(())
    }

    /// Called when the superblock reports a state as durable, after a checkpoint, a formatting or
    /// an opening. Checks that every copy holds the state and is durable.
    pub(super) fn acknowledged(&mut self, run: &mut Run) -> Checked {
        self.medium.disk_mut().settle();
        let excused = std::mem::take(&mut self.so_far.damaged_under_way);
        // A lost write leaves no trace if the device held the same bytes before.
        let wrong = if self.medium.disk().image().damages().is_empty() {
            None
        } else {
            (0..self.layout.superblock_copies()).find_map(|copy| self.wrong_in(copy))
        };
        let unflushed = self.medium.disk().image().unflushed().len();
        match wrong {
            Some(wrong) if !excused => return Err(compare::not_in_every_copy(wrong)),
            // The state is durable but damaged, so it is not trusted.
            Some(_) => {}
            None if unflushed == 0 => {
                self.so_far.trusted = self.disk_faults();
                self.model.trust();
            }
            None if self.keeps_its_promises() => {
                let got = format!("{unflushed} versions of sectors that are not");
                return Err(fail("acknowledged-is-durable", "every sector durable", got)
                    .saying("a superblock is acknowledged, but a crash could still change it"));
            }
            None => Event::FlushOwed.count(run),
        }
        run.result(self.superblock.working().checksum() as u64);
        if self.faults == Faults::Beyond {
            self.keep();
        }
        Ok(())
    }

    /// The header in a copy on the device; `None` if the copy is damaged.
    pub(super) fn header_of(&mut self, copy: usize) -> Option<SuperblockHeader> {
        let offset = self.layout.superblock_copy(copy).offset;
        self.medium.disk().image().read(offset, &mut self.scratch).ok()?;
        SuperblockHeader::read(copy, &self.scratch)
    }

    /// Describes the content of a copy if it differs from the open superblock.
    pub(super) fn wrong_in(&mut self, copy: usize) -> Option<String> {
        match self.header_of(copy) {
            None => Some(format!("copy {copy} is damaged")),
            Some(header) if header.is_same(self.superblock.working()) => None,
            Some(header) => Some(format!("copy {copy}: {}", compare::seen(&header).describe())),
        }
    }

    /// Adds the copies on the device to the ring, unless they are its newest entry already.
    fn keep(&mut self) {
        let Self { layout, medium, ring, scratch, so_far: SoFar { kept, newest, .. }, .. } = self;
        let size = layout.superblock_copy_size();
        let image = medium.disk().image();
        image.read_undamaged(0, scratch);
        if *kept > 0 && ring[*newest][..size] == scratch[..] {
            return;
        }
        *newest = (*newest + 1) % KEPT;
        *kept = (*kept + 1).min(KEPT);
        image.read_undamaged(0, &mut ring[*newest]);
    }

    /// Counts the statistics of the superblock in the run, then resets the superblock, as the start
    /// of a process does.
    pub(super) fn forget(&mut self, run: &mut Run) {
        let statistics = self.superblock.statistics();
        events::superblock(statistics).count(run);
        self.so_far.checkpoints += statistics.checkpoints;
        self.superblock.reset();
        self.so_far.rewritten = 0;
    }

    /// Whether the device's faults since `since` explain an error.
    pub(super) fn is_excused(&self, error: SuperblockError, since: DiskFaults) -> bool {
        let now = self.disk_faults();
        match error {
            SuperblockError::Fault(_) => now.failed > since.failed,
            // A copy is written and read back up to three times, and each of them must have failed.
            SuperblockError::Unverified => now.failed + now.lied >= since.failed + since.lied + 3,
            SuperblockError::Corruption(_) | SuperblockError::Gone => false,
        }
    }
}
