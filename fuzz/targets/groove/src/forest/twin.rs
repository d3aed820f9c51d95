//! The twin: a second store, on a disk without faults, that does the history of the first without a
//! crash.

use downbeat_lsm::compaction::CompactionPace;
use downbeat_lsm::forest::StoreError;

use super::changes::{self, Trees};
use super::tested::Tested;
use super::trees::Set;
use crate::store::{Options, end_beat, new_forest};
use downbeat::check::{fail, holds};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::{Checked, Divergence, Run};
use downbeat_lsm::storage::Layout;
use downbeat_model::forest::Change;
use downbeat_storage_targets::store::BeatOutcome;
use downbeat_storage_targets::store::alike::compare_devices;
use downbeat_storage_targets::store::full::full;

/// A second store, on a disk without faults.
#[derive(Debug)]
pub(super) struct Twin {
    forest: Trees,
    /// How many changes of the history it has done; `None` if it is not formatted.
    done: Option<usize>,
}

impl Twin {
    pub(super) fn new(options: &Options<Set>) -> Self {
        let layout = Layout::new(options.forest.layout).expect("the target's settings are valid");
        Self { forest: new_forest(SimulatedDisk::new(layout), options), done: None }
    }

    /// Makes this what [`Twin::new`] makes.
    pub(super) fn remake(&mut self, options: &Options<Set>) {
        let layout = Layout::new(options.forest.layout).expect("the target's settings are valid");
        self.disk().reset(layout);
        let renewed = self.forest.renew(&options.forest, &options.trees);
        renewed.expect("the target's settings are valid");
        self.done = None;
    }

    pub(super) fn disk(&mut self) -> &mut SimulatedDisk {
        self.forest.trees_and_grid().1.storage_mut()
    }

    /// Forgets what it has done, because the first store is formatted.
    pub(super) fn forget(&mut self) {
        self.done = None;
    }

    /// Prepares a run, before which the disk was reset.
    pub(super) fn open_run(&mut self, order: Order) {
        self.done = None;
        self.disk().set_order(order);
    }

    /// Does the changes of a history that it has not done. Returns the error of a beat.
    fn follow(
        &mut self,
        changes: &[Change],
        number: u64,
        run: &mut Run,
    ) -> Checked<Option<StoreError>> {
        if self.done.is_none() {
            let disk = self.disk();
            disk.restart();
            self.forest.format_again(number).map_err(fails)?;
            self.disk().settle();
        }
        let from = self.done.unwrap_or(0);
        for change in &changes[from..] {
            run.step();
            if let Err(error) = self.does(*change)? {
                self.done = None;
                return Ok(Some(error));
            }
        }
        self.done = Some(changes.len());
        Ok(None)
    }

    /// Does a change. The inner error is that of a beat.
    fn does(&mut self, change: Change) -> Checked<Result<(), StoreError>> {
        match change {
            Change::Want => drop(self.forest.checkpoint_want()),
            Change::Beat(shares) => return self.beat(CompactionPace { shares }),
            _ => {
                changes::prefetch(&mut self.forest, change).map_err(fails)?;
                changes::write(self.forest.trees_and_grid().0, change);
            }
        }
        Ok(Ok(()))
    }

    fn beat(&mut self, pace: CompactionPace) -> Checked<Result<(), StoreError>> {
        if let Err(error) = self.forest.beat_begin_at(pace) {
            return Ok(Err(error));
        }
        let BeatOutcome::Ended(ended) = end_beat(&mut self.forest, |_| true) else {
            return Err(
                fail("waiting-ends", "an end", "none").saying("a beat of the twin does not end")
            );
        };
        Ok(match ended {
            Ok(checkpoint) => {
                if checkpoint.is_some() {
                    self.disk().settle();
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        })
    }
}

impl Tested {
    /// Lets the twin do the whole history, and checks that both stores use the same blocks, with
    /// the same bytes.
    pub(super) fn compare_with_twin(&mut self, run: &mut Run) -> Checked {
        let Self { store, twin, history, .. } = self;
        if let Some(error) = twin.follow(history.changes(), store.forest.number(), run)? {
            return Err(fails(error));
        }
        let grids = [store.forest.grid(), twin.forest.grid()];
        compare_devices(grids, [store.forest.superblock(), twin.forest.superblock()])
    }

    /// Checks that the twin is full after the same history.
    pub(super) fn twin_is_full(&mut self, run: &mut Run) -> Checked {
        let failed = self.paces.of_beat(self.store.forest.beat_number());
        let Self { store, twin, history, .. } = self;
        let mut changes = history.changes().to_vec();
        changes.push(Change::Beat(failed.shares));
        let failed = twin.follow(&changes, store.forest.number(), run)?;
        twin.done = None;
        let is_full = match failed {
            Some(StoreError::ReadOnly(error)) => full(&error).is_some(),
            _ => false,
        };
        holds("beats-end-alike", is_full)
            .show(|| ("a full store", format!("{failed:?}")))
            .or("a store is full, and its twin is not")
    }
}

/// The divergence for a call that failed on the twin but not on the first store.
#[cold]
fn fails(error: StoreError) -> Divergence {
    fail("nothing-fails", "success", error).saying("a call on the twin fails")
}
