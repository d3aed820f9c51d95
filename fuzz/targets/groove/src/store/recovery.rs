//! Formatting, reopening and recovery.
//!
//! - After power is lost, or after a beat failed, the store opens at the last acknowledged
//!   checkpoint, or at the one that was being written to the superblock.
//! - While it opens, power may be lost again, and the disk may fail. The store is then opened
//!   again.
//! - Within the fault limits the store always opens. Beyond the limits it may fail to open, if the
//!   disk is damaged at the place that the error names. It is then formatted again.

use downbeat_lsm::forest::{TreeSet, Trees};
use downbeat_lsm::superblock::{ChangingOptions, CheckpointState};

use super::faults::{beat_failed, crash_between_beats};
use super::{Host, Moment, TestedStore};
use downbeat::check::{equal, fail};
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::{Attempts, Refused};

/// The number of the first store of a run.
const FIRST: u64 = 7;

/// Formats the disk, which is not damaged.
pub(crate) fn format(host: &mut impl Host) -> Checked {
    let store = host.store_mut();
    let mut attempts = Attempts::new(store.forest.grid().storage());
    loop {
        attempts.begin(store.forest.grid().storage());
        store.faults.opens(store.forest.grid().storage());
        let number = FIRST + store.formatted;
        store.formatted += 1;
        let Err(error) = store.forest.format_again(number) else {
            return store.was_formatted(number);
        };
        let disk = store.forest.grid().storage();
        let cause = attempts.cause(&error, disk);
        match attempts.refused(cause, error.to_string(), disk)? {
            Refused::Again(_) => store.disk().restart(),
            Refused::Lost(why) => {
                return Err(
                    fail("store-opens", "a store", why).saying("a disk cannot be formatted")
                );
            }
        }
    }
}

impl<T: TreeSet<Options: PartialEq> + Trees<SimulatedDisk>> TestedStore<T> {
    fn was_formatted(&mut self, number: u64) -> Checked {
        let identity = self.forest.superblock().working().store();
        equal("store-has-its-number", number, (identity >> 64) as u64)
            .or("a store is formatted with another number than the one that was given")?;
        let forest = &self.options.forest;
        let options = ChangingOptions {
            block_count: forest.layout.block_count,
            checkpoint_interval: forest.checkpoint_interval,
        };
        self.root.format(identity, &CheckpointState { options, ..CheckpointState::default() });
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
}

/// Closes the store and opens it again.
pub(crate) fn reopen(host: &mut impl Host, run: &mut Run) -> Checked {
    run.step();
    if host.store().left.is_none() {
        host.store_mut().check_buffers("when the store is closed")?;
    }
    abandon_beat(host, run);
    host.happens(Moment::Reopened, run);
    recover(host, run)
}

/// Opens the store after power was lost.
pub(crate) fn power_lost(host: &mut impl Host, run: &mut Run) -> Checked {
    run.step();
    host.happens(Moment::Crash, run);
    abandon_beat(host, run);
    crash_between_beats(host, run);
    recover(host, run)
}

/// The process ends while a beat that was left under way writes the superblock.
fn abandon_beat(host: &mut impl Host, run: &mut Run) {
    if host.store_mut().left.take().is_some() {
        beat_failed(host, true, run);
    }
}

fn recover(host: &mut impl Host, run: &mut Run) -> Checked {
    let mut crashed = false;
    let mut attempts = Attempts::new(host.store().forest.grid().storage());
    loop {
        crashed |= host.store().is_down();
        process_ends(host, run);
        let store = host.store_mut();
        attempts.begin(store.forest.grid().storage());
        store.faults.opens(store.forest.grid().storage());
        match open(host, &attempts, run)? {
            Ok(()) => {
                let store = host.store_mut();
                store.check_opened_beat()?;
                store.triggers.reopen(store.root.acknowledged_beat());
                return host.reopened(crashed, run);
            }
            Err(Refused::Again(why)) => {
                if host.store().is_down() {
                    host.happens(Moment::CrashIn(4), run);
                    host.happens(Moment::Crash, run);
                } else {
                    host.happens(Moment::OpeningFailed, run);
                }
                run.remark(|| format!("not opened: {why}"));
            }
            Err(Refused::Lost(why)) => return format_lost(host, &why, run),
        }
    }
}

/// Prepares an opening after the end of a process. If the same object opens the disk, the I/Os that
/// it had submitted stay in the queue, and it must abandon them.
fn process_ends(host: &mut impl Host, run: &mut Run) {
    host.process_ends(run);
    let store = host.store_mut();
    let next = store.next.take();
    let is_new = std::mem::take(&mut store.faults.anew);
    match next.or_else(|| is_new.then(|| store.options.clone())) {
        Some(options) => {
            store.disk().restart();
            store.renew(&options);
        }
        None => store.disk().restart_keeping_queue(),
    }
    if is_new {
        host.happens(Moment::OpenedAnew, run);
    }
}

fn open(host: &mut impl Host, attempts: &Attempts, run: &mut Run) -> Checked<Result<(), Refused>> {
    let store = host.store_mut();
    let opened = store.forest.open_again();
    // The superblock may be open although the rest of the store is not.
    if store.forest.superblock().is_idle() {
        let header = *store.forest.superblock().working();
        let was_written = store.root.is_under_way();
        let Some(under_way) = store.root.open(&header) else {
            let got = format!("store {} at {:?}", header.store(), header.state());
            return attempts.opened_elsewhere(store.root.to_string(), got).map(Err);
        };
        if under_way {
            host.checkpoint(header.state().beat);
        }
        if was_written {
            let moment = if under_way { Moment::OpenedUnderWay } else { Moment::OpenedLast };
            host.happens(moment, run);
        }
    }
    let Err(error) = opened else { return Ok(Ok(())) };
    let disk = host.store().forest.grid().storage();
    let cause = attempts.cause(&error, disk);
    attempts.refused(cause, error.to_string(), disk).map(Err)
}

/// Formats a lost store again, after the damage of the disk is removed.
fn format_lost(host: &mut impl Host, why: &str, run: &mut Run) -> Checked {
    host.happens(Moment::FormattedAnew, run);
    run.remark(|| format!("formatted again: {why}"));
    let disk = host.store_mut().disk();
    disk.restart();
    disk.image_mut().repair_all();
    host.lost();
    format(host)
}
