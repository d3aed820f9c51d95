//! Formatting, reopening and recovery.
//!
//! While the store opens and writes batches again, the next crash may come, and I/Os may fail. The
//! store is then opened again.

use downbeat_lsm::durable_store::{DurableOptions, DurableStore, Opened, ServiceError};
use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::storage::Storage as _;
use downbeat_lsm::store::StoreError;

use super::events::{Event, FaultEvent};
use super::faults::what_is_full;
use super::states;
use super::tested::{Phase, Tested};
use crate::two_disks::TwoDisks as _;
use crate::two_disks::clock::{Clock, Crash};
use crate::two_disks::device::Device;
use downbeat::check::{equal, holds, same};
use downbeat::disk::SimulatedDisk;
use downbeat::records::{General16, Versioned as _};
use downbeat::{Checked, Run};
use downbeat_lsm::storage::Layout;
use downbeat_storage_targets::store::hang;

/// The number of the first store of a run.
const FIRST: u64 = 7;

impl Tested {
    /// The number of the store.
    fn number(&self) -> u64 {
        FIRST + self.formatted - 1
    }

    /// Formats the disks.
    pub(super) fn format(&mut self, run: &mut Run) -> Checked {
        for _ in 0..2 + self.armed() {
            self.opening_begins();
            self.formatted += 1;
            let Err(error) = self.store.format_again(self.number()) else {
                equal("store-has-its-number", self.number(), self.tree().number())
                    .or("a store is formatted with another number than the one that was given")?;
                self.batches.clear();
                self.progress.reopen(0);
                self.failed = None;
                self.disks_mut()[0].settle();
                return self.check_store();
            };
            self.explained(&error, self.power.opened.0, run)?;
            self.refuses_reads()?;
            self.restart();
        }
        Err(hang("a store that does not open".to_owned()).saying("the disks cannot be formatted"))
    }

    /// Closes the store and opens it again, or opens it after power was lost. Compares all records.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        run.step();
        let mut is_repeated = false;
        for _ in 0..2 + self.armed() {
            Event::Reopened.count_if(!self.is_down(), run);
            self.process_ends(run);
            self.opening_begins();
            self.phase = Phase::Opening;
            match self.store.open_again() {
                Ok(opened) => {
                    self.was_opened(opened, is_repeated, run)?;
                    is_repeated = false;
                    self.compare_all(run)?;
                    if !self.is_down() {
                        return Ok(());
                    }
                }
                Err(error) if what_is_full(&error).is_some() => {
                    // The same batches would be written again.
                    Event::FullForGood.count(run);
                    let (acknowledged, given) = (self.batches.acknowledged(), self.batches.last());
                    holds("acknowledged-fits", given > acknowledged)
                        .show(|| (format!("{acknowledged} batches"), &error))
                        .or(
                            "a store that wrote batches before is full when it writes them again",
                        )?;
                    self.refuses_reads()?;
                    run.remark(|| "formatted again: the store is full".to_owned());
                    return self.format_again(run);
                }
                Err(error) => {
                    is_repeated = true;
                    self.explained(&error, self.power.opened.0, run)?;
                    self.refuses_reads()?;
                    FaultEvent::OpeningFailed.count_if(!self.is_down(), run);
                }
            }
        }
        Err(hang("a store that does not open".to_owned()).saying("a store does not open"))
    }

    /// Ends the process: notes a loss of power, and restarts the disks.
    fn process_ends(&mut self, run: &mut Run) {
        self.harvest(run);
        FaultEvent::Killed.count_if(self.power.clock.crashed() == Some(Crash::Process), run);
        if self.power.clock.crashed() == Some(Crash::Power) {
            FaultEvent::Crash.count(run);
            run.state(states::CrashAfter, self.power.clock.last().number());
            run.state(states::CrashIn, self.phase as usize);
        }
        FaultEvent::OpenedAnew.count_if(self.power.anew, run);
        self.restart();
    }

    /// Compares the batches in the store with the model after it was opened.
    /// `is_repeated` says whether an attempt to open it failed before.
    fn was_opened(&mut self, opened: Opened, is_repeated: bool, run: &mut Run) -> Checked {
        let Opened { checkpoint, taken_at, number } = opened;
        equal("store-has-its-number", self.number(), number)
            .or("a store opens with another number than the one that it was given")?;
        equal("checkpoint-was-taken-a-bar-later", self.progress.taken_at(checkpoint), taken_at)
            .or("a checkpoint was taken at another batch than the end of the bar after it")?;
        let (last, given) = (self.store.log().last(), self.batches.last());
        let (acknowledged, held) = (self.batches.acknowledged(), self.progress.held());
        holds(
            "opened-is-last-or-under-way",
            self.progress.may_open_at(checkpoint, given, is_repeated),
        )
        .show(|| (format!("the checkpoint of {held}, or the one under way"), checkpoint))
        .or("a store opens at a checkpoint that it must not open at")?;
        holds("batches-are-not-invented", last <= given)
            .show(|| (format!("{given} or fewer batches"), last))
            .or("a store has more batches than it was given")?;
        holds("acknowledged-survives", last >= acknowledged)
            .show(|| (format!("{acknowledged} or more batches"), last))
            .or("batches that were acknowledged are missing")?;
        run.state(states::Replay, states::size((last - checkpoint) as usize));
        run.state(states::Room, (8 * (last - checkpoint) / self.progress.room_max()) as usize);
        if given > acknowledged {
            Event::SomeSurvived.count_if(last > acknowledged, run);
            Event::TailCut.count_if(last < given, run);
        }
        FaultEvent::OpenedUnderWay.count_if(checkpoint != held, run);
        self.batches.reopen(last);
        self.progress.reopen(checkpoint);
        self.ran_beats(last, run);
        self.failed = None;
        run.result(last);
        self.check_store()
    }

    /// Formats the disks again.
    fn format_again(&mut self, run: &mut Run) -> Checked {
        for disk in self.disks_mut() {
            // Drops the operations of the old store.
            disk.restart();
        }
        self.format(run)
    }

    /// Checks that a store that was not opened does not read.
    fn refuses_reads(&mut self) -> Checked {
        same("closed-store-refuses", Err(StoreError::Closed), self.store.get(0))
            .or("a store reads although it was not opened")?;
        let first = self.store.range(..).next();
        same("closed-store-refuses", Some(Err(StoreError::Closed)), first)
            .or("a store reads a range although it was not opened")
    }

    /// Formats the disks again. With the same number, only what was erased tells the new store from
    /// the old one.
    pub(super) fn format_anew(&mut self, keeps_number: bool, run: &mut Run) -> Checked {
        run.step();
        Event::Formatted.count(run);
        self.formatted -= u64::from(keeps_number);
        self.format_again(run)
    }

    /// Whether nothing can interfere with opening the store.
    fn is_sound(&self) -> bool {
        self.armed() == 0 && !self.is_down()
    }

    /// Opens the disks with another limit of a batch, which the log refuses, and then with their
    /// own.
    pub(super) fn other_limit(&mut self, by: i64, run: &mut Run) -> Checked {
        let limit = i64::from(self.options.batch_records_max) + by;
        let most = i64::from(self.options.store.tree.beat_value_count_max);
        if !self.is_sound() || !(1..=most).contains(&limit) {
            run.idle();
            return Ok(());
        }
        run.step();
        let other = DurableOptions { batch_records_max: limit as u32, ..self.options };
        let [_, log] = self.devices();
        if other.log_device_size::<General16>(log.sector_size()) > log.size() {
            run.idle();
            return Ok(());
        }
        let [tree, log] = self.devices_mut().map(Device::take);
        let mut opened = DurableStore::<General16, _, _>::new(tree, log, &other)
            .expect("the device of the log is large enough");
        let refused = Err(ServiceError::Log(RequestLogError::OtherOptions));
        same("other-limit-is-refused", refused, opened.open_again().map(drop))
            .or("a store opens with a log that was formatted for other batches")?;
        Event::OtherLimit.count(run);
        self.take_back(opened.into_storages());
        self.reopen(run)
    }

    /// Opens the tree with the log of another store, which has `batches` batches, and then with its
    /// own.
    pub(super) fn other_log(&mut self, batches: u32, run: &mut Run) -> Checked {
        if !self.is_sound() {
            run.idle();
            return Ok(());
        }
        run.step();
        let layout = Layout::new(self.options.store.layout).expect("the settings are valid");
        let [_, log] = self.devices();
        let clock = Clock::default();
        let log = Device::of_log(log.size(), log.sector_size(), &clock);
        let tree = Device::of_machine(SimulatedDisk::new(layout), &clock);
        let mut other = DurableStore::<General16, _, _>::new(tree, log, &self.options)
            .expect("the settings are valid");
        other.storages_mut().1.allow_unwritten_reads();
        let number = self.number() + 1;
        let mut written = other.format_again(number);
        for key in 0..batches {
            written = written.and_then(|()| other.remove(General16::wide(u64::from(key))));
        }
        written.expect("nothing fails on the disks of the other store");
        let (_, mut others) = other.into_storages();

        std::mem::swap(&mut others.disk, self.disks_mut()[1]);
        let opened = self.store.open_again().map(drop);
        std::mem::swap(&mut others.disk, self.disks_mut()[1]);
        same(
            "other-log-is-refused",
            Err(ServiceError::Log(RequestLogError::OtherLog { number })),
            opened,
        )
        .or("a store opens with a log that is not its own")?;
        Event::OtherLog.count(run);
        self.refuses_reads()?;
        self.reopen(run)
    }

    /// Gives the store its disks back.
    fn take_back(&mut self, (tree, log): (Device, Device)) {
        let [own_tree, own_log] = self.devices_mut();
        (*own_tree, *own_log) = (tree, log);
    }
}
