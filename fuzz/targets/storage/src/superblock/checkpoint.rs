//! Operations that begin, step and end checkpoints.

use downbeat_lsm::storage::Storage;
use downbeat_lsm::superblock::SuperblockError;

use super::events::Event;
use super::store::{Interrupted, Store};
use super::{compare, states};
use downbeat::{Checked, Run};

/// The shape of a checkpoint if the operation does not choose one.
pub(super) const SHAPE: u32 = 11;

impl Store {
    /// Begins a checkpoint. Ends the checkpoint under way first, if there is one.
    pub(super) fn begin(&mut self, beats: u64, shape: u32, run: &mut Run) -> Checked {
        self.end(run)?;
        let state = self.model.begin(beats, shape);
        self.medium.begin(None);
        self.so_far.begun = self.disk_faults();
        self.superblock.checkpoint(&mut self.medium, &compare::to_core(&state));
        Ok(())
    }

    /// Does `count` I/Os of the checkpoint under way, or begins one.
    pub(super) fn step_or_begin(&mut self, count: u64, run: &mut Run) -> Checked {
        if !self.is_under_way() {
            Event::StepBegan.count(run);
            return self.begin(1, SHAPE, run);
        }
        self.steps(count, run)
    }

    /// Does one I/O of the checkpoint under way. Returns false if the checkpoint has ended, or if
    /// it was interrupted and the store was opened again.
    pub(super) fn step(&mut self, run: &mut Run) -> Checked<bool> {
        let completion = self.medium.step();
        let ended = completion.and_then(|completion| {
            run.step();
            self.superblock.complete(&mut self.medium, completion)
        });
        match ended {
            None if self.medium.is_down() => {
                self.open_again(Interrupted::PowerLost, 0, 0, run)?;
            }
            None if self.medium.queued() == 0 || self.medium.is_exhausted() => {
                let ios = self.medium.progress().ios;
                return Err(compare::does_not_end("a checkpoint", ios, self.medium.queued()));
            }
            None => return Ok(true),
            Some(Ok(())) => self.checkpoint_ended(run)?,
            Some(Err(error)) => self.checkpoint_failed(error, run)?,
        }
        Ok(false)
    }

    fn checkpoint_ended(&mut self, run: &mut Run) -> Checked {
        let rewritten = self.superblock.statistics().rewritten - self.so_far.rewritten;
        self.so_far.rewritten += rewritten;
        run.state(states::Rewritten, rewritten as usize);
        self.written(run)
    }

    /// Opens the store again after a checkpoint that failed while the power stayed on. The writes
    /// of the checkpoint are visible, and may or may not be durable.
    fn checkpoint_failed(&mut self, error: SuperblockError, run: &mut Run) -> Checked {
        if !self.is_excused(error, self.so_far.begun) && self.keeps_its_promises() {
            return Err(compare::failed_without_reason(error));
        }
        run.remark(|| format!("failed: {error}"));
        Event::CheckpointFailed.count(run);
        Event::of(error).count(run);
        self.open_again(Interrupted::Failed, 0, 0, run)
    }

    /// Does up to `count` I/Os of the checkpoint under way, if there is one.
    pub(super) fn steps(&mut self, count: u64, run: &mut Run) -> Checked {
        for _ in 0..count {
            if !self.is_under_way() || !self.step(run)? {
                break;
            }
        }
        Ok(())
    }

    /// Completes the checkpoint under way.
    pub(super) fn end(&mut self, run: &mut Run) -> Checked {
        self.steps(u64::MAX, run)
    }

    pub(super) fn checkpoint(&mut self, beats: u64, shape: u32, run: &mut Run) -> Checked {
        self.begin(beats, shape, run)?;
        self.end(run)
    }
}
