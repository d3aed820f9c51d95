//! Reopening and recovery, and openings that the store refuses.

use downbeat_lsm::durable_store::{DurableOptions, DurableStore, Opened, ServiceError};
use downbeat_lsm::request_log::RequestLogError;
use downbeat_lsm::storage::Storage as _;
use downbeat_lsm::store::StoreError;

use super::events::{Event, FaultEvent};
use super::tested::Tested;
use crate::two_disks::TwoDisks as _;
use crate::two_disks::clock::Clock;
use crate::two_disks::device::Device;
use crate::two_disks::recovery::{check_opened, format_again, recover, was_opened};
use downbeat::check::{holds, same};
use downbeat::disk::SimulatedDisk;
use downbeat::records::{General16, Versioned as _};
use downbeat::{Checked, Run};
use downbeat_lsm::storage::Layout;

impl Tested {
    /// Closes the store and opens it again, or opens it after a crash. Compares all records.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        let (mut is_up, mut is_repeated) = (!self.is_down(), false);
        recover(self, 2 + self.armed(), run, |tested, _, run| {
            Event::Reopened.count_if(is_up, run);
            let opened = tested.store.open_again();
            let is_open = tested.attempted(opened, is_repeated, run)?;
            (is_up, is_repeated) = (!tested.is_down(), opened.is_err());
            Ok(is_open)
        })
    }

    /// Judges an attempt to open the store. Returns whether the store is open. `is_repeated` says
    /// whether the attempt before this one failed.
    fn attempted(
        &mut self,
        opened: Result<Opened, ServiceError>,
        is_repeated: bool,
        run: &mut Run,
    ) -> Checked<bool> {
        match opened {
            Ok(opened) => {
                self.check_batches(&opened, is_repeated)?;
                was_opened(self, opened.checkpoint, self.store.log().last(), run)?;
                self.compare_all(run)?;
                Ok(!self.is_down())
            }
            Err(error) => {
                self.refused(&error, run)?;
                FaultEvent::OpeningFailed.count_if(!self.is_down(), run);
                Ok(false)
            }
        }
    }

    /// Compares the batches in the store with the model after it was opened. `is_repeated` says
    /// whether an attempt to open it failed before.
    fn check_batches(&self, opened: &Opened, is_repeated: bool) -> Checked {
        check_opened(self, opened)?;
        let (last, (given, acknowledged)) = (self.store.log().last(), self.given());
        let (checkpoint, progress) = (opened.checkpoint, &self.course.progress);
        let expected = || format!("the checkpoint of {}, or the one under way", progress.held());
        let may_open = progress.may_open_at(checkpoint, given, is_repeated);
        holds("opened-is-last-or-under-way", may_open)
            .show(|| (expected(), checkpoint))
            .or("a store opens at a checkpoint that it must not open at")?;
        holds("batches-are-not-invented", last <= given)
            .show(|| (format!("{given} or fewer batches"), last))
            .or("a store has more batches than it was given")?;
        holds("acknowledged-survives", last >= acknowledged)
            .show(|| (format!("{acknowledged} or more batches"), last))
            .or("batches that were acknowledged are missing")
    }

    /// Checks that a store that was not opened does not read.
    pub(super) fn refuses_reads(&mut self) -> Checked {
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
        self.course.formatted -= u64::from(keeps_number);
        format_again(self, run)
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
        let number = self.course.number() + 1;
        let mut written = other.format_again(number);
        for key in 0..batches {
            written = written.and_then(|()| other.remove(General16::wide(u64::from(key))));
        }
        written.expect("nothing fails on the disks of the other store");
        let (_, mut others) = other.into_storages();

        let error = RequestLogError::OtherLog { number };
        std::mem::swap(&mut others.disk, self.disks_mut()[1]);
        let opened = self.store.open_again().map(drop);
        std::mem::swap(&mut others.disk, self.disks_mut()[1]);
        same("other-log-is-refused", Err(ServiceError::Log(error)), opened)
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
