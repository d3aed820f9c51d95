//! Crashes, restarts, and what the store is when it was opened again.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::superblock::{CheckpointState, SuperblockError};

use super::events::{self, Event};
use super::pump::hang;
use super::states;
use super::tested::Tested;
use crate::disk::{Armed, FaultKind};
use crate::failure::Divergence;
use crate::model::grid::Use;
use crate::run::Run;
use crate::states::octave;

/// How often opening may fail beside the faults that are armed.
const TRIES: usize = 6;

/// Why opening did not come to its end.
enum Refused {
    /// The power went, or the disk failed once.
    Again(String),
    /// The store is not one that can be opened.
    Corrupt(String),
}

impl Tested {
    /// Formats the disk, and opens the store.
    pub(super) fn format(&mut self, run: &mut Run) -> Result<(), Divergence> {
        let tries = TRIES + self.grid.storage().armed().len();
        for _ in 0..tries {
            self.forget_process(run);
            let disk = self.grid.storage_mut();
            disk.restart();
            disk.unprotect_all();
            let state = CheckpointState::default();
            let formatted = self.superblock.format(self.grid.storage_mut(), 7, &state);
            if formatted.is_err() {
                continue;
            }
            self.model.format(self.layout.block_count() as usize);
            if self.grid.open(&state).is_ok() {
                self.acknowledge(run);
                return self.check_account();
            }
        }
        Err(hang("a disk cannot be formatted", self.under_way()))
    }

    /// The power goes; the store is opened when it is back. It may go again, at an I/O of that.
    pub(super) fn crash(&mut self, io: u32, run: &mut Run) -> Result<(), Divergence> {
        self.disk().lose_power();
        if io > 0 {
            let nth = u64::from(io);
            self.disk().arm(Armed { kind: FaultKind::PowerLoss, access: None, nth });
        }
        self.recover(run)
    }

    /// The process ends with all that it holds, and the store is opened again.
    pub(super) fn restart(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.recover(run)
    }

    /// After a crash, or the end of the process: opens the store, and compares.
    pub(super) fn recover(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.check_held(run)?;
        if self.is_down() {
            run.state(states::WaitingAtCrash, self.waiting.len());
            run.state(states::PendingAtCrash, self.grid.pending_writes());
        }
        let tries = TRIES + self.grid.storage().armed().len();
        let mut crashed_before = false;
        let mut last = String::new();
        for _ in 0..tries {
            self.forget_process(run);
            self.disk().restart();
            let before = self.grid.storage().completed();
            match self.open(crashed_before, run)? {
                Ok(()) => return self.check_account(),
                Err(Refused::Again(_)) if self.is_down() => {
                    crashed_before = true;
                    Event::OpeningCrashed.count(run);
                    let completed = self.grid.storage().completed() - before;
                    run.state(states::OpeningAtCrash, completed.saturating_sub(1) as usize);
                }
                Err(Refused::Again(why)) => {
                    Event::OpeningFailed.count(run);
                    run.remark(|| format!("not opened: {why}"));
                    last = why;
                }
                Err(Refused::Corrupt(why)) if self.beyond => {
                    Event::FormattedAnew.count(run);
                    run.remark(|| format!("formatted anew: {why}"));
                    return self.format_anew(run);
                }
                Err(Refused::Corrupt(why)) => {
                    return Err(Divergence {
                        check: "store-opens",
                        what: "a store does not open, and no more is wrong than may be",
                        expected: "a store".to_owned(),
                        got: why,
                        state: Vec::new(),
                    });
                }
            }
        }
        if self.beyond {
            // What cannot be read stays so.
            Event::FormattedAnew.count(run);
            return self.format_anew(run);
        }
        Err(hang("a store is not opened", last))
    }

    /// Everything is lost: the disk is as new, and what happened to it is not forgotten.
    fn format_anew(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.disk().image_mut().repair_all();
        self.format(run)
    }

    /// What a process holds is gone.
    fn forget_process(&mut self, run: &mut Run) {
        events::harvest(self.grid.statistics(), self.superblock.statistics(), run);
        self.waiting.clear();
        self.held.clear();
        self.reservations.clear();
        self.unwritten.clear();
        self.failure_noted = false;
        self.grid.reset();
        self.superblock.reset();
    }

    fn open(
        &mut self,
        crashed_before: bool,
        run: &mut Run,
    ) -> Result<Result<(), Refused>, Divergence> {
        run.step();
        match self.superblock.open(self.grid.storage_mut()) {
            Ok(()) => {}
            // What goes wrong again and again is tried again once it does not.
            Err(
                error @ (SuperblockError::Gone
                | SuperblockError::Fault(_)
                | SuperblockError::Unverified),
            ) => return Ok(Err(Refused::Again(error.to_string()))),
            Err(error) => return Ok(Err(Refused::Corrupt(error.to_string()))),
        }
        let state = self.superblock.working().state();
        let under_way = self.model.under_way().is_some_and(|way| way.beat == state.beat);
        let lost = self.model.count(Use::Acquired);
        if !self.model.opened(state.beat) {
            if self.beyond {
                return Ok(Err(Refused::Corrupt(format!("opened at checkpoint {}", state.beat))));
            }
            return Err(Divergence {
                check: "opened-is-last-or-under-way",
                what: "a store opens as another checkpoint than the last two",
                expected: format!("{}, or the next", self.model.acknowledged().beat),
                got: state.beat.to_string(),
                state: Vec::new(),
            });
        }
        let (event, opened) = if under_way {
            (Event::OpenedUnderWay, 1)
        } else {
            (Event::OpenedAcknowledged, usize::from(crashed_before) * 2)
        };
        event.count(run);
        run.state(states::Opened, opened);
        run.result(state.beat);
        let left = self.model.count(Use::Acquired);
        run.state(states::LostAtCrash, octave(lost.saturating_sub(left)));
        run.state(states::BackAtCrash, octave(left.saturating_sub(lost)));
        run.step();
        match self.grid.open(&state) {
            Ok(()) => {}
            Err(error @ (GridError::Gone | GridError::Fault(_))) => {
                return Ok(Err(Refused::Again(error.to_string())));
            }
            Err(error) => return Ok(Err(Refused::Corrupt(error.to_string()))),
        }
        if self.grid.trailer_blocks() != self.model.acknowledged().trailers {
            return Err(Divergence {
                check: "free-set-is-that-of-the-checkpoint",
                what: "a store opens with the free set of another checkpoint",
                expected: format!("{:?}", self.model.acknowledged().trailers),
                got: format!("{:?}", self.grid.trailer_blocks()),
                state: Vec::new(),
            });
        }
        self.acknowledge(run);
        Ok(Ok(()))
    }
}
