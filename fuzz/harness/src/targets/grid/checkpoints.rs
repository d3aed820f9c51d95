//! Checkpoints, written and made durable.

use downbeat_lsm::checkpoint::{Checkpoint, CheckpointError};
use downbeat_lsm::grid::{GridError, Stepped};
use downbeat_lsm::superblock::{ManifestReferences, SuperblockError};

use super::events::Event;
use super::pump::hang;
use super::states;
use super::tested::Tested;
use crate::disk::{Armed, FaultKind, Outcome};
use crate::failure::Divergence;
use crate::model::grid::Use;
use crate::run::Run;
use crate::states::octave;

/// More steps than a checkpoint can take.
const BOUND: u64 = 4096;

impl Tested {
    /// Makes the last checkpoint durable if it is not, and writes the next.
    pub(super) fn checkpoint(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if !self.model.is_durable() {
            self.durable(run)?;
            if self.is_down() {
                return Ok(());
            }
        }
        // What a failure was found by meanwhile.
        if self.grid.failed().is_some() {
            return Ok(());
        }
        run.state(states::WaitingAtCheckpoint, self.waiting.len());
        let beat = self.model.acknowledged().beat + 1;
        self.model.begin_checkpoint(beat);
        let before = self.grid.storage().completed();
        let ended = self.run_checkpoint(beat, run)?;
        let completed = self.grid.storage().completed() - before;
        match ended {
            None => {
                Event::CheckpointCrashed.count(run);
                run.state(states::CheckpointAtCrash, completed.saturating_sub(1) as usize);
                Ok(())
            }
            Some(Ok(())) => {
                self.model.checkpoint_written();
                self.acknowledge(run);
                self.after_grid(run)
            }
            Some(Err(CheckpointError::Grid(GridError::Full))) => {
                Event::CheckpointFull.count(run);
                self.model.drop_checkpoint();
                if self.model.count(Use::Free) < self.kept_free {
                    return Ok(());
                }
                Err(failed("there are free blocks", &CheckpointError::Grid(GridError::Full)))
            }
            Some(Err(error)) => {
                Event::CheckpointFailed.count(run);
                run.remark(|| error.to_string());
                self.after_grid(run)?;
                let counts = self.grid.storage().counts();
                let struck = |outcomes: &[Outcome]| {
                    outcomes.iter().map(|outcome| counts.of(*outcome)).sum::<u64>() > 0
                };
                let explained = match error {
                    CheckpointError::Grid(GridError::Failed(_))
                    | CheckpointError::Superblock(SuperblockError::Fault(_)) => struck(&[
                        Outcome::WriteFailed,
                        Outcome::FlushFailed,
                        // Copies that cannot be read may be those that a crash would need.
                        Outcome::ReadFailed,
                        Outcome::UnreadableRead,
                    ]),
                    // Once a copy is lost, it is written again: a second and third time must go wrong, too.
                    CheckpointError::Superblock(SuperblockError::Unverified) => struck(&[
                        Outcome::WriteLost,
                        Outcome::MisdirectedWithin,
                        Outcome::MisdirectedAcross,
                        Outcome::DamagedRead,
                        Outcome::ReadFailed,
                        Outcome::UnreadableRead,
                    ]),
                    _ => false,
                };
                if explained { Ok(()) } else { Err(failed("a checkpoint", &error)) }
            }
        }
    }

    /// Runs a checkpoint to its end. `None` if the power goes.
    fn run_checkpoint(
        &mut self,
        beat: u64,
        run: &mut Run,
    ) -> Result<Option<Result<(), CheckpointError>>, Divergence> {
        let mut checkpoint = Checkpoint::begin(beat, ManifestReferences::default());
        let mut prepared = false;
        for _ in 0..BOUND {
            run.step();
            let ended = checkpoint.advance(&mut self.grid, &mut self.superblock);
            if !prepared && checkpoint.is_prepared() {
                prepared = true;
                self.check_trailers(run)?;
            }
            self.after_grid(run)?;
            if ended.is_some() {
                return Ok(ended);
            }
            let ended = match self.grid.step() {
                Stepped::Progress => None,
                Stepped::Foreign(completion) => {
                    checkpoint.complete(&mut self.grid, &mut self.superblock, completion)
                }
                Stepped::Nothing if self.is_down() => return Ok(None),
                Stepped::Nothing => {
                    if self.held.pop().is_none() {
                        return Err(hang("a checkpoint does not end", self.under_way()));
                    }
                    None
                }
            };
            self.after_grid(run)?;
            if ended.is_some() {
                return Ok(ended);
            }
        }
        Err(hang("a checkpoint does not end", self.under_way()))
    }

    /// The blocks of the free set are the lowest free ones.
    fn check_trailers(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let trailers = self.grid.trailer_blocks();
        run.state(states::TrailersAtCheckpoint, trailers.len());
        let mut last = 0;
        for trailer in trailers {
            let expected = self.model.next_free(last);
            if expected != Some(*trailer) {
                return Err(Divergence {
                    check: "acquired-is-lowest-free",
                    what: "a block of the free set is not the lowest free one",
                    expected: format!("{expected:?}"),
                    got: format!("{trailers:?}"),
                    state: Vec::new(),
                });
            }
            last = *trailer;
        }
        let trailers = trailers.to_vec();
        self.model.take_trailers(&trailers);
        Ok(())
    }

    /// What is on the disk is what the model holds as acknowledged: nothing of it is to be written.
    pub(super) fn acknowledge(&mut self, _run: &mut Run) {
        let Self { grid, model, .. } = self;
        let disk = grid.storage_mut();
        disk.settle();
        disk.unprotect_all();
        let acknowledged = model.acknowledged();
        for slot in &acknowledged.slots {
            if let (Use::Acquired, Some(block)) = (slot.used, slot.block) {
                disk.protect(block.name.address);
            }
        }
        for address in &acknowledged.trailers {
            disk.protect(*address);
        }
    }

    /// Makes the last checkpoint durable. Who waits for a block that becomes free is answered first.
    pub(super) fn durable(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.is_durable() {
            run.redirected(|| "checkpoint".to_owned());
            return self.checkpoint(run);
        }
        self.settle(run)?;
        if self.is_down() {
            return Ok(());
        }
        run.state(states::ReleasedAtDurable, octave(self.model.count(Use::Released)));
        run.state(states::StagedAtDurable, octave(self.model.count(Use::Staged)));
        run.step();
        self.grid.mark_checkpoint_durable();
        self.model.mark_durable();
        self.check_account()
    }

    pub(super) fn crash_at_checkpoint(&mut self, io: u32, run: &mut Run) -> Result<(), Divergence> {
        if self.cannot_write(run)? {
            return Ok(());
        }
        let nth = u64::from(io) + 1;
        self.disk().arm(Armed { kind: FaultKind::PowerLoss, access: None, nth });
        self.checkpoint(run)
    }
}

fn failed(what: &str, error: &CheckpointError) -> Divergence {
    Divergence {
        check: "checkpoint-is-written",
        what: "a checkpoint fails, and nothing on the disk explains it",
        expected: what.to_owned(),
        got: error.to_string(),
        state: Vec::new(),
    }
}
