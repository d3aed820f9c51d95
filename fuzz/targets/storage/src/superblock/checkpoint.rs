//! Operations that begin, step and end checkpoints.

use downbeat_lsm::storage::Storage;
use downbeat_lsm::superblock::SuperblockError;

use super::events::Event;
use super::store::{Interrupted, Store};
use super::{compare, states};
use downbeat::failure::Divergence;
use downbeat::run::Run;

/// The shape of checkpoints whose shape no operation chooses.
pub(super) const SHAPE: u32 = 11;

/// The result of one I/O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stepped {
    /// The checkpoint needs more I/Os.
    Going,
    /// The checkpoint ended, or was interrupted and the store was opened again.
    Over,
}

impl Store {
    /// Begins a checkpoint. One that is under way is ended first.
    pub(super) fn begin(
        &mut self,
        beats: u64,
        shape: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        self.end(run)?;
        let state = self.model.begin(beats, shape);
        self.medium.begin(None);
        self.begun = self.deeds();
        self.superblock.checkpoint(&mut self.medium, &compare::to_core(&state));
        Ok(())
    }

    /// Does `count` I/Os of the checkpoint under way, or begins one.
    pub(super) fn step_or_begin(&mut self, count: u64, run: &mut Run) -> Result<(), Divergence> {
        if !self.is_under_way() {
            Event::StepBegan.count(run);
            return self.begin(1, SHAPE, run);
        }
        self.steps(count, run).map(|_| ())
    }

    /// Does one I/O of the checkpoint under way.
    pub(super) fn step(&mut self, run: &mut Run) -> Result<Stepped, Divergence> {
        let completion = self.medium.step();
        let ended = completion.and_then(|completion| {
            run.step();
            self.superblock.complete(&mut self.medium, completion)
        });
        match ended {
            None if self.medium.is_down() => {
                self.open_again(Interrupted::PowerLost, 0, 0, run)?;
                Ok(Stepped::Over)
            }
            None if self.medium.queued() == 0 || self.medium.is_exhausted() => {
                let ios = self.medium.progress().ios;
                Err(compare::does_not_end("a checkpoint", ios, self.medium.queued()))
            }
            None => Ok(Stepped::Going),
            Some(Ok(())) => {
                self.checkpoint_ended(run)?;
                Ok(Stepped::Over)
            }
            Some(Err(error)) => {
                self.checkpoint_failed(error, run)?;
                Ok(Stepped::Over)
            }
        }
    }

    fn checkpoint_ended(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let rewritten = self.superblock.statistics().rewritten - self.rewritten;
        self.rewritten += rewritten;
        states::checkpoint(rewritten, run);
        let seen = compare::seen(self.superblock.working());
        self.model
            .acknowledge(&seen)
            .map_err(|expected| compare::ended_wrongly(&expected, &seen))?;
        self.acknowledged(run)?;
        // Power may have been lost with the last I/O.
        if self.medium.is_down() {
            self.open_again(Interrupted::PowerLost, 0, 0, run)?;
        }
        Ok(())
    }

    /// Opens the store again after a checkpoint that failed while the power stayed on. Its writes
    /// are visible, and may or may not be durable.
    fn checkpoint_failed(
        &mut self,
        error: SuperblockError,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if !self.is_excused(error, self.begun) && self.keeps_its_promises() {
            return Err(compare::failed_without_reason(error));
        }
        run.remark(|| format!("failed: {error}"));
        Event::CheckpointFailed.count(run);
        Event::of(error).count(run);
        self.open_again(Interrupted::Failed, 0, 0, run)
    }

    /// Does up to `count` I/Os of the checkpoint under way, if any. Returns whether it needs more.
    pub(super) fn steps(&mut self, count: u64, run: &mut Run) -> Result<bool, Divergence> {
        for _ in 0..count {
            if !self.is_under_way() || self.step(run)? == Stepped::Over {
                return Ok(false);
            }
        }
        Ok(self.is_under_way())
    }

    /// Completes the checkpoint under way.
    pub(super) fn end(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.steps(u64::MAX, run).map(|_| ())
    }

    pub(super) fn checkpoint(
        &mut self,
        beats: u64,
        shape: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        self.begin(beats, shape, run)?;
        self.end(run)
    }
}
