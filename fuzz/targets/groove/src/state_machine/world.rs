//! The world: opens a service for a run, compares it with the model and closes it.

use super::events::{self, Event};
use super::states;
use super::tested::{Failed, Tested};
use crate::two_disks::TwoDisks;
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::{Checked, Run, World};
use downbeat_model::state_machine::{FAULTS, ORDER, Operation};
use downbeat_storage_targets::store::faults;

impl Tested {
    /// Compares everything. Does so again if power is lost.
    fn compare(&mut self, run: &mut Run) -> Checked {
        if self.failed != Failed::No {
            self.reopen(run)?;
        }
        self.compare_all(run)?;
        while self.is_down() {
            self.power_lost(run)?;
            self.compare_all(run)?;
        }
        Ok(())
    }

    fn close_and_compare(&mut self, run: &mut Run) -> Checked {
        if self.is_down() {
            self.power_lost(run)?;
        }
        self.settle()?;
        self.reopen(run)?;
        self.compare(run)?;
        self.settle()
    }

    /// Adds what the machine counted since it was opened to the run.
    pub(super) fn harvest(&self, run: &mut Run) {
        let things = self.service.machine().forest().trees().objects();
        events::compactions(things.compactions()).count(run);
        let levels = things.manifest().levels();
        if let Some(deepest) = levels.iter().rposition(|level| level.table_count() > 0) {
            run.state(states::Deepest, deepest);
        }
    }
}

impl World for Tested {
    type Operation = Operation;

    fn renew(&mut self, geometry: &Header) -> bool {
        self.remake(geometry);
        true
    }

    /// Resets everything for a run and formats the disks. The caller has reset the disks.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.power.clock.reset();
        (self.formatted, self.stamp, self.phase) = (0, 0, 0);
        self.power.anew = false;
        self.failed = Failed::No;
        self.has_faults = false;
        self.restarts = 0;
        let order = Order::ALL[header.index(ORDER)];
        let beyond = header.index(FAULTS) == 1;
        for disk in self.disks_mut() {
            faults::prepare_without_interference(disk, order, beyond, false);
        }
        let [_, log] = self.devices_mut();
        log.allow_unwritten_reads();
        if let Some(armed) = run.interference() {
            self.has_faults = true;
            self.power.clock.interfere(armed);
        }
        self.format(run)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        self.follow_clock();
        if self.is_down() {
            self.power_lost(run)?;
        }
        run.state(states::Requests, states::size(self.requests.last() as u32));
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

    /// Opens the service again, and compares everything. In a run with an interference, then
    /// disarms all faults, and opens and compares once more. Compares the last checkpoint with that
    /// of a machine that never crashed.
    fn finish(&mut self, run: &mut Run) -> Checked {
        self.close_and_compare(run)?;
        if run.interference().is_some() {
            self.disarm_all();
            self.close_and_compare(run)?;
        }
        if !self.has_faults && self.restarts > 1 {
            Event::Compared.count(run);
            let state = self.service.machine().forest().superblock().working().state();
            self.never_crashed.compare(&self.requests, &self.options, &state)?;
            (0..self.requests.last()).for_each(|_| run.step());
        }
        self.harvest(run);
        run.device_operations(self.power.clock.completed());
        Ok(())
    }

    /// Describes the requests and the disks.
    fn describe(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} requests given, {} acknowledged, {} beats, {} in the checkpoint, failed: {:?}",
            self.requests.last(),
            self.requests.acknowledged(),
            self.progress.beats(),
            self.progress.held(),
            self.failed,
        )];
        lines.push("disk of the machine:".to_owned());
        lines.extend(self.machine_disk().describe());
        lines.push("disk of the log:".to_owned());
        lines.extend(self.log_disk().describe());
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        let [machine, log] = self.disks_mut();
        match number {
            0 => Some(machine),
            1 => Some(log),
            _ => None,
        }
    }
}
