//! The world: opens a store for a run, compares it with the model and closes it.

use super::events;
use super::states;
use super::tested::{Phase, Tested};
use crate::two_disks::TwoDisks as _;
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::{Checked, Run, World};
use downbeat_model::durable_store::{ORDER, Operation};
use downbeat_storage_targets::store::faults;

impl Tested {
    /// Compares all records. Does so again after a crash.
    fn compare(&mut self, run: &mut Run) -> Checked {
        self.compare_all(run)?;
        if self.is_down() {
            // An opening compares all records.
            self.reopen(run)?;
        }
        Ok(())
    }

    /// Adds what the tree counted since it was opened to the run.
    pub(super) fn harvest(&self, run: &mut Run) {
        events::compactions(self.tree().tree().compactions()).count(run);
        let levels = self.tree().tree().manifest().levels();
        if let Some(deepest) = levels.iter().rposition(|level| level.table_count() > 0) {
            run.state(states::Deepest, deepest);
        }
    }
}

impl World for Tested {
    type Operation = Operation;

    /// Resets everything for a run and formats the disks. The caller has reset the disks.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.power.clock.reset();
        self.power.anew = false;
        self.failed = None;
        (self.formatted, self.stamp, self.phase) = (0, 0, Phase::Between);
        let order = Order::ALL[header.index(ORDER)];
        for disk in self.disks_mut() {
            faults::prepare_without_interference(disk, order, false, false);
        }
        let [_, log] = self.devices_mut();
        log.allow_unwritten_reads();
        if let Some(armed) = run.interference() {
            self.power.clock.interfere(armed);
        }
        self.format(run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        self.follow_clock();
        if self.is_down() {
            self.reopen(run)?;
        }
        run.state(states::Records, states::size(self.batches.len()));
        Ok(())
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O.
    fn close(&mut self, run: &mut Run) -> Checked {
        if run.interference().is_none() {
            self.disarm_all();
        }
        Ok(())
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.compare(run)
    }

    /// Opens the store again, which compares all records. In a run with an interference, then
    /// disarms all faults and opens once more.
    fn finish(&mut self, run: &mut Run) -> Checked {
        self.reopen(run)?;
        if run.interference().is_some() {
            self.disarm_all();
            self.reopen(run)?;
        }
        self.harvest(run);
        run.device_operations(self.power.clock.completed());
        Ok(())
    }

    /// Describes the batches and the disks.
    fn describe(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} batches given, {} acknowledged, {} beats, {} in the checkpoint, failed: {:?}",
            self.batches.last(),
            self.batches.acknowledged(),
            self.progress.beats(),
            self.progress.held(),
            self.failed,
        )];
        for (name, disk) in ["tree", "log"].into_iter().zip(self.disks()) {
            lines.push(format!("disk of the {name}:"));
            lines.extend(disk.describe());
        }
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        self.disks_mut().into_iter().nth(number)
    }
}
