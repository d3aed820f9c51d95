//! Formatting, reopening and recovery.
//!
//! - After power is lost, or after a beat failed, the store opens at the last acknowledged
//!   checkpoint, or at the one that was being written to the superblock.
//! - While it opens, power may be lost again, and the disk may fail. The store is then opened
//!   again.
//! - Within the fault limits the store always opens. Beyond them it may refuse, and is formatted
//!   again.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::store::{Store, StoreError};
use downbeat_lsm::superblock::SuperblockError;

use super::events::{Event, FaultEvent};
use super::history::Deed;
use super::states;
use super::tested::Tested;
use downbeat::check::fail;
use downbeat::disk::SimulatedDisk;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::hang;

/// How often opening or formatting may fail in addition to the armed faults.
const TRIES: usize = 6;

/// The number of the first store of a run.
const FIRST: u64 = 7;

/// Why an attempt to open the store failed.
enum Refused {
    /// Power was lost, or the disk failed once.
    Again(StoreError),
    /// The disk is damaged.
    Corrupt(String),
}

/// Whether the same call may succeed later.
fn is_passing(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Superblock(
            SuperblockError::Gone | SuperblockError::Fault(_) | SuperblockError::Unverified
        ) | StoreError::Grid(GridError::Gone | GridError::Fault(_))
    )
}

impl<R: Versioned> Tested<R> {
    /// Formats the disk.
    pub(super) fn format(&mut self) -> Checked {
        for _ in 0..self.tries() {
            let number = FIRST + self.formatted;
            self.formatted += 1;
            match self.store.format_again(number) {
                Ok(()) => {
                    let Self { store, durable, .. } = self;
                    durable.formatted(store.superblock().working());
                    self.faults.opened(self.store.grid().storage());
                    self.tables.clear();
                    self.triggers.reopen(0);
                    self.range = None;
                    let disk = self.device();
                    disk.settle();
                    disk.unprotect_all();
                    return Ok(());
                }
                Err(error) if is_passing(&error) => self.device().restart(),
                Err(error) => {
                    return Err(fail("nothing-fails", "success", error)
                        .saying("a disk cannot be formatted"));
                }
            }
        }
        Err(hang("a disk that cannot be formatted".to_owned()).saying("a disk cannot be formatted"))
    }

    fn tries(&self) -> usize {
        TRIES + self.store.grid().storage().armed().len()
    }

    /// Closes the store and opens it again.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        run.step();
        self.done(Deed::Reopen);
        self.store.by_hand().scan_end();
        self.check_buffers("when the store is closed")?;
        Event::Reopened.count(run);
        self.recover(run)?;
        Event::ReopenedEmpty.count_if(self.model.is_empty(), run);
        Ok(())
    }

    /// Opens the store after power was lost.
    pub(super) fn power_lost(&mut self, run: &mut Run) -> Checked {
        run.step();
        FaultEvent::Crash.count(run);
        if self.store.failed().is_none() {
            run.state(states::CrashIn, 0);
        }
        self.recover(run)
    }

    fn recover(&mut self, run: &mut Run) -> Checked {
        let mut last = None;
        for _ in 0..self.tries() {
            self.process_ends(run);
            let before = self.store.grid().storage().completed();
            match self.open(run)? {
                Ok(()) => {
                    self.opened(run)?;
                    if !self.is_down() {
                        return Ok(());
                    }
                    FaultEvent::Crash.count(run);
                    run.state(states::CrashIn, 0);
                }
                Err(Refused::Again(error)) => {
                    if self.is_down() {
                        let completed = self.store.grid().storage().completed() - before;
                        run.state(states::CrashIn, 4);
                        run.state(states::OpeningAtCrash, completed.saturating_sub(1) as usize);
                        FaultEvent::Crash.count(run);
                    } else {
                        FaultEvent::OpeningFailed.count(run);
                    }
                    run.remark(|| format!("not opened: {error}"));
                    last = Some(error.to_string());
                }
                Err(Refused::Corrupt(why)) if self.faults.beyond && self.faults.occur => {
                    return self.format_lost(&why, run);
                }
                Err(Refused::Corrupt(why)) => {
                    return Err(fail("store-opens", "a store", why)
                        .saying("a store does not open, but the faults are within the limits"));
                }
            }
        }
        let last = last.unwrap_or_default();
        if self.faults.beyond {
            // A repeated attempt would read the same unreadable data.
            return self.format_lost(&last, run);
        }
        Err(hang(last).saying("a store does not open"))
    }

    /// Drops all state in memory, as the end of a process does.
    fn process_ends(&mut self, run: &mut Run) {
        self.harvest(run);
        self.deferred = (0, 0);
        self.written = 0;
        self.cursor = None;
        self.device().restart();
        if std::mem::take(&mut self.faults.anew) {
            FaultEvent::OpenedAnew.count(run);
            self.renew();
        }
    }

    /// Replaces the store, but not its disk, by a new one.
    fn renew(&mut self) {
        let options = *self.store.options();
        let disk = SimulatedDisk::new(*self.device().layout());
        let mut new = Store::new(disk, &options).expect("the target's settings are valid");
        std::mem::swap(new.by_hand().grid_mut().storage_mut(), self.device());
        self.store = new;
    }

    fn open(&mut self, run: &mut Run) -> Checked<Result<(), Refused>> {
        let opened = self.store.open_again();
        // The superblock may be open although the rest of the store is not.
        if self.store.superblock().is_idle() {
            let header = *self.store.superblock().working();
            let was_written = self.durable.is_under_way();
            let Some(under_way) = self.durable.opened(&header) else {
                let got = format!("store {} at {:?}", header.store(), header.state());
                if self.faults.beyond && self.faults.occur {
                    return Ok(Err(Refused::Corrupt(got)));
                }
                return Err(fail(
                    "opened-is-last-or-under-way",
                    format!("{:?}", self.durable),
                    got,
                )
                .saying("a store opens at a checkpoint that it must not open at"));
            };
            if under_way {
                self.model.checkpoint(header.state().beat);
            }
            if was_written {
                let event =
                    if under_way { FaultEvent::OpenedUnderWay } else { FaultEvent::OpenedLast };
                event.count(run);
            }
        }
        Ok(match opened {
            Ok(()) => Ok(()),
            Err(error) if is_passing(&error) => Err(Refused::Again(error)),
            Err(error) => Err(Refused::Corrupt(error.to_string())),
        })
    }

    /// Compares the opened store with the model.
    fn opened(&mut self, run: &mut Run) -> Checked {
        self.faults.opened(self.store.grid().storage());
        self.model.reopen();
        self.tables.clear();
        self.triggers.reopen(self.store.beat_number());
        let complete = self.audit_tables(run)?;
        self.range = self.range_of_tables();
        self.check_room_and_range()?;
        self.checkpoint_acknowledged(complete, run)
    }

    /// Formats a lost store again, on a disk without damage.
    fn format_lost(&mut self, why: &str, run: &mut Run) -> Checked {
        FaultEvent::FormattedAnew.count(run);
        run.remark(|| format!("formatted again: {why}"));
        let disk = self.device();
        disk.restart();
        disk.image_mut().repair_all();
        self.model.lose();
        self.format()
    }
}
