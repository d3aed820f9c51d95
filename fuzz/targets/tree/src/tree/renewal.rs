//! Opens or formats the store in the middle of a run, with the same store object or with a new one
//! that may have other sizes of memory.
//!
//! [`Store::open`] and [`Store::format`] drop the device if they fail. So the target calls them
//! only if they cannot fail. Otherwise the target first makes the new object, which then opens or
//! formats its device.

use std::cell::RefCell;

use downbeat_lsm::collections::CacheOptions;
use downbeat_lsm::storage::Layout;
use downbeat_lsm::store::{Fullness, Store, StoreError, StoreOptions};

use super::events::Event;
use super::faults::allow_in_flight;
use super::history::Change;
use super::recovery::{FIRST, changing};
use super::tested::{LOOKUPS, SCANS, Tested, sizes};
use downbeat::check::fail;
use downbeat::disk::{FaultLimits, SimulatedDisk};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::tree::Interval;
use downbeat_storage_targets::book::Book;
use downbeat_storage_targets::store::full::has_reserve;

/// The maximum number of blocks of a device that grows.
const BLOCKS_MAX: u64 = 4096;

impl<R: Versioned> Tested<R> {
    /// The options of the new object that opens the store next: the present ones, with other sizes
    /// of memory, `more` blocks, and another interval of checkpoints unless it is 0. Returns `None`
    /// if nothing changes and `is_new` is not set.
    pub(super) fn next_options(
        &self,
        is_new: bool,
        memory: u32,
        more: u32,
        interval: Interval,
    ) -> Option<StoreOptions> {
        let mut options = self.with_memory(memory);
        let blocks = &mut options.layout.block_count;
        let stored = *blocks;
        if stored + u64::from(more) <= BLOCKS_MAX {
            *blocks += u64::from(more);
        }
        let sizes = self.book.borrow();
        while !sizes.sizes().may_grow(stored, *blocks) {
            *blocks += 1;
        }
        if interval.get() > 0 {
            options.checkpoint_interval = interval.get();
        }
        // More tables may need a faster compaction of the log, which must not change.
        if options.validate::<R>().is_err() {
            options.layout.block_count = stored;
        }
        (is_new || options != *self.store.options()).then_some(options)
    }

    /// Closes the store, and opens it again, or formats it if `formats` is set. Makes a new object
    /// with the `next` options if they are given.
    pub(super) fn reopen_with(
        &mut self,
        next: Option<StoreOptions>,
        formats: bool,
        run: &mut Run,
    ) -> Checked {
        let before = *self.store.options();
        if let Some(next) = &next {
            let is_larger = next.layout != before.layout;
            let is_other = next.checkpoint_interval != before.checkpoint_interval;
            let memory = StoreOptions {
                layout: before.layout,
                checkpoint_interval: before.checkpoint_interval,
                ..*next
            };
            Event::OtherMemory.count_if(memory != before, run);
            Event::OtherInterval.count_if(is_other, run);
            Event::MoreBlocks.count_if(is_larger, run);
            self.outgrew |= is_larger && !has_reserve(&self.store, self.ballast);
            Event::MoreBlocksFull
                .count_if(is_larger && self.store.fullness() > Fullness::HasRoom, run);
        }
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

    /// Makes the disk large enough to be formatted with these options, or with the present ones.
    pub(super) fn enlarge(&mut self, next: Option<&StoreOptions>) {
        let options = next.unwrap_or(self.store.options());
        let layout = Layout::new(options.layout).expect("the target's settings are valid");
        self.device().enlarge(&layout);
    }

    /// Notes the options of a new store.
    pub(super) fn set_sizes(&mut self, options: &StoreOptions) {
        self.book = RefCell::new(Book::of_tree(sizes::<R>(options)));
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
        self.set_sizes(options);
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
        self.enlarge(next.as_ref());
        self.model.lose();
        let number = FIRST + self.formatted;
        self.done(Change::Format(number, changing(next.as_ref().unwrap_or(self.store.options()))));
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
