//! Crashes and faults of the disk, and what the tree must do after them.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::store::{StoreError, StoreOptions};

use super::events::FaultEvent;
use super::states;
use super::tested::Tested;
use downbeat::check::{fail, holds, same};
use downbeat::disk::{Outcome, RuleOptions, SimulatedDisk};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

impl<R: Versioned> Tested<R> {
    pub(super) fn device(&mut self) -> &mut SimulatedDisk {
        self.store.by_hand().grid_mut().storage_mut()
    }

    /// Whether power is lost.
    #[inline]
    pub(super) fn is_down(&self) -> bool {
        self.store.grid().storage().is_down()
    }

    /// How many I/Os have completed.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.store.grid().storage().completed()
    }

    /// Arms a loss of power; see [`BeatFaults::arm_crash`].
    ///
    /// [`BeatFaults::arm_crash`]: downbeat_storage_targets::store::BeatFaults::arm_crash
    pub(super) fn arm_crash(&mut self, io: u32, at_checkpoint: bool, anew: bool) {
        let Self { faults, store, .. } = self;
        let by_hand = store.by_hand();
        faults.arm_crash(io, at_checkpoint, anew, by_hand.grid_mut().storage_mut());
    }

    pub(super) fn arm_fault(&mut self, kind: u32, io: u32) {
        let Self { faults, store, .. } = self;
        let by_hand = store.by_hand();
        faults.arm_fault(kind, io, by_hand.grid_mut().storage_mut());
    }

    /// Whether the disk explains the error of a read that began at `since`.
    #[cold]
    pub(super) fn explains_read(&self, error: &GridError, since: u64) -> bool {
        self.faults.explains_read(error, since, self.store.grid())
    }

    /// Checks that the disk explains the error of a read that began at `since`. If not, returns the
    /// given divergence.
    #[cold]
    pub(super) fn read_failed(
        &self,
        error: &StoreError,
        since: u64,
        divergence: impl FnOnce() -> downbeat::Divergence,
        run: &mut Run,
    ) -> Checked {
        // A read-only store still reads, so its error `ReadOnly` is not allowed here.
        let explained =
            matches!(error, StoreError::Grid(error) if self.explains_read(error, since));
        if !explained {
            return Err(divergence());
        }
        FaultEvent::ReadFailed.count_if(!self.is_down(), run);
        run.remark(|| error.to_string());
        Ok(())
    }

    /// Checks that a read-only store refuses to write, to begin a beat and to take a checkpoint,
    /// with the error of the beat or of the write that failed, which the disk explains.
    pub(super) fn check_reason(&mut self, run: &mut Run) -> Checked {
        let expected = self.faults.reason(self.store.grid()).map(StoreError::ReadOnly);
        if let (None, Some(error)) = (self.faults.failed, &expected) {
            holds("nothing-fails", self.faults.explains(error, self.store.grid().storage()))
                .show(|| ("success".to_owned(), error.to_string()))
                .or("a write between beats fails, but the device does not")?;
            FaultEvent::WriteFailed.count(run);
        }
        let got = self.store.remove(R::wide(0)).err();
        same("read-only-says-why", expected, got)
            .or("a read-only store writes, or gives another reason than the failure")?;
        let got = self.store.by_hand().beat_begin().err();
        same("read-only-says-why", expected, got)
            .or("a read-only store begins a beat, or gives another reason")?;
        let got = self.store.checkpoint().err();
        same("read-only-says-why", expected, got)
            .or("a read-only store takes a checkpoint, or gives another reason")
    }

    /// Checks that the store is read-only if and only if a beat or a write failed, and that it
    /// returns the error.
    #[inline]
    pub(super) fn check_failed(&self) -> Checked {
        let expected = self.faults.reason(self.store.grid());
        same("read-only-says-why", expected, self.store.failed())
            .or("a store is read-only without a failure, or for another reason")
    }

    /// Notes that the beat under way failed. If its checkpoint was being written to the superblock,
    /// the store may open at this checkpoint.
    pub(super) fn beat_failed(&mut self, run: &mut Run) -> Checked {
        let held = self.triggers.beat(self.store.beat_number());
        let is_switching = !self.store.superblock().is_idle();
        if let Some(beat) = held.filter(|_| is_switching) {
            let log = self.store.manifest_log().references();
            self.root.checkpoint_begun(beat, log, self.changing());
        }
        if self.is_down() {
            let phase = match (held.is_some(), is_switching) {
                (false, _) => 1,
                (true, false) => 2,
                (true, true) => 3,
            };
            self.beat_crashed(phase, run);
            return Ok(());
        }
        if self.faults.failed_by_fault(self.store.grid()) {
            self.read_checkpoint(run)
        } else {
            Ok(())
        }
    }

    /// Marks that power was lost in this phase of a beat.
    pub(super) fn beat_crashed(&mut self, phase: usize, run: &mut Run) {
        run.state(states::CrashIn, phase);
        self.faults.crash_noted = true;
        if let Some(before) = self.faults.flushed_at {
            let completed = self.now() - before;
            run.state(states::CheckpointAtCrash, completed.saturating_sub(1) as usize);
        }
    }

    /// Marks that power was lost between beats, unless a beat has marked the loss.
    pub(super) fn crash_between_beats(&mut self, run: &mut Run) {
        if !std::mem::take(&mut self.faults.crash_noted) {
            run.state(states::CrashIn, 0);
        }
    }

    /// The divergence for a block of the last checkpoint that cannot be read after a beat failed.
    #[cold]
    pub(super) fn lost(error: &GridError) -> downbeat::Divergence {
        fail("checkpoint-is-readable", "a block", error)
            .saying("a block of the last checkpoint is not readable after a beat failed")
    }

    /// Counts the completed I/Os. If a crash or a fault was armed in the run, also marks what the
    /// disk did.
    pub(super) fn harvest_disk(&self, run: &mut Run) {
        let disk = self.store.grid().storage();
        run.device_operations(disk.completed());
        if self.faults.occur {
            for (outcome, _) in disk.counts().happened() {
                let place = states::OUTCOMES.iter().position(|marked| *marked == outcome);
                place.into_iter().for_each(|place| run.state(states::Disk, place));
            }
        }
    }
}

/// Limits the reads and writes in flight on the disk to those of the options of its store.
pub(crate) fn allow_in_flight(disk: &mut SimulatedDisk, options: &StoreOptions) {
    disk.set_rules(RuleOptions {
        reads_max: options.reads_in_flight_max as usize,
        writes_max: options.writes_in_flight_max as usize,
        ..disk.rules()
    });
}

/// Whether an outcome on a disk is the effect of a crash or a fault. The others also happen in runs
/// without them.
pub(super) const fn is_of_fault(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Read | Outcome::Write | Outcome::Flush | Outcome::Restart)
}
