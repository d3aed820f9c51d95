//! A store of several trees on a simulated disk. All targets of this crate share this module.
//!
//! - A [`TestedStore`] is a forest, with what the disk and the checkpoints say about it. A target
//!   that uses it is a [`Host`], and has the model of the contents.
//! - A beat ends with the checkpoint that is due, or without one. It fails only if the disk
//!   explains the error, or if a tree or the device is full. The store is then read-only until it
//!   is opened again.
//! - After a crash the store opens at the last acknowledged checkpoint, or at the one that was
//!   being written to the superblock.
//! - Between bars no buffer and no reservation is left in use.
//!
//! Files: `host` is the trait of a target on a store, `options` finds options that are valid,
//! `beats` runs beats and checkpoints, `comparing` compares everything and ends a run, `faults`
//! judges the errors, `phases` says what is open and armed, `fault_events` has the events of
//! faults, `recovery` formats and opens.

mod beats;
mod comparing;
mod fault_events;
mod faults;
mod host;
mod options;
mod phases;
mod recovery;

pub(crate) use beats::want;
pub(crate) use beats::{bars, beat, beats, checkpoint, drop_cache, settle, step};
pub(crate) use beats::{beat_leaving, end_beat, resume};
pub(crate) use comparing::compare;
pub(crate) use comparing::finish;
pub(crate) use comparing::finish_with;
pub(crate) use fault_events::events_with_faults;
pub(crate) use faults::{check_reason, read_failed};
pub(crate) use host::{Host, Moment, count_moment};
pub(crate) use options::{Options, new_forest};
pub(crate) use phases::PHASES;
pub(crate) use recovery::{format, power_lost, reopen};

use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::forest::{Forest, TreeSet, Trees};
use downbeat_lsm::storage::Layout;

use downbeat::check::same;
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};
use downbeat_model::triggers::Triggers;
use downbeat_storage_targets::store::{BeatFaults, Root, faults as armed};

/// A forest on a simulated disk, with what the disk and the checkpoints say about it; see the
/// [module](self).
#[derive(Debug)]
pub(crate) struct TestedStore<T: TreeSet> {
    pub(crate) forest: Forest<T, SimulatedDisk>,
    /// The present options.
    pub(crate) options: Options<T>,
    /// The options with which the store is opened at the beginning of a run.
    first: Options<T>,
    /// The options of the new object that opens the disk next; `None` if the same object does.
    pub(crate) next: Option<Options<T>>,
    /// When checkpoints are due.
    pub(crate) triggers: Triggers,
    /// The checkpoints at which the store may open.
    pub(crate) root: Root,
    /// The crashes and faults of the run.
    pub(crate) faults: BeatFaults,
    /// How many times the disk was formatted in this run.
    formatted: u64,
    /// The number of beats of a bar.
    bar: u64,
    /// The pace of the beat that was left under way, if one was.
    pub(crate) left: Option<CompactionPace>,
}

impl<T: TreeSet<Options: PartialEq> + Trees<SimulatedDisk>> TestedStore<T> {
    /// A store with these options, which are valid, on an empty disk. It is not formatted yet.
    pub(crate) fn new(options: Options<T>, bar: u32) -> Self {
        let layout = Layout::new(options.forest.layout).expect("the target's settings are valid");
        let bar = u64::from(bar);
        let interval = u64::from(options.forest.checkpoint_interval);
        Self {
            forest: new_forest(SimulatedDisk::new(layout), &options),
            options: options.clone(),
            first: options,
            next: None,
            triggers: Triggers::new(bar, interval),
            root: Root::default(),
            faults: BeatFaults::default(),
            formatted: 0,
            bar,
            left: None,
        }
    }

    /// Resets the store for a run, with the disk, which the caller has reset. The caller then
    /// prepares the disk, and formats it.
    pub(crate) fn open_run(&mut self, run: &Run) {
        self.next = None;
        if self.options != self.first {
            self.renew(&self.first.clone());
        }
        self.formatted = 0;
        self.left = None;
        self.root = Root::default();
        self.faults = BeatFaults::new(run.interference().is_some());
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O.
    pub(crate) fn close_run(&mut self, run: &Run) {
        if run.interference().is_none() {
            self.disk().disarm_all();
        }
        self.faults.at_checkpoint = None;
    }

    /// The beat to which the next writes belong.
    pub(crate) fn next_beat(&self) -> u64 {
        self.forest.beat_number() + 1
    }

    pub(crate) fn disk(&mut self) -> &mut SimulatedDisk {
        self.forest.trees_and_grid().1.storage_mut()
    }

    /// Whether power is lost.
    #[inline]
    pub(crate) fn is_down(&self) -> bool {
        self.forest.grid().storage().is_down()
    }

    /// How many I/Os have completed.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.forest.grid().storage().completed()
    }

    /// Whether the store is open, and no beat failed since it was opened.
    pub(crate) fn can_write(&self) -> bool {
        !self.is_down() && self.forest.failed().is_none()
    }

    /// Whether the last beat ended a bar.
    pub(crate) fn is_between_bars(&self) -> bool {
        (self.forest.beat_number() + 1).is_multiple_of(self.bar)
    }

    /// Checks that the store is read-only if and only if a beat or a write failed, and that it
    /// returns the error.
    #[inline]
    pub(crate) fn check_failed(&self) -> Checked {
        let expected = self.faults.reason(self.forest.grid());
        same("read-only-says-why", expected, self.forest.failed())
            .or("a store is read-only without a failure, or for another reason")
    }

    pub(crate) fn arm_crash(&mut self, io: u32, at_checkpoint: bool, anew: bool) {
        let Self { faults, forest, .. } = self;
        faults.arm_crash(io, at_checkpoint, anew, forest.trees_and_grid().1.storage_mut());
    }

    pub(crate) fn arm_fault(&mut self, kind: u32, io: u32) {
        let Self { faults, forest, .. } = self;
        faults.arm_fault(kind, io, forest.trees_and_grid().1.storage_mut());
    }

    /// Gives the store other options, as if a new object with these options took the place of the
    /// present one. The disk stays as it is. No operation may be in its queue.
    pub(crate) fn renew(&mut self, options: &Options<T>) {
        let renewed = self.forest.renew(&options.forest, &options.trees);
        renewed.expect("the target's settings are valid");
        self.options = options.clone();
    }

    /// Makes the store that [`TestedStore::new`] makes with these options.
    pub(crate) fn remake(&mut self, options: Options<T>, bar: u32) {
        let layout = Layout::new(options.forest.layout).expect("the target's settings are valid");
        self.disk().reset(layout);
        self.renew(&options);
        let bar = u64::from(bar);
        self.triggers = Triggers::new(bar, u64::from(options.forest.checkpoint_interval));
        self.first = options;
        self.next = None;
        self.root = Root::default();
        self.faults = BeatFaults::default();
        self.formatted = 0;
        self.bar = bar;
        self.left = None;
    }

    /// Describes the store, after a first line of the target, and the disk.
    pub(crate) fn describe(&self, first: String) -> Vec<String> {
        let mut lines = vec![first, self.root.to_string()];
        lines.extend(self.forest.grid().storage().describe());
        lines
    }

    /// Prepares the disk of a run; see [`armed::prepare`].
    pub(crate) fn prepare(&mut self, order: downbeat::disk::Order, beyond: bool, run: &Run) {
        armed::prepare(self.disk(), order, beyond, false, run);
    }
}
