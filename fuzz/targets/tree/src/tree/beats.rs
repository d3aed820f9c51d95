//! Beats and checkpoints.
//!
//! A beat may be left under way while it writes the superblock, so that its checkpoint becomes
//! durable several operations later. Until then, an operation that the store allows during a beat
//! runs at once. Any other operation first completes the beat. If the store is opened again
//! instead, with or without a loss of power, it opens at this checkpoint or at the one before.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::forest::BeatProgress;
use downbeat_lsm::manifest::{ManifestLevel, Visibility};
use downbeat_lsm::store::{Store, StoreError};
use downbeat_lsm::superblock::{ChangingOptions, ManifestReferences};

use super::events::{Event, FaultEvent};
use super::history::{Change, Ended};
use super::tested::Tested;
use downbeat::check::{equal, fail, holds, same};
use downbeat::disk::SimulatedDisk;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::tree::CALL_NAMES;
use downbeat_storage_targets::store::full::{check_early, may_be_early};
use downbeat_storage_targets::store::{BeatOutcome, hang};

/// A beat that waits for the disk this many times is a finding.
const BOUND: u64 = 1 << 20;

impl<R: Versioned> Tested<R> {
    /// Runs a beat. An open scope is persisted first.
    pub(super) fn beat(&mut self, run: &mut Run) -> Checked {
        self.persist_before_beat(run)?;
        run.step();
        self.resume(run)?;
        if self.store.failed().is_some() {
            return Ok(());
        }
        if self.is_whole() {
            return self.whole_beat(run);
        }
        let cached = self.store.grid().cached_blocks();
        let pace = self.paces.of_beat(self.next_beat());
        self.beat_begins();
        if let Err(error) = self.store.by_hand().beat_begin_at(pace) {
            self.done(Change::Beat(pace, Ended::Full));
            if let StoreError::ReadOnly(error) = error {
                self.faults.failed = Some(error);
            }
            return self.refused(error, run);
        }
        Event::PutOff.count_if(pace.shares == 0, run);
        Event::Ahead.count_if(pace.shares > 1, run);
        Event::AfterReads.count_if(self.store.grid().pending_reads() > 0, run);
        self.model.beat();
        self.continue_beat(UnderWay { pace, cached }, self.leaves_when(), run)
    }

    /// When the beat that has just begun is left under way. It is decided by the beat's number, so
    /// that inputs with other operations between the beats leave the same beats.
    fn leaves_when(&self) -> Leaves {
        let luck = self.paces.luck(self.store.beat_number() << 8);
        let may_leave = self.may_leave
            && CALL_NAMES[self.calls] == "chance"
            && self.history.is_none()
            && self.faults.at_checkpoint.is_none();
        if may_leave && luck >> 63 == 0 {
            Leaves::InSuperblock(luck >> 32 & 7)
        } else {
            Leaves::Never
        }
    }

    /// Continues a beat to its end, or until it is left.
    fn continue_beat(&mut self, beat: UnderWay, leaves: Leaves, run: &mut Run) -> Checked {
        let Self { store, faults, .. } = self;
        let mut left = match leaves {
            Leaves::Never => u64::MAX,
            Leaves::InSuperblock(count) | Leaves::After(count) => count,
        };
        let ended = end_beat(store, |store| {
            faults.beat_waits(store.by_hand().grid_mut());
            let counts = match leaves {
                Leaves::Never => false,
                Leaves::InSuperblock(_) => !store.superblock().is_idle(),
                Leaves::After(_) => true,
            };
            let goes_on = !counts || left > 0;
            left = left.saturating_sub(u64::from(counts));
            goes_on
        });
        match ended {
            BeatOutcome::Ended(Ok(checkpoint)) => {
                self.check_cache(beat.cached)?;
                self.beat_ended(beat.pace, checkpoint, run)
            }
            BeatOutcome::Ended(Err(error)) => {
                self.done(Change::Beat(beat.pace, Ended::Full));
                self.faults.failed = Some(error);
                self.check_failed()?;
                self.refused(error.into(), run)?;
                self.beat_failed(run)
            }
            BeatOutcome::Left => {
                FaultEvent::Left.count_if(matches!(leaves, Leaves::InSuperblock(_)), run);
                self.under_way = Some(beat);
                Ok(())
            }
            BeatOutcome::Hangs => {
                let got = format!("{} pending writes", self.store.grid().pending_writes());
                Err(hang(got).saying("a beat does not end"))
            }
        }
    }

    /// Continues the beat that was left under way to its end.
    pub(super) fn resume(&mut self, run: &mut Run) -> Checked {
        match self.under_way.take() {
            Some(beat) => self.continue_beat(beat, Leaves::Never, run),
            None => Ok(()),
        }
    }

    /// Completes up to `count` I/Os. Continues the beat that was left under way, if there is one.
    /// Returns whether an I/O completed.
    pub(super) fn complete(&mut self, count: u32, run: &mut Run) -> Checked<bool> {
        let before = self.now();
        if count > 0
            && let Some(beat) = self.under_way.take()
        {
            self.continue_beat(beat, Leaves::After(u64::from(count)), run)?;
            return Ok(self.now() > before);
        }
        Ok((0..count).take_while(|_| self.store.by_hand().step()).count() > 0)
    }

    /// Forgets the beat that was left under way, because its process ends. Its checkpoint may be on
    /// the disk.
    pub(super) fn abandon_beat(&mut self, run: &mut Run) {
        if self.under_way.take().is_none() {
            return;
        }
        let held = self.triggers.beat(self.store.beat_number());
        let beat = held.expect("only a beat with a checkpoint is left under way");
        let log = self.store.manifest_log().references();
        self.root.checkpoint_begun(beat, log, self.changing());
        FaultEvent::LeftForGood.count(run);
        if self.is_down() {
            self.beat_crashed(3, run);
        }
    }

    /// Persists an open scope, because a beat follows. Checks before that the store runs no beat
    /// while the scope is open.
    pub(super) fn persist_before_beat(&mut self, run: &mut Run) -> Checked {
        if self.model.scope_is_open() {
            self.check_scope_refuses_beats(run)?;
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        Ok(())
    }

    /// Checks that no beat begins while a scope is open, and that no write that needs one changes
    /// anything.
    fn check_scope_refuses_beats(&mut self, run: &mut Run) -> Checked {
        let reason = self.faults.reason(self.store.grid());
        let expected = Some(reason.map_or(StoreError::ScopeIsOpen, StoreError::ReadOnly));
        let got = self.store.by_hand().beat_begin().err();
        same("scope-refuses-beats", expected, got).or("a beat begins while a scope is open")?;
        if self.store.tree().room() == 0 {
            Event::ScopeFull.count_if(reason.is_none(), run);
            let got = self.store.remove(R::wide(0)).err();
            same("scope-refuses-beats", expected, got)
                .or("a scope takes more writes than it has room for")?;
        }
        Ok(())
    }

    /// Notes when the beat and its half-bar began.
    pub(super) fn beat_begins(&mut self) {
        let half = u64::from(self.store.options().tree.beats_per_bar) / 2;
        let is_first = self.next_beat().is_multiple_of(half);
        self.faults.beat_begins(is_first, self.store.grid().storage());
    }

    /// Checks that a block leaves the cache only when another block takes its place.
    pub(super) fn check_cache(&self, before: usize) -> Checked {
        let cached = self.store.grid().cached_blocks();
        holds("cache-keeps-what-it-has", cached >= before)
            .show(|| (format!("{before} or more"), cached))
            .or("the cache has fewer blocks after a beat than before it")
    }

    pub(super) fn beat_ended(
        &mut self,
        pace: CompactionPace,
        held: Option<u64>,
        run: &mut Run,
    ) -> Checked {
        let checkpoint = held.map(|_| self.store.superblock().working().state());
        let ended = checkpoint.map_or(Ended::Plainly, Ended::WithCheckpoint);
        self.done(Change::Beat(pace, ended));
        self.check_ended(held, 1, run)
    }

    /// Checks the store after a beat. Since the last check, beats have run in `bars` bars.
    pub(super) fn check_ended(&mut self, held: Option<u64>, bars: u64, run: &mut Run) -> Checked {
        let beat = self.store.beat_number();
        self.follow_early(run)?;
        let due = self.triggers.beat(beat);
        let text = |held: Option<u64>| {
            held.map_or("none".to_owned(), |held| format!("a checkpoint up to beat {held}"))
        };
        let is_due = held == due && self.triggers.wrongly_hastened().is_none();
        holds("checkpoint-comes-when-due", is_due)
            .show(|| (text(due), text(held)))
            .or("a beat ends without the checkpoint that is due, or with a wrong one")?;
        if let Some(held) = held {
            run.result(held);
            self.checkpoint_holds(held, run);
            let state = self.store.superblock().working().state();
            let log = self.store.manifest_log().references();
            let due = (held, log, self.changing());
            let got = (state.beat, state.manifest, state.options);
            let say = |(beat, log, options): (u64, ManifestReferences, ChangingOptions)| {
                format!("beat {beat} with {log:?} and {options:?}")
            };
            holds("checkpoint-says-what-it-holds", got == due).show(|| (say(due), say(got))).or(
                "a checkpoint names another beat, log or options than the ones that it holds",
            )?;
            if state.options.block_count != self.root.options().block_count {
                // With more blocks, a store whose device was too small for a reserve has one, and
                // may refuse puts at once.
                self.fullness = None;
            }
            self.root.acknowledge(&state);
        }
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        if (beat + 1).is_multiple_of(bar) {
            self.bar_ended(held.is_some(), bars, run)?;
        }
        Ok(())
    }

    /// Notes a checkpoint that the store announced early, and checks that the store did so for the
    /// end of this bar, because room runs low.
    fn follow_early(&mut self, run: &mut Run) -> Checked {
        let Some(early) = self.store.early_checkpoints().last() else { return Ok(()) };
        if std::mem::replace(&mut self.early, early) == early {
            return Ok(());
        }
        Event::Early.count(run);
        check_early(&self.store)?;
        let (beat, bar) = (self.store.beat_number(), u64::from(self.options.tree.beats_per_bar));
        self.triggers.hasten(early);
        let may = early / bar == beat / bar && self.triggers.wrongly_hastened().is_none();
        holds("early-checkpoint-ends-its-bar", may)
            .show(|| (format!("the last beat of the bar of {beat}"), early))
            .or("a checkpoint is announced early for another beat than the last of the bar")
    }

    /// Notes that a checkpoint that contains the beats up to `held` is acknowledged.
    pub(super) fn checkpoint_holds(&mut self, held: u64, run: &mut Run) {
        Event::Checkpoint.count(run);
        self.checkpoints += 1;
        self.model.checkpoint(held);
        FaultEvent::LossDurable.count_if(std::mem::take(&mut self.gave_up), run);
    }

    /// Runs `count` beats, and completes `steps` I/Os after each.
    pub(super) fn beats(&mut self, count: u32, steps: u32, run: &mut Run) -> Checked {
        for _ in 0..count {
            if self.cannot_beat(run) {
                break;
            }
            self.may_leave = true;
            self.beat(run)?;
            self.may_leave = false;
            self.complete(steps, run)?;
        }
        Ok(())
    }

    /// Runs beats until `count` bars have ended.
    pub(super) fn whole_bars(&mut self, count: u32, run: &mut Run) -> Checked {
        let bar = u64::from(self.store.options().tree.beats_per_bar);
        let mut left = count;
        while left > 0 && !self.cannot_beat(run) {
            self.may_leave = true;
            self.beat(run)?;
            self.may_leave = false;
            if (self.store.beat_number() + 1).is_multiple_of(bar) {
                left -= 1;
            }
        }
        Ok(())
    }

    /// Requests a checkpoint. Returns the beat at whose end the checkpoint is taken.
    pub(super) fn want(&mut self, run: &mut Run) -> Checked<u64> {
        run.step();
        self.done(Change::Want);
        let trigger = self.store.by_hand().checkpoint_want();
        let due = self.triggers.want(self.next_beat());
        equal("checkpoint-comes-when-due", due, trigger)
            .or("a requested checkpoint is announced for the wrong beat")?;
        Ok(trigger)
    }

    /// Runs beats until everything that was put is durable.
    pub(super) fn checkpoint(&mut self, run: &mut Run) -> Checked {
        // A call that runs several beats does not show when a checkpoint is announced.
        let is_visible = !may_be_early(&self.store);
        if self.store.failed().is_none() && is_visible && self.is_whole() {
            self.whole_checkpoint(run)?;
            return self.check_durable();
        }
        let trigger = self.want(run)?;
        while self.store.beat_number() < trigger && !self.cannot_beat(run) {
            self.beat(run)?;
        }
        self.check_durable()
    }

    /// Checks that the last checkpoint has every record that was put, unless a beat failed.
    fn check_durable(&self) -> Checked {
        let is_held = self.store.failed().is_some() || self.model.is_durable();
        holds("checkpoint-holds-what-was-put", is_held)
            .show(|| ("all of it", "less"))
            .or("a requested checkpoint does not hold everything that was put before")
    }

    fn cannot_beat(&self, run: &mut Run) -> bool {
        let failed = self.store.failed().is_some();
        run.idle_if(failed);
        failed
    }

    pub(super) fn drop_cache(&mut self, run: &mut Run) -> Checked {
        run.step();
        Event::CacheDropped.count(run);
        self.store.by_hand().grid_mut().drop_cache();
        self.verify(run)
    }

    /// Verifies the store. Checks that the disk explains what is wrong and that, if nothing is, all
    /// blocks in use were read.
    fn verify(&mut self, run: &mut Run) -> Checked {
        if self.is_down() {
            return Ok(());
        }
        let since = self.now();
        let verification = self.store.verify().map_err(|error| {
            fail("verification-finds-what-is-wrong", "a result", error)
                .saying("an open store is not verified")
        })?;
        for error in &verification.errors {
            let divergence = || {
                fail("verification-finds-what-is-wrong", "no error", error)
                    .saying("a verification finds an error that the disk does not explain")
            };
            self.read_failed(&StoreError::Grid(*error), since, divergence, run)?;
        }
        if !verification.is_clean() || self.store.failed().is_some() {
            return Ok(());
        }
        let tree = self.store.tree();
        let all = |level: &ManifestLevel<R::Key>| {
            let found = level.tables(Visibility::Any, Direction::Ascending, None);
            let blocks = found.map(|it| 1 + tree.layout().value_block_count(it.table.value_count));
            blocks.map(u64::from).sum::<u64>()
        };
        let tables: u64 = tree.manifest().levels().iter().map(all).sum();
        let log = self.store.manifest_log().block_count() as u64;
        let free_set = self.store.grid().trailer_blocks().len() as u64;
        equal("verification-reads-every-block", tables + log + free_set, verification.blocks)
            .or("a verification that finds nothing has not read every block in use")
    }
}

/// A beat that was left under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnderWay {
    pace: CompactionPace,
    /// The number of cached blocks at the beginning of the beat.
    cached: usize,
}

/// When a beat is left under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaves {
    Never,
    /// After this many I/Os of the superblock.
    InSuperblock(u64),
    /// After this many I/Os.
    After(u64),
}

/// Continues the beat that a store has begun, to its end. Calls `waits` before each wait for the
/// disk, and leaves the beat under way if it returns `false`.
pub(crate) fn end_beat<R: Versioned>(
    store: &mut Store<R, SimulatedDisk>,
    mut waits: impl FnMut(&mut Store<R, SimulatedDisk>) -> bool,
) -> BeatOutcome {
    for _ in 0..BOUND {
        let mut progress = store.by_hand().beat_advance();
        if progress == BeatProgress::Waiting {
            if !waits(store) {
                return BeatOutcome::Left;
            }
            progress = store.by_hand().beat_step();
        }
        match progress {
            BeatProgress::Waiting => {}
            BeatProgress::Failed(error) => return BeatOutcome::Ended(Err(error)),
            BeatProgress::Ended { checkpoint } => return BeatOutcome::Ended(Ok(checkpoint)),
        }
    }
    BeatOutcome::Hangs
}
