//! The simulated disk: a device that loses power, damages data, and checks the store that uses it.
//!
//! - The disk is a [`Storage`](downbeat_lsm::storage::Storage). Operations complete only inside its
//!   `step`, in the [`Order`] that is set. A read returns the content at the time of its
//!   completion. A write takes effect when it completes.
//! - A completed write is visible. It is durable once a flush completes that was submitted after
//!   the write completed. Until then a crash may keep, tear or lose it, each sector independently
//!   ([`Image`]). A write in flight at a crash may or may not have taken effect.
//! - A fault is armed for the n-th I/O from now ([`Armed`]). It takes effect only within the
//!   [`FaultLimits`].
//! - A request that a store must never make panics with `disk: ...` ([`RuleOptions`]).
//! - A random decision is a hash of the schedule that was set last and the number of I/Os since.
//! - [`SimulatedDisk::reset`] costs O(chunks touched), and allocates nothing after the first run of
//!   a comparable size.
//!
//! The disk knows where the copies of the superblock and the blocks lie, but not what they contain.
//! It has no clock.
//!
//! Files: `image` is the content of the device, now and after a crash. It consists of `sectors`
//! (the bytes), `log` (the writes that are not durable) and `damage`. `queue` holds the operations
//! in flight, `faults` the armed faults, `limits` the bound on simultaneous faults, `rules` the
//! checks of the store, `chance` the random decisions, `counts` the numbers of events, `mishaps`
//! the record of what went wrong, `growth` the size, `discard` the space that is given back. The
//! calls on the disk are in `device` (the storage), `settings`, `claims` (what a caller tells about
//! the store), `power`, `crash` and `restart`. `perform` executes an operation, `describe` prints
//! the state for a report, `addresses` is a set of integers. `recorder` wraps a real file so that
//! it can crash.

mod addresses;
mod chance;
mod claims;
mod counts;
mod crash;
mod damage;
mod describe;
mod device;
mod discard;
mod faults;
mod growth;
mod image;
mod limits;
mod log;
mod mishaps;
mod perform;
mod power;
mod queue;
mod recorder;
mod restart;
mod rules;
mod sectors;
mod settings;

pub use counts::{Counts, Outcome};
pub use damage::{Damage, Replacement};
pub use faults::{Armed, FaultKind};
pub use image::{Image, Unreadable};
pub use limits::{FaultLimits, Unit};
pub use log::{Fate, Unflushed};
pub use mishaps::Mishap;
pub use queue::Order;
pub use recorder::Recorder;
pub use rules::{RuleOptions, Submitted};

use downbeat_lsm::storage::Layout;

use chance::Chance;
use discard::Discards;
use faults::Faults;
use limits::Unsettled;
use mishaps::Mishaps;
use power::Power;
use queue::Queue;
use rules::Rules;

/// A device that crashes and damages data; see the [module](self).
#[derive(Debug)]
pub struct SimulatedDisk {
    layout: Layout,
    /// The layout before the disk grew, while the growth is not durable.
    grown_from: Option<Layout>,
    image: Image,
    queue: Queue,
    order: Order,
    power: Power,
    submitted: u64,
    completed: u64,
    chance: Chance,
    faults: Faults,
    limits: FaultLimits,
    unsettled: Unsettled,
    /// The addresses of all blocks for which a write was submitted.
    written: addresses::Addresses,
    discards: Discards,
    rules: Rules,
    counts: Counts,
    mishaps: Mishaps,
}

impl SimulatedDisk {
    /// Creates a disk on which nothing is written.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        let mut disk = Self {
            layout,
            grown_from: None,
            image: Image::new(),
            queue: Queue::default(),
            order: Order::default(),
            power: Power::On,
            submitted: 0,
            completed: 0,
            chance: Chance::default(),
            faults: Faults::default(),
            limits: FaultLimits::NONE,
            unsettled: Unsettled::default(),
            written: addresses::Addresses::default(),
            discards: Discards::default(),
            rules: Rules::default(),
            counts: Counts::default(),
            mishaps: Mishaps::default(),
        };
        disk.reset(layout);
        disk
    }

    /// Resets the disk to the state that [`SimulatedDisk::new`] gives it with this layout. Drops
    /// the operations in flight.
    pub fn reset(&mut self, layout: Layout) {
        let Self {
            layout: own,
            grown_from,
            image,
            queue,
            order,
            power,
            submitted,
            completed,
            chance,
            faults,
            limits,
            unsettled,
            written,
            discards,
            rules,
            counts,
            mishaps,
        } = self;
        *own = layout;
        *grown_from = None;
        image.reset(layout.size(), layout.sector_size(), 0);
        queue.operations.clear();
        *order = Order::default();
        *power = Power::On;
        *submitted = 0;
        *completed = 0;
        *chance = Chance::default();
        faults.armed.clear();
        *limits = FaultLimits::NONE;
        unsettled.clear();
        written.clear();
        discards.reset();
        rules.reset();
        *counts = Counts::default();
        mishaps.reset();
    }

    /// Returns the layout of the device.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the content.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Returns the content for modification. Changes made through it bypass the rules and the
    /// limits.
    #[must_use]
    pub fn image_mut(&mut self) -> &mut Image {
        &mut self.image
    }

    /// Returns how often each event happened since the last reset.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Returns the I/Os that failed and the reads that gave wrong bytes since the last reset, in
    /// their order.
    #[must_use]
    pub fn mishaps(&self) -> &[Mishap] {
        &self.mishaps.list
    }

    /// Returns whether a crash lost a write of this unit although a flush of it had been reported,
    /// and the unit was not written since.
    #[must_use]
    pub fn is_forgotten(&self, unit: Unit) -> bool {
        self.mishaps.is_forgotten(|| unit)
    }

    /// Returns whether a read of this unit may give wrong bytes: a sector of it is damaged, or the
    /// unit [is forgotten](SimulatedDisk::is_forgotten).
    #[must_use]
    pub fn is_spoiled(&self, unit: Unit) -> bool {
        let mut damages = self.image.damages().iter();
        damages
            .any(|(sector, _)| Unit::at(&self.layout, self.image.offset_of(*sector)) == Some(unit))
            || self.is_forgotten(unit)
    }

    /// Returns the number of operations that completed since the last reset.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.completed
    }
}
