//! Beats and checkpoints that the store runs in one call, which waits for the disk.
//!
//! - Such a beat ignores the pace of the run, and does an even share of the work.
//! - A checkpoint runs several beats in one call. Another checkpoint may be due before the last of
//!   these beats. The world cannot see the state and the blocks of this other checkpoint, so the
//!   disk does not check what such a call writes.

use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::store::StoreError;

use super::events::Event;
use super::history::{Change, Ended};
use super::tested::Tested;
use downbeat::check::{equal, fail, same};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

/// The store before a call that runs beats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    beat: u64,
    cached: usize,
    /// The sequence number of the superblock.
    sequence: u64,
}

impl<R: Versioned> Tested<R> {
    /// Whether one call of the store runs the next beat, or a checkpoint whose first beat is the
    /// next.
    #[inline]
    pub(super) fn is_whole(&self) -> bool {
        match self.calls {
            0 => false,
            // A loss of power at a checkpoint is armed between the steps of a beat.
            _ if self.faults.at_checkpoint.is_some() => false,
            1 => true,
            _ => self.paces.luck(!self.next_beat()) >> 63 == 0,
        }
    }

    /// Notes the state of the store. Called before a call that runs beats.
    pub(super) fn whole_begins(&mut self) -> Before {
        self.beat_begins();
        Before {
            beat: self.store.beat_number(),
            cached: self.store.grid().cached_blocks(),
            sequence: self.store.superblock().working().sequence(),
        }
    }

    /// Checks the store after a call that ran one beat. `error` is the error of the call.
    pub(super) fn whole_ended(
        &mut self,
        before: Before,
        error: Option<StoreError>,
        run: &mut Run,
    ) -> Checked {
        Event::WholeBeat.count(run);
        equal("beat-ends-once", before.beat + 1, self.store.beat_number())
            .or("a call runs more beats than it should, or none")?;
        self.model.beat();
        if let Some(error) = error {
            self.done(Change::Beat(CompactionPace::EVEN, Ended::Full));
            return self.whole_failed(error, run);
        }
        self.check_cache(before.cached)?;
        let working = self.store.superblock().working();
        let held = (working.sequence() != before.sequence).then(|| working.state().beat);
        self.beat_ended(CompactionPace::EVEN, held, run)
    }

    fn whole_failed(&mut self, error: StoreError, run: &mut Run) -> Checked {
        let StoreError::ReadOnly(failed) = error else {
            return Err(fail("nothing-fails", "success", error).saying("a beat fails"));
        };
        self.faults.failed = Some(failed);
        self.check_failed()?;
        self.refused(error, run)?;
        self.beat_failed(run)
    }

    /// Calls [`Store::beat`](downbeat_lsm::store::Store::beat).
    pub(super) fn whole_beat(&mut self, run: &mut Run) -> Checked {
        let before = self.whole_begins();
        let ended = self.store.beat();
        if let Ok(held) = ended {
            let working = self.store.superblock().working();
            let written = (working.sequence() != before.sequence).then(|| working.state().beat);
            same("checkpoint-comes-when-due", written, held)
                .or("a beat returns another checkpoint than the one in the superblock")?;
        }
        self.whole_ended(before, ended.err(), run)
    }

    /// Calls [`Store::checkpoint`](downbeat_lsm::store::Store::checkpoint).
    pub(super) fn whole_checkpoint(&mut self, run: &mut Run) -> Checked {
        self.persist_before_beat(run)?;
        run.step();
        Event::WholeCheckpoint.count(run);
        let first = self.next_beat();
        let trigger = self.triggers.want(first);
        let mut ahead = self.triggers.clone();
        if (first..trigger).any(|beat| ahead.beat(beat).is_some()) {
            self.device().unprotect_all();
            self.tables.clear();
        }
        let before = self.whole_begins();
        let ended = self.store.checkpoint();
        let last = self.store.beat_number();
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        for beat in first..last {
            self.model.beat();
            self.bars += u64::from((beat + 1).is_multiple_of(bar));
            if let Some(held) = self.triggers.beat(beat) {
                self.checkpoint_holds(held, run);
                self.root.acknowledge(&self.store.superblock().working().state());
            }
        }
        self.model.beat();
        match ended {
            Ok(held) => {
                let state = self.store.superblock().working().state();
                self.done(Change::Checkpoint(Ended::WithCheckpoint(state)));
                equal("checkpoint-comes-when-due", trigger, last)
                    .or("a checkpoint ends at another beat than the one at which it is due")?;
                let bars = last / bar - before.beat / bar + 1;
                self.check_ended(Some(held), bars, run)
            }
            Err(error) => {
                self.done(Change::Checkpoint(Ended::Full));
                self.whole_failed(error, run)
            }
        }
    }
}
