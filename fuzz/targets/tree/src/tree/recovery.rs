//! Formatting, reopening and recovery.
//!
//! - After power is lost, or after a beat failed, the store opens at the last acknowledged
//!   checkpoint, or at the one that was being written to the superblock.
//! - While it opens, power may be lost again, and the disk may fail. The store is then opened
//!   again.
//! - Within the fault limits the store always opens. Beyond the limits it may fail to open, if the
//!   disk is damaged at the place that the error names. It is then formatted again.

use downbeat_lsm::store::StoreOptions;
use downbeat_lsm::superblock::{ChangingOptions, CheckpointState};

use super::events::{Event, FaultEvent};
use super::faults::allow_in_flight;
use super::history::Change;
use super::states;
use super::tested::Tested;
use downbeat::check::{equal, fail};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::{Attempts, Refused};

/// The number of the first store of a run.
pub(super) const FIRST: u64 = 7;

impl<R: Versioned> Tested<R> {
    /// Formats the disk, which is not damaged.
    pub(super) fn format(&mut self) -> Checked {
        let mut attempts = Attempts::new(self.store.grid().storage());
        loop {
            attempts.begin(self.store.grid().storage());
            self.faults.opens(self.store.grid().storage());
            self.openings += 1;
            let number = FIRST + self.formatted;
            self.formatted += 1;
            let Err(error) = self.store.format_again(number) else {
                return self.was_formatted(number);
            };
            let disk = self.store.grid().storage();
            let cause = attempts.cause(&error, disk);
            match attempts.refused(cause, error.to_string(), disk)? {
                Refused::Again(_) => self.device().restart(),
                Refused::Lost(why) => {
                    return Err(
                        fail("store-opens", "a store", why).saying("a disk cannot be formatted")
                    );
                }
            }
        }
    }

    /// Acquires the blocks of the ballast. Each checkpoint contains them, except the one that
    /// formatting writes.
    fn lay_ballast(&mut self) {
        if self.ballast == 0 {
            return;
        }
        let by_hand = self.store.by_hand();
        let grid = by_hand.grid_mut();
        let reserved = grid.reserve(self.ballast);
        let mut reserved = reserved.expect("the device is larger than its ballast");
        while grid.acquire(&mut reserved).is_some() {}
        grid.forfeit(reserved);
    }

    pub(super) fn was_formatted(&mut self, number: u64) -> Checked {
        let identity = self.store.superblock().working().store();
        equal("store-has-its-number", number, (identity >> 64) as u64)
            .or("a store is formatted with another number than the one that was given")?;
        let options = self.changing();
        let state = CheckpointState { options, ..CheckpointState::default() };
        self.root.format(identity, &state);
        self.check_opened_state()?;
        self.tables.clear();
        self.reopen_triggers();
        self.early = 0;
        self.fullness = None;
        self.outgrew = false;
        self.gave_up = false;
        self.quiet_bars = (0, 0);
        self.range = None;
        self.lay_ballast();
        self.checkpoint_uses(0);
        let disk = self.device();
        disk.settle();
        disk.unprotect_all();
        Ok(())
    }

    /// Checks that the store is at the last beat of the acknowledged checkpoint.
    fn check_opened_state(&self) -> Checked {
        equal("opened-at-the-beat", self.root.acknowledged_beat(), self.store.beat_number())
            .or("a store that was opened names another beat than the one of its checkpoint")
    }

    /// Closes the store and opens it again.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        run.step();
        let next = self.next.as_ref().unwrap_or(self.store.options());
        self.done(Change::Reopen(changing(next)));
        // Open lookups, open scans and a beat under way use buffers. The opening drops them.
        if self.nothing_is_open() && self.under_way.is_none() {
            self.check_buffers("when the store is closed")?;
        }
        Event::Reopened.count(run);
        self.abandon_beat(run);
        self.recover(run)?;
        Event::ReopenedEmpty.count_if(self.model.is_empty(), run);
        Ok(())
    }

    /// Opens the store after power was lost.
    pub(super) fn power_lost(&mut self, run: &mut Run) -> Checked {
        run.step();
        FaultEvent::Crash.count(run);
        self.abandon_beat(run);
        self.crash_between_beats(run);
        self.recover(run)
    }

    pub(super) fn recover(&mut self, run: &mut Run) -> Checked {
        let mut crashed = false;
        let mut attempts = Attempts::new(self.store.grid().storage());
        loop {
            crashed |= self.is_down();
            self.process_ends(run);
            attempts.begin(self.store.grid().storage());
            self.faults.opens(self.store.grid().storage());
            match self.open(&attempts, run)? {
                Ok(()) => {
                    self.opened(crashed, run)?;
                    if !self.is_down() {
                        return Ok(());
                    }
                    FaultEvent::Crash.count(run);
                    self.crash_between_beats(run);
                }
                Err(Refused::Again(why)) => {
                    if self.is_down() {
                        let completed = attempts.completed(self.store.grid().storage());
                        run.state(states::CrashIn, 4);
                        run.state(states::OpeningAtCrash, completed.saturating_sub(1) as usize);
                        FaultEvent::Crash.count(run);
                    } else {
                        FaultEvent::OpeningFailed.count(run);
                    }
                    run.remark(|| format!("not opened: {why}"));
                }
                Err(Refused::Lost(why)) => return self.format_lost(&why, run),
            }
        }
    }

    /// Prepares an opening after the end of a process. If the same object opens the disk, the I/Os
    /// that it had submitted stay in the queue, and it must abandon them.
    pub(super) fn process_ends(&mut self, run: &mut Run) {
        self.harvest(run);
        self.deferred = (0, 0);
        self.written = 0;
        self.openings += 1;
        if std::mem::take(&mut self.faults.anew) {
            FaultEvent::OpenedAnew.count(run);
            self.device().restart();
            self.renew(&self.store.options().clone());
        } else {
            self.device().restart_keeping_queue();
        }
    }

    /// Replaces the store, but not its disk, by a new one with these options. The new store uses
    /// the memory of the old one again, which is quicker, and never takes the memory of two.
    pub(super) fn renew(&mut self, options: &StoreOptions) {
        self.drop_tickets();
        allow_in_flight(self.device(), options);
        self.store.renew(options).expect("the target's settings are valid");
        self.set_sizes(options);
    }

    /// The options of the store that its next checkpoint names.
    pub(super) fn changing(&self) -> ChangingOptions {
        changing(self.store.options())
    }

    /// The store was opened. The next checkpoint is due by the interval that the last one names,
    /// and later ones by that of the store's options.
    fn reopen_triggers(&mut self) {
        self.triggers.reopen(self.root.acknowledged_beat());
        let stored = self.root.options().checkpoint_interval;
        let own = self.store.options().checkpoint_interval;
        self.triggers.change_interval(stored.into(), own.into());
    }

    fn open(&mut self, attempts: &Attempts, run: &mut Run) -> Checked<Result<(), Refused>> {
        let opened = match self.next.take() {
            Some(options) => self.open_by_call(&options, run)?,
            None => self.store.open_again(),
        };
        // The superblock may be open although the rest of the store is not.
        if self.store.superblock().is_idle() {
            let header = *self.store.superblock().working();
            let was_written = self.root.is_under_way();
            let Some(under_way) = self.root.open(&header) else {
                let got = format!("store {} at {:?}", header.store(), header.state());
                return attempts.opened_elsewhere(self.root.to_string(), got).map(Err);
            };
            if under_way {
                self.model.checkpoint(header.state().beat);
                FaultEvent::LossDurable.count_if(std::mem::take(&mut self.gave_up), run);
            }
            if was_written {
                let event =
                    if under_way { FaultEvent::OpenedUnderWay } else { FaultEvent::OpenedLast };
                event.count(run);
            }
        }
        let Err(error) = opened else { return Ok(Ok(())) };
        let disk = self.store.grid().storage();
        let cause = attempts.cause(&error, disk);
        attempts.refused(cause, error.to_string(), disk).map(Err)
    }

    /// Compares the opened store with the model.
    pub(super) fn opened(&mut self, crashed: bool, run: &mut Run) -> Checked {
        self.check_opened_state()?;
        self.model.reopen(crashed);
        FaultEvent::LossUndone.count_if(std::mem::take(&mut self.gave_up), run);
        self.in_use = None;
        self.reopen_triggers();
        self.early = 0;
        self.fullness = None;
        self.quiet_bars = (0, 0);
        if self.root.acknowledged_beat() == 0 {
            self.lay_ballast();
        }
        self.audit_opened(run)?;
        if self.is_down() {
            return Ok(());
        }
        self.opening_uses();
        self.range = self.range_of_log();
        self.mark_empty_levels(run);
        self.check_room_and_range()
    }

    /// Marks whether an empty level is above a level with tables.
    fn mark_empty_levels(&self, run: &mut Run) {
        let levels = self.store.tree().manifest().levels();
        let is_empty = |place: usize| levels[place].table_count() == 0;
        if (1..levels.len()).any(|place| is_empty(place - 1) && !is_empty(place)) {
            run.state(states::EmptyAbove, 0);
        }
    }

    /// Repairs the disk, and formats it again, because the store on it is lost.
    fn format_lost(&mut self, why: &str, run: &mut Run) -> Checked {
        FaultEvent::FormattedAnew.count(run);
        run.remark(|| format!("formatted again: {why}"));
        let disk = self.device();
        disk.restart();
        disk.image_mut().repair_all();
        self.enlarge(None);
        self.model.lose();
        self.format()
    }
}

/// The options that a checkpoint of a store with these options names.
pub(super) fn changing(options: &StoreOptions) -> ChangingOptions {
    ChangingOptions {
        block_count: options.layout.block_count,
        checkpoint_interval: options.checkpoint_interval,
    }
}
