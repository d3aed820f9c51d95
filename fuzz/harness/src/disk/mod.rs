//! The simulated disk: a device that loses power, damages data, and checks the store that uses it.
//!
//! - The disk is a [`Storage`]. Operations complete only inside [`SimulatedDisk::step`], in the
//!   [`Order`] that is set. A read returns the content at the time of its completion. A write takes
//!   effect when it completes.
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
//! the record of what went wrong. `perform` executes an operation, `describe` prints the state for
//! a report, `addresses` is a set of integers. `recorder` wraps a real file so that it can crash.

mod addresses;
mod chance;
mod counts;
mod damage;
mod describe;
mod faults;
mod image;
mod limits;
mod log;
mod mishaps;
mod perform;
mod queue;
mod recorder;
mod rules;
mod sectors;

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

use downbeat_lsm::storage::{
    Access, Completion, Layout, LayoutOptions, Operation, Owner, Span, Storage, Ticket, Zone,
};

use chance::{Chance, Site};
use faults::Faults;
use limits::Unsettled;
use mishaps::Mishaps;
use queue::{InFlight, Queue};
use rules::Rules;

/// A device that crashes and damages data; see the [module](self).
#[derive(Debug)]
pub struct SimulatedDisk {
    layout: Layout,
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
    rules: Rules,
    counts: Counts,
    mishaps: Mishaps,
}

/// Whether a disk has power, and a process that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    On,
    /// The power is on, but the process was killed.
    Killed,
    /// The power is off, and the effect on the content is not decided yet.
    Off,
    /// The power is off, and the content is what the crash left.
    Crashed,
}

impl SimulatedDisk {
    /// Creates a disk on which nothing is written.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        let mut disk = Self {
            layout,
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
            rules,
            counts,
            mishaps,
        } = self;
        *own = layout;
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
        rules.reset();
        *counts = Counts::default();
        mishaps.reset();
    }

    /// Makes this disk a copy of `other`, as if `other` lost power now: the power is off, and the
    /// content is that of `other` plus its writes in flight, which are visible but not durable.
    /// Everything else is as [`SimulatedDisk::new`] makes it. `other` does not change, so a caller
    /// can try every crash at every moment.
    pub fn copy_at_power_loss(&mut self, other: &Self) {
        self.reset(other.layout);
        self.image.copy_from(&other.image);
        if other.power != Power::Crashed {
            for (span, bytes) in other.queue.writes() {
                self.image.write(span.offset, bytes);
            }
        }
        self.power = Power::Off;
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
        self.mishaps.is_forgotten(unit)
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

    /// Sets the schedule, which determines the random decisions from now on. A world sets it at the
    /// start of each of its operations.
    pub fn set_schedule(&mut self, schedule: u64) {
        self.chance.set_schedule(schedule);
    }

    /// Sets the order in which operations complete from now on.
    pub fn set_order(&mut self, order: Order) {
        self.order = order;
    }

    /// Returns the limits on simultaneous faults.
    #[must_use]
    pub fn limits(&self) -> FaultLimits {
        self.limits
    }

    /// Sets the limits on simultaneous faults from now on.
    pub fn set_limits(&mut self, limits: FaultLimits) {
        self.limits = limits;
    }

    /// Returns which rules are checked.
    #[must_use]
    pub fn rules(&self) -> RuleOptions {
        self.rules.options
    }

    /// Sets which rules are checked from now on.
    pub fn set_rules(&mut self, options: RuleOptions) {
        self.rules.options = options;
    }

    /// Discards the content, and sets what unwritten sectors read as: zeros if `background` is 0,
    /// otherwise noise that the number determines.
    pub fn set_background(&mut self, background: u64) {
        self.image.reset(self.layout.size(), self.layout.sector_size(), background);
    }

    /// Arms a fault. A power loss with `nth` 0 happens immediately.
    pub fn arm(&mut self, armed: Armed) {
        if armed.kind == FaultKind::PowerLoss && armed.nth == 0 {
            self.lose_power();
        } else {
            self.faults.armed.push(armed);
        }
    }

    /// Disarms all faults that have not struck yet.
    pub fn disarm_all(&mut self) {
        self.faults.armed.clear();
    }

    /// Returns the armed faults that have not struck yet.
    #[must_use]
    pub fn armed(&self) -> &[Armed] {
        &self.faults.armed
    }

    /// Marks the present content as settled: the store has acknowledged it as durable, because a
    /// checkpoint ended or the store opened. A settled unit is unsound ([`FaultLimits`]) only if it
    /// is damaged.
    ///
    /// # Panics
    ///
    /// If a write of a superblock copy is in flight, or if this process wrote a copy that is not
    /// durable.
    pub fn settle(&mut self) {
        let Self { layout, image, queue, unsettled, rules, .. } = self;
        rules.check_settled(layout, queue, image);
        unsettled.clear();
        // An earlier process may have left copies that a crash can still lose.
        let left = image.log.sectors().map(|sector| image.offset_of(sector));
        for offset in left.filter(|offset| layout.zone(*offset) == Zone::Superblock) {
            unsettled
                .insert(Unit::at(layout, offset).expect("disk: a zone of copies has no padding"));
        }
    }

    /// Announces a write that will be submitted later. Its unit is unsound ([`FaultLimits`]) from
    /// now on, as if the write had been submitted.
    ///
    /// # Panics
    ///
    /// If the span lies neither in a copy of the superblock nor in a block.
    pub fn announce(&mut self, span: Span) {
        let unit = self.unit_of(span);
        self.unsettled.insert(unit);
    }

    /// Protects a block that the durable superblock refers to: a write to the block panics.
    pub fn protect(&mut self, address: u64) {
        self.rules.protected.insert(address);
    }

    /// Removes the protection from all blocks.
    pub fn unprotect_all(&mut self) {
        self.rules.protected.clear();
    }

    /// Marks a block as allocated: it may be written.
    pub fn allow(&mut self, address: u64) {
        self.rules.allowed.insert(address);
    }

    /// Marks a block as not allocated.
    pub fn forbid(&mut self, address: u64) {
        self.rules.allowed.remove(address);
    }

    /// Removes and returns the writes that were submitted since the last call. They are recorded
    /// only if [`RuleOptions::journal`] is set.
    pub fn take_journal(&mut self) -> impl Iterator<Item = Submitted> + '_ {
        self.rules.journal.drain(..)
    }

    /// Returns whether the power is off, or the process was killed. No operation completes then.
    #[must_use]
    #[inline]
    pub fn is_down(&self) -> bool {
        self.power != Power::On
    }

    /// Switches the power off. The effect on the content is decided by a crash; until then a caller
    /// can try crashes on copies ([`SimulatedDisk::copy_at_power_loss`]).
    pub fn lose_power(&mut self) {
        if self.power == Power::On {
            self.power = Power::Off;
        }
    }

    /// Kills the process that uses the disk: no operation completes until the restart. The power
    /// stays on, so the next process reads what this one has written, unless a flush failed.
    pub fn kill(&mut self) {
        if self.power == Power::On {
            self.power = Power::Killed;
        }
    }

    /// Crashes the disk: switches the power off if it is on, and decides at random what is left.
    pub fn crash(&mut self) {
        let chance = self.chance;
        let size = self.layout.sector_size();
        // In half of the crashes all sectors have the same fate, which independent decisions rarely
        // give.
        let all = match chance.at(Site::Crash, 0) % 4 {
            0 => Some(Fate::Survives),
            1 => Some(Fate::Vanishes),
            _ => None,
        };
        self.crash_with(
            &mut |span| match all {
                Some(fate) => fate == Fate::Survives,
                None => chance.at(Site::InFlight, span.offset).is_multiple_of(2),
            },
            &mut |version| {
                if let Some(fate) = all {
                    return fate;
                }
                let Unflushed { sector, newer, .. } = version;
                let what = u64::from(sector) << 32 | u64::from(newer);
                let tear = chance.at(Site::Tear, what);
                let at = 1 + (tear >> 1) as usize % (size - 1);
                match chance.at(Site::Fate, what) % 8 {
                    0..3 => Fate::Survives,
                    3..6 => Fate::Vanishes,
                    _ if tear & 1 == 0 => Fate::TornAfter(at),
                    _ => Fate::TornBefore(at),
                }
            },
        );
    }

    /// Crashes the disk with the given decisions: switches the power off if it is on. `in_flight`
    /// returns whether a write in flight took effect. `decide` returns the fate of each version of
    /// a sector that is not durable.
    ///
    /// # Panics
    ///
    /// If the crash was decided already.
    pub fn crash_with(
        &mut self,
        in_flight: &mut dyn FnMut(Span) -> bool,
        decide: &mut dyn FnMut(Unflushed) -> Fate,
    ) {
        assert_ne!(self.power, Power::Crashed, "disk: a crash must be decided once");
        self.counts.add(Outcome::Crash, 1);
        let busy = self.queue.operations.iter().any(|in_flight| !in_flight.late);
        self.counts.add(Outcome::CrashInFlight, u64::from(busy));
        self.end_in_flight(in_flight);
        let Self { layout, image, counts, mishaps, .. } = self;
        let flushes_lost = counts.of(Outcome::FlushLost) > 0;
        let sector_size = layout.sector_size() as u64;
        image.crash(&mut |version| {
            let fate = decide(version);
            if flushes_lost && version.excused && fate != Fate::Survives {
                let unit = Unit::at(layout, u64::from(version.sector) * sector_size);
                unit.into_iter().for_each(|unit| mishaps.forget(unit));
            }
            counts.add(
                match fate {
                    Fate::Survives => Outcome::SectorSurvived,
                    Fate::Vanishes => Outcome::SectorVanished,
                    Fate::TornAfter(_) | Fate::TornBefore(_) => Outcome::SectorTorn,
                },
                1,
            );
            let older = version.newer > 0 && fate != Fate::Vanishes;
            counts.add(Outcome::OlderSurvived, u64::from(older));
            fate
        });
        self.power = Power::Crashed;
    }

    /// Simulates a restart of the store's process. Drops the operations in flight.
    ///
    /// If the power is off, it is switched on. If no crash was decided before, a random crash is
    /// decided first. If the power is on, each write in flight takes effect or not at random.
    /// Writes that are not durable stay so. They are excused: the rules for the store ignore them,
    /// because the new process cannot know of them. After a failed flush a restart is a crash, so
    /// that the new process reads what is really on the device.
    pub fn restart(&mut self) {
        self.restart_with(drop);
    }

    /// As [`SimulatedDisk::restart`], for a store object that is opened again: the operations in
    /// flight stay in the queue, and the store must [abandon](Storage::abandon) them.
    pub fn restart_keeping_queue(&mut self) {
        let has_doomed = self.image.log.has_doomed();
        match self.power {
            Power::On if !has_doomed => {
                self.counts.add(Outcome::Restart, 1);
                self.image.excuse();
            }
            Power::Killed if !has_doomed => self.restart_without_crash(),
            Power::On | Power::Killed | Power::Off => self.crash(),
            Power::Crashed => {}
        }
        self.power = Power::On;
    }

    /// The process ends, and the power stays on.
    fn restart_without_crash(&mut self) {
        self.counts.add(Outcome::Restart, 1);
        let chance = self.chance;
        self.end_in_flight(&mut |span| chance.at(Site::InFlight, span.offset).is_multiple_of(2));
        self.image.excuse();
    }

    /// As [`SimulatedDisk::restart`], but passes the dropped operations to `dropped`, which can
    /// reuse their buffers.
    pub fn restart_with(&mut self, dropped: impl FnMut(Operation)) {
        match self.power {
            Power::On | Power::Killed if !self.image.log.has_doomed() => {
                self.restart_without_crash();
            }
            Power::On | Power::Killed | Power::Off => self.crash(),
            Power::Crashed => {}
        }
        self.power = Power::On;
        self.queue.drain().for_each(dropped);
    }

    /// Applies the writes in flight for which `done` returns true. No operation in flight takes
    /// effect after that.
    fn end_in_flight(&mut self, done: &mut dyn FnMut(Span) -> bool) {
        let Self { image, queue, counts, .. } = self;
        for (span, bytes) in queue.writes() {
            if done(span) {
                image.write(span.offset, bytes);
                counts.add(Outcome::InFlightApplied, 1);
            } else {
                counts.add(Outcome::InFlightDropped, 1);
            }
        }
        queue.make_late();
    }
}

impl Storage for SimulatedDisk {
    fn size(&self) -> u64 {
        self.layout.size()
    }

    fn sector_size(&self) -> usize {
        self.layout.sector_size()
    }

    fn submit(&mut self, operation: Operation, owner: Owner) -> Ticket {
        let LayoutOptions { sector_size, .. } = *self.layout.options();
        operation.assert_valid(self.layout.size(), sector_size);
        let late = self.power != Power::On;
        if !late {
            self.rules.check_in_flight(&operation, &self.layout, &self.queue);
        }
        if let (Operation::Write { span, .. }, false) = (&operation, late) {
            let unit = self.rules.check_write(*span, &self.layout, &self.queue, &self.image);
            self.unsettled.insert(unit);
            if let Unit::Block(address) = unit {
                self.written.insert(address);
            }
        }
        self.submitted += 1;
        let ticket = Ticket(self.submitted);
        let mark = self.image.log.mark();
        self.queue.operations.push(InFlight { ticket, owner, operation, mark, late });
        ticket
    }

    fn step(&mut self) -> Option<Completion> {
        if self.power != Power::On {
            return None;
        }
        let Self { queue, chance, order, completed, .. } = self;
        let next = queue.take_next(*order, || chance.at(Site::Order, 0))?;
        chance.next_io();
        *completed += 1;
        let InFlight { ticket, owner, mut operation, mark, late: _ } = next;
        let access = match operation {
            Operation::Read { .. } => Access::Read,
            Operation::Write { .. } => Access::Write,
            Operation::Flush => Access::Flush,
        };
        let result = self.perform(&mut operation, mark);
        if self.faults.power_goes(access) {
            self.lose_power();
        }
        Some(Completion { ticket, owner, operation, result })
    }

    fn queued(&self) -> usize {
        self.queue.operations.len()
    }

    fn abandon(&mut self) -> Option<Operation> {
        let InFlight { operation, late, .. } = self.queue.take_next(Order::Submission, || 0)?;
        if let (Operation::Write { span, buffer }, false) = (&operation, late) {
            if self.chance.at(Site::InFlight, span.offset).is_multiple_of(2) {
                self.image.write(span.offset, &buffer.bytes()[..span.length]);
                self.counts.add(Outcome::InFlightApplied, 1);
            } else {
                self.counts.add(Outcome::InFlightDropped, 1);
            }
        }
        Some(operation)
    }
}
