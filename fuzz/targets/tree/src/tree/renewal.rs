//! Openings and formattings of a store in use, by the same object or by a new one with other sizes
//! of memory.
//!
//! [`Store::open`] and [`Store::format`] drop the device if they fail. So they are called only if
//! nothing can fail. Otherwise the new object is made first, and then opens or formats its device.

use downbeat_lsm::collections::CacheOptions;
use downbeat_lsm::store::{Store, StoreError, StoreOptions};

use super::events::Event;
use super::history::Deed;
use super::recovery::FIRST;
use super::tested::{LOOKUPS, SCANS, Tested};
use downbeat::check::fail;
use downbeat::disk::{FaultLimits, SimulatedDisk};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

impl<R: Versioned> Tested<R> {
    /// Closes the store, and opens or formats it again. A new object does so if `is_new` is set, or
    /// if the sizes of memory change.
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

    /// The options of the store with these sizes of memory: 0 the present ones, 1 the smallest, 2
    /// larger ones.
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

    /// Whether no I/O can fail, and the disk is damaged only within the limits.
    fn is_sound(&self) -> bool {
        let disk = self.store.grid().storage();
        !disk.is_down() && disk.armed().is_empty() && disk.limits() != FaultLimits::BEYOND
    }

    /// Takes the disk of the store, which is replaced next.
    fn take_disk(&mut self) -> SimulatedDisk {
        self.drop_tickets();
        let empty = SimulatedDisk::new(*self.device().layout());
        let mut disk = std::mem::replace(self.device(), empty);
        disk.restart();
        disk
    }

    /// Opens the disk by a new object.
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
        let opened = Store::open(self.take_disk(), options);
        self.store = opened.map_err(|error| {
            fail("store-opens", "a store", error).saying("a sound disk does not open")
        })?;
        Ok(Ok(()))
    }

    /// Formats the disk of a store in use. With options, a new object formats it.
    fn format_in_use(&mut self, next: Option<StoreOptions>, run: &mut Run) -> Checked {
        run.step();
        Event::Formatted.count(run);
        self.process_ends(run);
        // Writes in flight must not take effect later, because the disk would report them as owed.
        self.device().restart();
        self.device().image_mut().repair_all();
        self.model.lose();
        let number = FIRST + self.formatted;
        self.done(Deed::Format(number));
        match next {
            Some(options) if self.is_sound() => {
                self.faults.opens(self.store.grid().storage());
                self.formatted += 1;
                let formatted = Store::format(self.take_disk(), &options, number);
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
