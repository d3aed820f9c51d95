//! The world: opens a store for a run, compares it with the model and closes it.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::tested::{Sides, Tested};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::{Checked, Run, World};
use downbeat_model::groove::{FAULTS, ORDER, Operation, TIME};
use downbeat_storage_targets::store::{BeatFaults, Root, faults};

impl Tested {
    /// Compares everything. Does so again if power is lost.
    fn compare(&mut self, run: &mut Run) -> Checked {
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
}

impl World for Tested {
    type Operation = Operation;

    /// Resets everything for a run and formats the disk. The caller has reset the disk.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.sides = Sides::default();
        self.next = None;
        if self.options != self.first {
            self.renew(&self.first.clone());
        }
        (self.formatted, self.made, self.stamp) = (0, 0, 0);
        self.time = header.index(TIME);
        self.root = Root::default();
        self.faults = BeatFaults::new(run.interference().is_some());
        let order = Order::ALL[header.index(ORDER)];
        faults::prepare(self.disk(), order, header.index(FAULTS) == 1, false, run);
        self.format()
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        if self.is_down() {
            self.power_lost(run)?;
        }
        self.mark_size(run);
        self.check_room()
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O. If a scope
    /// is open, closes it and keeps its writes. If a prefetch is under way, ends it.
    fn close(&mut self, run: &mut Run) -> Checked {
        if run.interference().is_none() {
            self.disk().disarm_all();
        }
        self.faults.at_checkpoint = None;
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        self.prefetch_end(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.compare(run)
    }

    /// Writes a checkpoint, opens the store again, and compares everything. In a run with an
    /// interference, then disarms all faults, and opens and compares once more.
    fn finish(&mut self, run: &mut Run) -> Checked {
        if self.forest.failed().is_none() {
            self.checkpoint(run)?;
        }
        self.close_and_compare(run)?;
        if run.interference().is_some() {
            self.disk().disarm_all();
            self.close_and_compare(run)?;
        }
        self.harvest(run);
        run.device_operations(self.now());
        Ok(())
    }

    /// Describes the beat, the models and the disk.
    fn describe(&self) -> Vec<String> {
        let Sides { things, ticks } = &self.sides;
        let mut lines = vec![format!(
            "beat {}, {} things, {} ticks, scope open: {}",
            self.forest.beat_number(),
            things.objects.len(),
            ticks.objects.len(),
            self.scope_is_open(),
        )];
        lines.push(self.root.to_string());
        lines.extend(self.forest.grid().storage().describe());
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.forest.trees_and_grid().1.storage_mut())
    }
}
