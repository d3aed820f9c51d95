//! Formatting, reopening and recovery.
//!
//! - After power is lost, or after a beat failed, the store opens at the last acknowledged
//!   checkpoint, or at the one that was being written to the superblock.
//! - While it opens, power may be lost again, and the disk may fail. The store is then opened
//!   again.
//! - Within the fault limits the store always opens. Beyond the limits it may fail to open, if the
//!   disk is damaged at the place that the error names. It is then formatted again.

use downbeat_lsm::collections::CacheOptions;
use downbeat_lsm::superblock::CheckpointState;

use super::events::{Event, FaultEvent};
use super::states;
use super::tested::{Options, Tested, new_forest};
use downbeat::check::{equal, fail};
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::{Attempts, Refused};

/// The number of the first store of a run.
const FIRST: u64 = 7;

impl Tested {
    /// Formats the disk, which is not damaged.
    pub(super) fn format(&mut self) -> Checked {
        let mut attempts = Attempts::new(self.forest.grid().storage());
        loop {
            attempts.begin(self.forest.grid().storage());
            self.faults.opens(self.forest.grid().storage());
            let number = FIRST + self.formatted;
            self.formatted += 1;
            let Err(error) = self.forest.format_again(number) else {
                return self.was_formatted(number);
            };
            let disk = self.forest.grid().storage();
            let cause = attempts.cause(&error, disk);
            match attempts.refused(cause, error.to_string(), disk)? {
                Refused::Again(_) => self.disk().restart(),
                Refused::Lost(why) => {
                    return Err(
                        fail("store-opens", "a store", why).saying("a disk cannot be formatted")
                    );
                }
            }
        }
    }

    fn was_formatted(&mut self, number: u64) -> Checked {
        let identity = self.forest.superblock().working().store();
        equal("store-has-its-number", number, (identity >> 64) as u64)
            .or("a store is formatted with another number than the one that was given")?;
        self.root.format(identity, &CheckpointState::default());
        self.check_opened_beat()?;
        self.triggers.reopen(0);
        let disk = self.disk();
        disk.settle();
        disk.unprotect_all();
        Ok(())
    }

    /// Checks that the store is at the last beat of the acknowledged checkpoint.
    fn check_opened_beat(&self) -> Checked {
        equal("opened-at-the-beat", self.root.acknowledged_beat(), self.forest.beat_number())
            .or("a store that was opened names another beat than the one of its checkpoint")
    }

    /// Closes the store, and opens it again. Makes a new object if `is_new` is set or `memory` is
    /// not 0.
    pub(super) fn reopen_with(&mut self, is_new: bool, memory: u32, run: &mut Run) -> Checked {
        self.prefetch_end(run)?;
        if is_new && memory > 0 {
            self.refuses_others(run)?;
        }
        self.next = (is_new || memory > 0).then(|| self.with_memory(memory));
        Event::OtherMemory.count_if(self.next.is_some_and(|next| next != self.options), run);
        self.reopen(run)
    }

    /// The options of the store with other sizes of memory: the present ones (0), the smallest (1),
    /// or larger ones (2).
    fn with_memory(&self, memory: u32) -> Options {
        let mut options = self.options;
        let (sets, in_flight, lookups_max, prefetch_max, node_size) = match memory {
            0 => return options,
            1 => (1, 1, 1, 1, 1024),
            _ => (32, 8, 16, 16, 4096),
        };
        let Options { forest, grooves: (things, ticks) } = &mut options;
        forest.cache = CacheOptions { sets, ..forest.cache };
        (forest.reads_in_flight_max, forest.writes_in_flight_max) = (in_flight, in_flight);
        forest.lookups_max = lookups_max;
        forest.manifest_node_size = node_size;
        for groove in [things, ticks] {
            groove.objects_cache = CacheOptions { sets, ..groove.objects_cache };
            groove.prefetch_max = prefetch_max;
            groove.read_ahead = in_flight;
        }
        options
    }

    /// Closes the store and opens it again.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        run.step();
        self.check_buffers("when the store is closed")?;
        Event::Reopened.count(run);
        self.recover(run)
    }

    /// Opens the store after power was lost.
    pub(super) fn power_lost(&mut self, run: &mut Run) -> Checked {
        run.step();
        FaultEvent::Crash.count(run);
        self.crash_between_beats(run);
        self.recover(run)
    }

    fn recover(&mut self, run: &mut Run) -> Checked {
        let mut crashed = false;
        let mut attempts = Attempts::new(self.forest.grid().storage());
        loop {
            crashed |= self.is_down();
            self.process_ends(run);
            attempts.begin(self.forest.grid().storage());
            self.faults.opens(self.forest.grid().storage());
            match self.open(&attempts, run)? {
                Ok(()) => {
                    self.check_opened_beat()?;
                    self.count_closed(run);
                    self.sides.reopen(crashed);
                    self.triggers.reopen(self.root.acknowledged_beat());
                    return self.check_room();
                }
                Err(Refused::Again(why)) => {
                    if self.is_down() {
                        run.state(states::CrashIn, 4);
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
    fn process_ends(&mut self, run: &mut Run) {
        self.harvest(run);
        let next = self.next.take();
        let is_new = std::mem::take(&mut self.faults.anew);
        FaultEvent::OpenedAnew.count_if(is_new, run);
        match next.or_else(|| is_new.then_some(self.options)) {
            Some(options) => {
                self.disk().restart();
                self.renew(&options);
            }
            None => self.disk().restart_keeping_queue(),
        }
    }

    /// Replaces the store, but not its disk, by a new one with these options.
    pub(super) fn renew(&mut self, options: &Options) {
        let disk = SimulatedDisk::new(*self.disk().layout());
        let disk = std::mem::replace(self.disk(), disk);
        self.forest = new_forest(disk, options);
        self.options = *options;
    }

    fn open(&mut self, attempts: &Attempts, run: &mut Run) -> Checked<Result<(), Refused>> {
        let opened = self.forest.open_again();
        // The superblock may be open although the rest of the store is not.
        if self.forest.superblock().is_idle() {
            let header = *self.forest.superblock().working();
            let was_written = self.root.is_under_way();
            let Some(under_way) = self.root.open(&header) else {
                let got = format!("store {} at {:?}", header.store(), header.state());
                return attempts.opened_elsewhere(self.root.to_string(), got).map(Err);
            };
            if under_way {
                self.sides.checkpoint(header.state().beat);
            }
            if was_written {
                let event =
                    if under_way { FaultEvent::OpenedUnderWay } else { FaultEvent::OpenedLast };
                event.count(run);
            }
        }
        let Err(error) = opened else { return Ok(Ok(())) };
        let disk = self.forest.grid().storage();
        let cause = attempts.cause(&error, disk);
        attempts.refused(cause, error.to_string(), disk).map(Err)
    }

    /// Repairs the disk, and formats it again, because the store on it is lost.
    fn format_lost(&mut self, why: &str, run: &mut Run) -> Checked {
        FaultEvent::FormattedAnew.count(run);
        run.remark(|| format!("formatted again: {why}"));
        let disk = self.disk();
        disk.restart();
        disk.image_mut().repair_all();
        self.sides = super::tested::Sides::default();
        self.format()
    }
}
