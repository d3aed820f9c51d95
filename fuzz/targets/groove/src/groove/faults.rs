//! What the grooves must do after crashes and faults of the disk.

use downbeat_lsm::forest::StoreError;

use super::events::{self, FaultEvent};
use super::states;
use super::tested::Tested;
use downbeat::check::same;
use downbeat::{Checked, Divergence, Run};

impl Tested {
    pub(super) fn arm_crash(&mut self, io: u32, at_checkpoint: bool, anew: bool) {
        let Self { faults, forest, .. } = self;
        faults.arm_crash(io, at_checkpoint, anew, forest.trees_and_grid().1.storage_mut());
    }

    pub(super) fn arm_fault(&mut self, kind: u32, io: u32) {
        let Self { faults, forest, .. } = self;
        faults.arm_fault(kind, io, forest.trees_and_grid().1.storage_mut());
    }

    /// Checks that the disk explains the error of a read that began at `since`. If not, returns the
    /// given divergence.
    #[cold]
    pub(super) fn read_failed(
        &self,
        error: &StoreError,
        since: u64,
        divergence: impl FnOnce() -> Divergence,
        run: &mut Run,
    ) -> Checked {
        let explained = matches!(
            error,
            StoreError::Grid(error) if self.faults.explains_read(error, since, self.forest.grid())
        );
        if !explained {
            return Err(divergence());
        }
        FaultEvent::ReadFailed.count_if(!self.is_down(), run);
        run.remark(|| error.to_string());
        Ok(())
    }

    /// Checks that a read-only store refuses to write and to begin a beat, with the error of the
    /// beat that failed.
    pub(super) fn check_reason(&mut self) -> Checked {
        let expected = self.faults.failed.map(StoreError::ReadOnly);
        let got = self.forest.write().err();
        same("read-only-says-why", expected, got)
            .or("a read-only store writes, or gives another reason than the beat that failed")?;
        if self.scope_is_open() {
            // A beat must not begin while a scope is open.
            return Ok(());
        }
        let got = self.forest.beat().err();
        same("read-only-says-why", expected, got)
            .or("a read-only store begins a beat, or gives another reason")
    }

    /// Notes that a beat failed. If its checkpoint was being written to the superblock, the store
    /// may open at this checkpoint.
    pub(super) fn beat_failed(&mut self, has_begun: bool, run: &mut Run) -> Checked {
        let beat = self.forest.beat_number();
        let held = if has_begun { self.triggers.beat(beat) } else { None };
        let is_switching = !self.forest.superblock().is_idle();
        if let Some(beat) = held.filter(|_| is_switching) {
            self.root.checkpoint_begun(beat, self.forest.manifest_log().references());
        }
        if self.is_down() {
            let phase = match (held.is_some(), is_switching) {
                (false, _) => 1,
                (true, false) => 2,
                (true, true) => 3,
            };
            run.state(states::CrashIn, phase);
            self.faults.crash_noted = true;
            if let Some(before) = self.faults.flushed_at {
                let completed = self.now() - before;
                run.state(states::CheckpointAtCrash, completed.saturating_sub(1) as usize);
            }
        }
        Ok(())
    }

    /// Marks that power was lost between beats, unless a beat has marked the loss.
    pub(super) fn crash_between_beats(&mut self, run: &mut Run) {
        if !std::mem::take(&mut self.faults.crash_noted) {
            run.state(states::CrashIn, 0);
        }
    }

    /// Adds to the run what the object tree of the things counted since the store was opened.
    pub(super) fn harvest(&self, run: &mut Run) {
        events::compactions(self.forest.trees().0.objects().compactions()).count(run);
    }
}
