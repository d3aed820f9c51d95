//! Opens or formats the store in the middle of a run, with the same store object or with a new one
//! that may have other sizes of memory.
//!
//! [`Store::open`] and [`Store::format`] drop the device if they fail. So the target calls them
//! only if they cannot fail. Otherwise the target first makes the new object, which then opens or
//! formats its device.

use downbeat_lsm::collections::CacheOptions;
use downbeat_lsm::store::{Store, StoreError, StoreOptions};

use super::events::Event;
use super::faults::allow_in_flight;
use super::history::Change;
use super::recovery::FIRST;
use super::tested::{LOOKUPS, SCANS, Tested};
use downbeat::check::fail;
use downbeat::disk::{FaultLimits, SimulatedDisk};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

impl<R: Versioned> Tested<R> {
    /// Closes the store, and opens it again, or formats it if `formats` is set. Makes a new object
    /// if `is_new` is set or `memory` is not 0.
    pub(super) fn reopen_with(
        &mut self,
        is_new: bool,
        memory: u32,
        formats: bool,
        run: &mut Run,
    ) -> Checked {
        let next = (is_new || memory > 0).then(|| self.with_memory(memory));
        Event::OtherMemory.count_if(next.is_some_and(|it| it != *self.store.options()), run);
        if formats {
            return self.format_in_use(next, run);
        }
        self.next = next;
        self.reopen(run)
    }

    /// The options of the store with other sizes of memory: the present ones (0), the smallest (1),
    /// or larger ones (2).
    fn with_memory(&self, memory: u32) -> StoreOptions {
        let mut options = *self.store.options();
        let (sets, in_flight, read_ahead, lookups_max, scans_max, node_size) = match memory {
            0 => return options,
            1 => (1, 1, 1, 1, 1, 1024),
            _ => (64, 8, 4, LOOKUPS, SCANS, 4096),
        };
        options.cache = CacheOptions { sets, ..options.cache };
        (options.reads_in_flight_max, options.writes_in_flight_max) = (in_flight, in_flight);
        options.tree.read_ahead = read_ahead;
        (options.lookups_max, options.scans_max) = (lookups_max, scans_max);
        options.manifest_node_size = node_size;
        options
    }

    /// Whether no I/O can fail, and the store must tolerate all damage of the disk.
    fn is_sound(&self) -> bool {
        let disk = self.store.grid().storage();
        !disk.is_down() && disk.armed().is_empty() && disk.limits() != FaultLimits::BEYOND
    }

    /// Takes the disk out of the store. The caller then replaces the store by one with these
    /// options.
    fn take_disk(&mut self, options: &StoreOptions) -> SimulatedDisk {
        self.drop_tickets();
        let empty = SimulatedDisk::new(*self.device().layout());
        let mut disk = std::mem::replace(self.device(), empty);
        disk.restart();
        allow_in_flight(&mut disk, options);
        disk
    }

    /// Opens the disk with a new object. Uses [`Store::open`] if nothing can fail.
    pub(super) fn open_by_call(
        &mut self,
        options: &StoreOptions,
        run: &mut Run,
    ) -> Checked<Result<(), StoreError>> {
        Event::OpenedByCall.count(run);
        if !self.is_sound() {
            self.device().restart();
            self.renew(options);
            return Ok(self.store.open_again());
        }
        let opened = Store::open(self.take_disk(options), options);
        self.store = opened.map_err(|error| {
            fail("store-opens", "a store", error).saying("a sound disk does not open")
        })?;
        Ok(Ok(()))
    }

    /// Formats the disk of the store. If `next` is given, a new object with these options does so.
    fn format_in_use(&mut self, next: Option<StoreOptions>, run: &mut Run) -> Checked {
        run.step();
        Event::Formatted.count(run);
        self.abandon_beat(run);
        self.process_ends(run);
        // Drops the writes in flight. If they took effect later, the rules of the disk would hold
        // the formatted store responsible for them.
        self.device().restart();
        self.device().image_mut().repair_all();
        self.model.lose();
        let number = FIRST + self.formatted;
        self.done(Change::Format(number));
        match next {
            Some(options) if self.is_sound() => {
                self.faults.opens(self.store.grid().storage());
                self.formatted += 1;
                let formatted = Store::format(self.take_disk(&options), &options, number);
                self.store = formatted.map_err(|error| {
                    fail("store-opens", "a store", error).saying("a sound disk is not formatted")
                })?;
                self.was_formatted(number)
            }
            Some(options) => {
                self.renew(&options);
                self.format()
            }
            None => self.format(),
        }
    }
}
