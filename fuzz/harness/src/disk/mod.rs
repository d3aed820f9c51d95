//! The simulated disk: a device that crashes and lies, and that checks who writes to it.
//!
//! - It is a [`Storage`]: operations complete in [`SimulatedDisk::step`] alone, in the [`Order`] that was
//!   set. A read gives what is on the device when it completes; a write takes effect when it completes.
//! - A write that completed is visible, and durable once a flush completes that was submitted after that.
//!   Until then a crash may keep, tear or lose it, each sector on its own ([`Image`]). What is in flight at
//!   a crash may have been done or not.
//! - Faults are armed for the n-th I/O from now ([`Armed`]) and strike as far as the [`FaultLimits`] let
//!   them.
//! - What a store must never ask panics with `disk: ...` ([`RuleOptions`]).
//! - What chance decides is a hash of the schedule that was set last, and of the I/Os since.
//! - [`SimulatedDisk::reset`] costs O(what was touched), and allocates nothing once the disk has seen a run
//!   of the kind.
//!
//! What it does not do: it knows nothing of superblocks and blocks but where they lie, and has no time.
//!
//! Files: `image` is the device as it is now and as a crash may leave it: `sectors` its content, `log` what
//! is not durable, `damage` what is wrong; `enumerate` goes through every crash. `queue` is what is in
//! flight, `faults` what waits to strike, `limits` how much may be wrong at once, `rules` what a store must
//! not do, `chance` what chance decides, `counts` what happened; `perform` does an operation, `describe`
//! says what there is; `addresses` is a set. Beside the disk, under a real `FileStorage`: `file` is a file
//! that crashes, `recorder` makes one of a real file.

mod addresses;
mod chance;
mod counts;
mod damage;
mod describe;
mod enumerate;
mod faults;
mod file;
mod image;
mod limits;
mod log;
mod perform;
mod queue;
mod recorder;
mod rules;
mod sectors;

pub use counts::{Counts, Outcome};
pub use damage::{Damage, Replacement};
pub use enumerate::Ways;
pub use faults::{Armed, FaultKind};
pub use file::SimulatedFile;
pub use image::{Image, Unreadable};
pub use limits::{FaultLimits, Unit};
pub use log::{Fate, Unflushed};
pub use queue::Order;
pub use recorder::Recorder;
pub use rules::{RuleOptions, Submitted};

use downbeat_lsm::storage::{
    Access, Completion, Layout, LayoutOptions, Operation, Owner, Span, Storage, Ticket, Zone,
};

use chance::{Chance, Site};
use faults::Faults;
use limits::Unsettled;
use queue::{InFlight, Queue};
use rules::Rules;

/// A device that crashes and lies; see the [module](self).
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
    /// Every block that a write was ever submitted for.
    written: addresses::Addresses,
    rules: Rules,
    counts: Counts,
}

/// Whether a disk has power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    On,
    /// It went, and what that did to the content is open.
    Off,
    /// It went, and the content is what is left.
    Crashed,
}

impl SimulatedDisk {
    /// A disk of which nothing was written.
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
        };
        disk.reset(layout);
        disk
    }

    /// A disk of this layout as [`SimulatedDisk::new`] makes it. What is in flight is dropped.
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
        } = self;
        *own = layout;
        image.reset(layout.size(), layout.sector_size(), 0);
        queue.clear();
        *order = Order::default();
        *power = Power::On;
        *submitted = 0;
        *completed = 0;
        *chance = Chance::default();
        faults.disarm_all();
        *limits = FaultLimits::NONE;
        unsettled.clear();
        written.clear();
        rules.reset();
        *counts = Counts::default();
    }

    /// Becomes what `other` would be if its power went now: its content, with what is in flight there
    /// written and not durable; without power. All else is as [`SimulatedDisk::new`] makes it. `other` is
    /// not disturbed, so that every crash can be tried at every moment.
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

    /// What lies where.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The content.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// The content, to be changed behind the back of who uses the disk, of the rules and of the limits.
    #[must_use]
    pub fn image_mut(&mut self) -> &mut Image {
        &mut self.image
    }

    /// What happened since the last reset.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many operations completed since the last reset.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// Sets what chance decides, from now on. A world sets it as each of its operations begins.
    pub fn set_schedule(&mut self, schedule: u64) {
        self.chance.set_schedule(schedule);
    }

    /// Sets which operation completes next, from now on.
    pub fn set_order(&mut self, order: Order) {
        self.order = order;
    }

    /// Sets how much may be wrong at once, from now on.
    pub fn set_limits(&mut self, limits: FaultLimits) {
        self.limits = limits;
    }

    /// Sets what is checked, from now on.
    pub fn set_rules(&mut self, options: RuleOptions) {
        self.rules.options = options;
    }

    /// Lets what was never written read as noise: that of this number; or as zeros, if it is 0. What was
    /// written is forgotten.
    pub fn set_background(&mut self, background: u64) {
        self.image.reset(self.layout.size(), self.layout.sector_size(), background);
    }

    /// Arms a fault. A loss of power at I/O 0 is now.
    pub fn arm(&mut self, armed: Armed) {
        if armed.kind == FaultKind::PowerLoss && armed.nth == 0 {
            self.lose_power();
        } else {
            self.faults.arm(armed);
        }
    }

    /// Disarms the faults that have not struck.
    pub fn disarm_all(&mut self) {
        self.faults.disarm_all();
    }

    /// The faults that have not struck.
    #[must_use]
    pub fn armed(&self) -> &[Armed] {
        self.faults.armed()
    }

    /// What is on the device is acknowledged as durable: a checkpoint is done, or the store is open. From
    /// now on what is wrong with it counts.
    ///
    /// # Panics
    ///
    /// If a copy of the superblock is in flight, or written since the process started and not durable.
    pub fn settle(&mut self) {
        let Self { layout, image, queue, unsettled, rules, .. } = self;
        rules.check_settled(layout, queue, image);
        unsettled.clear();
        // A process before this one may have left some that a crash can still take away.
        let left = image.unflushed_sectors().map(|sector| image.offset_of(sector));
        for offset in left.filter(|offset| layout.zone(*offset) == Zone::Superblock) {
            unsettled
                .insert(Unit::at(layout, offset).expect("disk: a zone of copies has no padding"));
        }
    }

    /// A write of this span waits elsewhere and will be submitted: nothing is owed to what it writes from now
    /// on, as if it had been submitted.
    ///
    /// # Panics
    ///
    /// If it lies in no copy of the superblock and in no block.
    pub fn announce(&mut self, span: Span) {
        let unit = self.unit_of(span);
        self.unsettled.insert(unit);
    }

    /// The durable superblock refers to this block: it must not be written.
    pub fn protect(&mut self, address: u64) {
        self.rules.protected.insert(address);
    }

    /// Forgets to what the durable superblock refers.
    pub fn unprotect_all(&mut self) {
        self.rules.protected.clear();
    }

    /// This block is allocated: it may be written.
    pub fn allow(&mut self, address: u64) {
        self.rules.allowed.insert(address);
    }

    /// This block is not allocated any more.
    pub fn forbid(&mut self, address: u64) {
        self.rules.allowed.remove(address);
    }

    /// No block is allocated any more.
    pub fn forbid_all(&mut self) {
        self.rules.allowed.clear();
    }

    /// The writes that were submitted since they were last taken, if [`RuleOptions::journal`] says that
    /// they are kept.
    pub fn take_journal(&mut self) -> impl Iterator<Item = Submitted> + '_ {
        self.rules.journal.drain(..)
    }

    /// Whether the power is off: nothing completes any more.
    #[must_use]
    #[inline]
    pub fn is_down(&self) -> bool {
        self.power != Power::On
    }

    /// The power goes. What that does to the content is open until the crash, or until it is tried on
    /// copies.
    pub fn lose_power(&mut self) {
        if self.power == Power::On {
            self.power = Power::Off;
        }
    }

    /// The power goes, unless it is off already, and chance says what is left.
    pub fn crash(&mut self) {
        let chance = self.chance;
        let size = self.layout.sector_size();
        // Half of the crashes treat all alike, which is rare where each sector has a fate of its own.
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

    /// The power goes, unless it is off already. `in_flight` says whether a write in flight was done,
    /// `decide` what becomes of what is not durable.
    ///
    /// # Panics
    ///
    /// If what is left was decided already.
    pub fn crash_with(
        &mut self,
        in_flight: &mut dyn FnMut(Span) -> bool,
        decide: &mut dyn FnMut(Unflushed) -> Fate,
    ) {
        assert_ne!(self.power, Power::Crashed, "disk: a crash must be decided once");
        self.counts.add(Outcome::Crash, 1);
        let busy = self.queue.operations().iter().any(|in_flight| !in_flight.late);
        self.counts.add(Outcome::CrashInFlight, u64::from(busy));
        self.end_in_flight(in_flight);
        let Self { image, counts, .. } = self;
        image.crash(&mut |version| {
            let fate = decide(version);
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

    /// Starts the store's process again: what is in flight is dropped.
    ///
    /// Without power the power comes back, after the crash if that has not been decided. With power,
    /// writes in flight are done or not, and what is not durable stays so: nobody can know of it any more.
    /// But what a failed flush left behind does not outlive the process: then this is a crash, too, so
    /// that who comes reads what is on the device.
    pub fn restart(&mut self) {
        self.restart_with(drop);
    }

    /// As [`SimulatedDisk::restart`]; what was in flight is handed over, for its memory.
    pub fn restart_with(&mut self, dropped: impl FnMut(Operation)) {
        match self.power {
            Power::On if !self.image.has_doomed() => {
                self.counts.add(Outcome::Restart, 1);
                let chance = self.chance;
                self.end_in_flight(&mut |span| {
                    chance.at(Site::InFlight, span.offset).is_multiple_of(2)
                });
                self.image.excuse();
            }
            Power::On | Power::Off => self.crash(),
            Power::Crashed => {}
        }
        self.power = Power::On;
        self.queue.drain().for_each(dropped);
    }

    /// Does those writes in flight that `done` says, and makes sure that nothing in flight happens later.
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
        if let (Operation::Write { span, .. }, false) = (&operation, late) {
            let unit = self.rules.check_write(*span, &self.layout, &self.queue, &self.image);
            self.unsettled.insert(unit);
            if let Unit::Block(address) = unit {
                self.written.insert(address);
            }
        }
        self.submitted += 1;
        let ticket = Ticket(self.submitted);
        let mark = self.image.mark();
        self.queue.push(InFlight { ticket, owner, operation, mark, late });
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
        self.queue.operations().len()
    }

    fn abandon(&mut self) -> Option<Operation> {
        let InFlight { operation, late, .. } = self.queue.take_oldest()?;
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
