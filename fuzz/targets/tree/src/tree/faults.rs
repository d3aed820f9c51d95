//! Crashes and faults of the disk: what an input armed, and which errors of the store they explain.
//!
//! - An error of a read needs a cause that is not older than the get or the scan of the read. Reads
//!   of compactions can stay in flight from one beat to the next, so the cause of their errors may
//!   be as old as the half-bar.
//! - A block can be lost only if a write failed since the store was opened. A block of a checkpoint
//!   is never lost.

use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::Access;
use downbeat_lsm::store::{Store, StoreError, StoreOptions};

use super::events::FaultEvent;
use super::states;
use super::tested::Tested;
use downbeat::check::{fail, same};
use downbeat::disk::{Outcome, RuleOptions, SimulatedDisk};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::faults::{arm_fault, arm_power_loss};
use downbeat_storage_targets::store::full::full;
use downbeat_storage_targets::store::{Cause, Causes};

/// The crashes and faults of a run. Points in time are counts of completed I/Os.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Whether a crash or a fault was armed in the run.
    pub(super) occur: bool,
    /// Whether the disk is opened by a new store after the next loss of power, instead of by the
    /// same object.
    pub(super) anew: bool,
    /// Power is lost after the I/O with this number. I/O 0 is the first that completes after the
    /// next checkpoint begins to flush its blocks. `None` if no such loss is armed.
    pub(super) at_checkpoint: Option<u32>,
    /// When the checkpoint of the last beat flushed its blocks and the loss of power was armed;
    /// `None` if it was not armed in this beat.
    pub(super) flushed_at: Option<u64>,
    /// Whether the state `CrashIn` was marked for the present loss of power.
    crash_noted: bool,
    /// When the store was opened or formatted.
    opened: u64,
    /// When the half-bar of the last beat began.
    pub(super) half_began: u64,
    /// When the last beat began.
    pub(super) beat_began: u64,
    /// The error of the beat that failed since the store was opened.
    pub(super) failed: Option<BeatError>,
}

impl Faults {
    /// The faults at the start of a run. `occur` says whether a fault is armed already.
    pub(super) fn new(occur: bool) -> Self {
        Self { occur, ..Self::default() }
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

    /// Called when an attempt to open or to format the store begins.
    pub(super) fn opens(&mut self, disk: &SimulatedDisk) {
        let now = disk.completed();
        (self.opened, self.half_began, self.beat_began) = (now, now, now);
        self.flushed_at = None;
        self.crash_noted = false;
        self.failed = None;
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

    /// How many I/Os have completed.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.store.grid().storage().completed()
    }

    /// Arms a loss of power. If `io` is 0 and `at_checkpoint` is not set, power is lost at once,
    /// and the caller opens the store again.
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

    fn causes(&self, since: u64) -> Causes<'_> {
        Causes::since(self.store.grid().storage(), since)
    }

    /// Whether the disk explains this error of a beat.
    #[cold]
    pub(super) fn explains(&self, error: &StoreError) -> bool {
        let StoreError::ReadOnly(error) = error else { return false };
        let cause = match error {
            BeatError::Grid(GridError::Failed(fault)) => {
                return self.causes(self.faults.opened).has(fault);
            }
            BeatError::Grid(error) => self.causes(self.faults.half_began).of_grid(error),
            BeatError::Checkpoint(error) => {
                self.causes(self.faults.beat_began).of_checkpoint(error, self.faults.opened)
            }
            BeatError::TreeIsFull { .. } => Cause::None,
        };
        cause != Cause::None
    }

    /// Whether the disk explains this error of a read that began at `since`.
    #[cold]
    pub(super) fn explains_read(&self, error: &GridError, since: u64) -> bool {
        match error {
            // Only a failed write loses blocks. `read_checkpoint` checks that the blocks of the
            // last checkpoint are not lost.
            GridError::Failed(fault) => {
                let writes = Access::Write == fault.access;
                let is_first = self.store.grid().failed() == Some(*fault);
                writes && is_first && self.causes(self.faults.opened).has(fault)
            }
            error => self.causes(since).of_grid(error) != Cause::None,
        }
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

    /// Whether the store is read-only because of a fault, and not because it is full.
    pub(super) fn failed_by_fault(&self) -> bool {
        self.faults.failed.is_some_and(|error| full(&error).is_none())
    }

    /// Checks that a read-only store refuses to write and to begin a beat, and returns the reason.
    pub(super) fn check_reason(&mut self) -> Checked {
        let expected = self.faults.failed.map(StoreError::ReadOnly);
        let got = self.store.remove(R::wide(0)).err();
        same("read-only-says-why", expected, got)
            .or("a read-only store writes, or gives another reason than the beat that failed")?;
        if self.model.scope_is_open() {
            // No beat may begin.
            return Ok(());
        }
        let got = self.store.by_hand().beat_begin().err();
        same("read-only-says-why", expected, got)
            .or("a read-only store begins a beat, or gives another reason")?;
        let got = self.store.checkpoint().err();
        same("read-only-says-why", expected, got)
            .or("a read-only store takes a checkpoint, or gives another reason")
    }

    /// Checks that the store is read-only if and only if a beat failed, and that it returns the
    /// error of that beat.
    #[inline]
    pub(super) fn check_failed(&self) -> Checked {
        same("read-only-says-why", self.faults.failed, self.store.failed())
            .or("a store is read-only without a beat that failed, or for another reason")
    }

    /// Notes that the beat under way failed. If its checkpoint was being written to the superblock,
    /// the store may open at this checkpoint.
    pub(super) fn beat_failed(&mut self, run: &mut Run) -> Checked {
        let held = self.triggers.beat(self.store.beat_number());
        let is_switching = !self.store.superblock().is_idle();
        if let Some(beat) = held.filter(|_| is_switching) {
            self.root.checkpoint_begun(beat, self.store.manifest_log().references());
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
        if self.failed_by_fault() { self.read_checkpoint(run) } else { Ok(()) }
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
