//! A store with its model, and its twin.

use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::storage::Layout;
use downbeat_lsm::store::{Store, StoreError, StoreOptions};
use downbeat_lsm::superblock::ChangingOptions;

use crate::tree::beats::end_beat;
use crate::tree::faults::allow_in_flight;
use crate::tree::history::{Change, Ended};
use crate::tree::reads::record_of;
use crate::tree::tested::{Tested, new_store};
use downbeat::check::{fail, same};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::Versioned;
use downbeat::{Checked, Divergence, Run};
use downbeat_model::tree::{AHEAD, CACHE, IN_FLIGHT, ORDER, Operation};
use downbeat_storage_targets::store::BeatOutcome;
use downbeat_storage_targets::store::alike::compare_devices;

/// A store with its model, and its twin.
pub(super) struct Pair<R: Versioned> {
    pub(super) first: Tested<R>,
    pub(super) twin: Store<R, SimulatedDisk>,
    /// The options of the twin at the beginning of a run.
    twin_options: StoreOptions,
    /// A buffer for the calls that the twin repeats.
    changes: Vec<Change>,
}

impl<R: Versioned> Pair<R> {
    pub(super) fn new(geometry: &Header) -> Self {
        let mut first = Tested::<R>::new(geometry);
        first.history = Some(Vec::new());
        let mut other = *geometry;
        for setting in [CACHE, AHEAD, IN_FLIGHT] {
            let count = Operation::SETTINGS[setting].choices.count();
            other.choose(Operation::SETTINGS, setting, (geometry.index(setting) + 1) % count);
        }
        let twin = new_store::<R>(&other);
        let twin_options = *twin.options();
        Pair { first, twin, twin_options, changes: Vec::new() }
    }

    /// Formats the twin, whose I/Os complete in another order than those of the first store.
    pub(super) fn open_twin(&mut self, header: &Header) -> Checked {
        let order = Order::ALL[(header.index(ORDER) + 1) % Order::ALL.len()];
        let options = self.twin_options;
        if *self.twin.options() != options {
            self.twin.renew(&options).expect("the twin had these options");
        }
        let disk = self.twin.by_hand().grid_mut().storage_mut();
        disk.set_order(order);
        allow_in_flight(disk, &options);
        let formatted = self.twin.format_again(7);
        self.twin.by_hand().grid_mut().storage_mut().settle();
        formatted.map_err(fails)
    }

    /// Repeats the new calls of the first store's history on the twin.
    pub(super) fn follow(&mut self, run: &mut Run) -> Checked {
        let mut changes = std::mem::take(&mut self.changes);
        let history = self.first.history.as_mut().expect("the first has a history");
        std::mem::swap(history, &mut changes);
        for change in &changes {
            run.step();
            self.does(*change)?;
        }
        changes.clear();
        self.changes = changes;
        Ok(())
    }

    fn does(&mut self, change: Change) -> Checked {
        let twin = &mut self.twin;
        match change {
            Change::Put { key, stamp } => twin.put(&record_of(key, stamp)).map_err(fails)?,
            Change::Remove { key } => twin.remove(R::wide(key)).map_err(fails)?,
            Change::Open => twin.scope_open(),
            Change::Close(outcome) => twin.scope_close(outcome),
            Change::Want => drop(twin.by_hand().checkpoint_want()),
            Change::Beat(pace, expected) => {
                let got = self.beat(pace)?;
                same("beats-end-alike", expected, got)
                    .or("a beat ends in different ways in the two stores")?;
                if matches!(got, Ended::WithCheckpoint(_)) {
                    self.twin.by_hand().grid_mut().storage_mut().settle();
                }
            }
            Change::Checkpoint(expected) => {
                let trigger = twin.by_hand().checkpoint_want();
                let mut got = Ended::Plainly;
                while self.twin.beat_number() < trigger && got != Ended::Full {
                    got = self.beat(CompactionPace::EVEN)?;
                }
                same("beats-end-alike", expected, got)
                    .or("a checkpoint ends in different ways in the two stores")?;
                self.twin.by_hand().grid_mut().storage_mut().settle();
            }
            Change::Format(number, options) => {
                self.change_options(options);
                let twin = &mut self.twin;
                let layout = Layout::new(twin.options().layout).expect("valid sizes");
                twin.by_hand().grid_mut().storage_mut().enlarge(&layout);
                twin.by_hand().grid_mut().storage_mut().restart();
                twin.format_again(number).map_err(fails)?;
                twin.by_hand().grid_mut().storage_mut().settle();
            }
            Change::Reopen(options) => {
                self.change_options(options);
                let twin = &mut self.twin;
                twin.by_hand().grid_mut().storage_mut().restart();
                twin.open_again().map_err(fails)?;
            }
        }
        Ok(())
    }

    /// Gives the twin the options of the first store that affect the bytes.
    fn change_options(&mut self, options: ChangingOptions) {
        let mut own = *self.twin.options();
        own.layout.block_count = options.block_count;
        own.checkpoint_interval = options.checkpoint_interval;
        if own != *self.twin.options() {
            self.twin.renew(&own).expect("the first store has these sizes");
        }
    }

    fn beat(&mut self, pace: CompactionPace) -> Checked<Ended> {
        if self.twin.by_hand().beat_begin_at(pace).is_err() {
            return Ok(Ended::Full);
        }
        match end_beat(&mut self.twin, |_| true) {
            BeatOutcome::Ended(Ok(None)) => Ok(Ended::Plainly),
            BeatOutcome::Ended(Ok(Some(_))) => {
                Ok(Ended::WithCheckpoint(self.twin.superblock().working().state()))
            }
            BeatOutcome::Ended(Err(_)) => Ok(Ended::Full),
            BeatOutcome::Left | BeatOutcome::Hangs => {
                Err(fail("waiting-ends", "an end", "none")
                    .saying("a beat of the twin does not end"))
            }
        }
    }

    /// Checks that both stores use the same blocks, and that these have the same bytes.
    pub(super) fn compare_devices(&self) -> Checked {
        let grids = [self.first.store.grid(), self.twin.grid()];
        compare_devices(grids, [self.first.store.superblock(), self.twin.superblock()])
    }
}

/// The divergence for a call that failed on the twin but not on the first store.
#[cold]
fn fails(error: StoreError) -> Divergence {
    fail("nothing-fails", "success", error).saying("a call on the twin fails")
}
