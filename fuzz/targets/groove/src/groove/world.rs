//! The world: opens a store for a run, compares it with the model and closes it.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::tested::{Sides, Tested};
use crate::store::{compare, finish, format, power_lost};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::groove::{FAULTS, ORDER, Operation, TIME};

impl World for Tested {
    type Operation = Operation;

    fn renew(&mut self, geometry: &Header) -> bool {
        self.remake(geometry);
        true
    }

    /// Resets everything for a run and formats the disk. The caller has reset the disk.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.sides = Sides::default();
        (self.made, self.stamp) = (0, 0);
        self.time = header.index(TIME);
        self.store.open_run(run);
        self.store.prepare(Order::ALL[header.index(ORDER)], header.index(FAULTS) == 1, run);
        format(self)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        if self.store.is_down() {
            power_lost(self, run)?;
        }
        self.mark_size(run);
        self.check_room()
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O. If a scope
    /// is open, closes it and keeps its writes. If a prefetch is under way, ends it.
    fn close(&mut self, run: &mut Run) -> Checked {
        self.store.close_run(run);
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        self.prefetch_end(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        compare(self, run)
    }

    /// Writes a checkpoint, opens the store again, and compares everything. In a run with an
    /// interference, then disarms all faults, and opens and compares once more.
    fn finish(&mut self, run: &mut Run) -> Checked {
        finish(self, run)
    }

    fn phase(&self, _key: Option<u64>, phase: &mut Phase) {
        self.store
            .phase_now([self.scope_is_open(), self.sides.things.under_way.is_some(), false], phase);
    }

    /// Describes the beat, the models and the disk.
    fn describe(&self) -> Vec<String> {
        let Sides { things, ticks } = &self.sides;
        self.store.describe(format!(
            "beat {}, {} things, {} ticks, scope open: {}",
            self.store.forest.beat_number(),
            things.objects.len(),
            ticks.objects.len(),
            self.scope_is_open(),
        ))
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.forest.trees_and_grid().1.storage_mut())
    }
}
