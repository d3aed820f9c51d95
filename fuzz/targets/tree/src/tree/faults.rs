//! Crashes and faults of the disk: what an input armed, and which errors of the store they explain.

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::Access;
use downbeat_lsm::store::{Store, StoreError};

use super::events::FaultEvent;
use super::states;
use super::tested::Tested;
use downbeat::check::same;
use downbeat::disk::{Outcome, SimulatedDisk};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::faults::{arm_fault, arm_power_loss, causes, occurred};

/// Why a read may fail.
const READS: &[Outcome] = &[Outcome::ReadFailed, Outcome::UnreadableRead];
/// Why a write or a flush may fail.
const WRITES: &[Outcome] = &[Outcome::WriteFailed, Outcome::FlushFailed];

/// The crashes and faults of a run.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Whether the faults may exceed the limits.
    pub(super) beyond: bool,
    /// Whether the run has a crash or a fault.
    pub(super) occur: bool,
    /// Whether a new store, not the same object, opens the disk after the next loss of power.
    pub(super) anew: bool,
    /// Power is lost after this many more I/Os once a checkpoint flushes its blocks.
    pub(super) at_checkpoint: Option<u32>,
    /// How many I/Os had completed when the checkpoint in which power goes flushed its blocks.
    flushed_at: Option<u64>,
    /// How many reads, and how many writes and flushes, had failed when the store was opened.
    failed: (u64, u64),
}

impl Faults {
    /// The faults of a run that begins. They may exceed the limits if `beyond`. `occur` says whether
    /// one is armed already.
    pub(super) fn new(beyond: bool, occur: bool) -> Self {
        Self { beyond, occur, ..Self::default() }
    }

    /// Called when a beat waits for the disk.
    #[inline]
    pub(super) fn beat_waits<R: Versioned>(&mut self, store: &mut Store<R, SimulatedDisk>) {
        if self.at_checkpoint.is_some() && store.grid().is_flushing() {
            let disk = store.by_hand().grid_mut().storage_mut();
            self.flushed_at = Some(disk.completed());
            arm_power_loss(disk, self.at_checkpoint.take().unwrap_or(0));
        }
    }

    /// Called when the store is open.
    pub(super) fn opened(&mut self, disk: &SimulatedDisk) {
        self.flushed_at = None;
        self.failed = (occurred(disk, READS), occurred(disk, WRITES));
    }
}

impl<R: Versioned> Tested<R> {
    pub(super) fn device(&mut self) -> &mut SimulatedDisk {
        self.store.by_hand().grid_mut().storage_mut()
    }

    /// Whether power is lost.
    #[inline]
    pub(super) fn is_down(&self) -> bool {
        self.store.grid().storage().is_down()
    }

    /// Arms a loss of power. If it is due at once, the caller opens the store again.
    pub(super) fn arm_crash(&mut self, io: u32, at_checkpoint: bool, anew: bool) {
        self.faults.occur = true;
        self.faults.anew = anew;
        match io {
            _ if at_checkpoint => self.faults.at_checkpoint = Some(io),
            0 => self.device().lose_power(),
            _ => arm_power_loss(self.device(), io - 1),
        }
    }

    pub(super) fn arm_fault(&mut self, kind: u32, io: u32) {
        self.faults.occur = true;
        arm_fault(self.device(), kind, io);
    }

    /// Whether a fault of the disk explains this error.
    #[cold]
    pub(super) fn explains(&self, error: &StoreError) -> bool {
        match error {
            StoreError::Grid(error) | StoreError::ReadOnly(BeatError::Grid(error)) => {
                self.explains_grid(error)
            }
            StoreError::ReadOnly(BeatError::Checkpoint(error)) => {
                occurred(self.store.grid().storage(), causes(error)) > 0
            }
            _ => false,
        }
    }

    pub(super) fn explains_grid(&self, error: &GridError) -> bool {
        let disk = self.store.grid().storage();
        let (reads, writes) = self.faults.failed;
        match error {
            GridError::Gone => disk.is_down(),
            GridError::Fault(fault) if fault.access == Access::Read => {
                occurred(disk, READS) > reads
            }
            GridError::Fault(_) | GridError::Failed(_) => occurred(disk, WRITES) > writes,
            GridError::Corruption(_) => self.faults.beyond && self.faults.occur,
            GridError::Full => false,
        }
    }

    /// Returns the given divergence of a read that failed, unless a fault of the disk explains the
    /// error.
    #[cold]
    pub(super) fn read_failed(
        &self,
        error: &StoreError,
        divergence: impl FnOnce() -> downbeat::Divergence,
        run: &mut Run,
    ) -> Checked {
        // A read-only store still reads, so its own error explains nothing.
        let explained = matches!(error, StoreError::Grid(error) if self.explains_grid(error));
        if !explained {
            return Err(divergence());
        }
        FaultEvent::ReadFailed.count_if(!self.is_down(), run);
        run.remark(|| error.to_string());
        Ok(())
    }

    /// Whether the store is read-only because of a fault, and not because it is full.
    pub(super) fn failed_by_fault(&self) -> bool {
        let full = |error| {
            matches!(
                error,
                BeatError::TreeIsFull { .. }
                    | BeatError::Grid(GridError::Full)
                    | BeatError::Checkpoint(CheckpointError::Grid(GridError::Full))
            )
        };
        self.store.failed().is_some_and(|error| !full(error))
    }

    /// Checks that a read-only store refuses to write, and says why.
    pub(super) fn check_reason(&mut self) -> Checked {
        let expected = self.store.failed().map(StoreError::ReadOnly);
        let got = self.store.remove(R::wide(0)).err();
        same("read-only-says-why", expected, got)
            .or("a read-only store writes, or gives another reason than the beat that failed")
    }

    /// Notes that the beat under way failed. If its checkpoint was being written to the superblock,
    /// the store may open at this checkpoint.
    pub(super) fn beat_failed(&mut self, run: &mut Run) {
        let held = self.triggers.beat(self.store.beat_number());
        let is_switching = !self.store.superblock().is_idle();
        if let Some(beat) = held.filter(|_| is_switching) {
            self.durable.written(beat, self.store.manifest_log().references());
        }
        if !self.is_down() {
            return;
        }
        let phase = match (held.is_some(), is_switching) {
            (false, _) => 1,
            (true, false) => 2,
            (true, true) => 3,
        };
        run.state(states::CrashIn, phase);
        if let Some(before) = self.faults.flushed_at {
            let completed = self.store.grid().storage().completed() - before;
            run.state(states::CheckpointAtCrash, completed.saturating_sub(1) as usize);
        }
    }

    /// Marks what the disk did, if the run has a crash or a fault.
    pub(super) fn harvest_disk(&self, run: &mut Run) {
        let disk = self.store.grid().storage();
        run.device_operations(disk.completed());
        if self.faults.occur {
            for (outcome, _) in disk.counts().happened() {
                run.state(states::Disk, outcome as usize);
            }
        }
    }
}
