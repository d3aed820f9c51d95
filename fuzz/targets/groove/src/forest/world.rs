//! The world: opens a store for a run, compares it with the models and closes it.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::Event;
use super::tested::Tested;
use crate::store::{checkpoint, compare, finish_with, format, power_lost, reopen, resume, settle};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::forest::{FAULTS, ORDER, Operation, PACE, PLAIN, SCHEDULE, TIME};
use downbeat_storage_targets::store::Paces;

impl Tested {
    /// Repeats what is left of the history, and writes a checkpoint. Returns whether the store did
    /// not fail.
    fn bring_up(&mut self, run: &mut Run) -> Checked<bool> {
        // Each failure uses up an armed fault, and damage makes the same beat fail again.
        for _ in 0..3 {
            if self.store.is_down() {
                power_lost(self, run)?;
            }
            if !self.is_full && self.go_live(run)? {
                checkpoint(self, run)?;
            }
            if self.store.can_write() {
                return Ok(true);
            }
        }
        if self.store.is_down() {
            power_lost(self, run)?;
        }
        Ok(false)
    }

    fn close_and_compare(&mut self, run: &mut Run) -> Checked {
        if self.store.is_down() {
            power_lost(self, run)?;
        }
        let is_up = self.bring_up(run)?;
        compare(self, run)?;
        if is_up && self.is_live() && self.store.can_write() {
            Event::Compared.count_if(self.was_reopened, run);
            self.compare_with_twin(run)?;
        }
        settle(self)?;
        if self.store.is_down() {
            power_lost(self, run)?;
        } else {
            reopen(self, run)?;
        }
        compare(self, run)?;
        if is_up && !self.is_full {
            self.replay(u32::MAX, run)?;
            if self.is_live() && self.store.can_write() {
                Event::ComparedAgain.count(run);
                self.compare_with_twin(run)?;
            }
        }
        if self.store.is_down() {
            power_lost(self, run)?;
        }
        settle(self)
    }
}

impl World for Tested {
    type Operation = Operation;

    fn renew(&mut self, geometry: &Header) -> bool {
        self.remake(geometry);
        true
    }

    /// Resets everything for a run and formats the disk. The caller has reset the disks.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        (self.made, self.stamp) = (0, 0);
        self.time = header.index(TIME);
        self.paces = Paces::new(header.index(PACE), header.index(SCHEDULE) as u64);
        self.plain = header.index(PLAIN);
        self.forget();
        let order = header.index(ORDER);
        self.store.open_run(run);
        self.store.prepare(Order::ALL[order], header.index(FAULTS) == 1, run);
        self.twin.open_run(Order::ALL[(order + 1) % Order::ALL.len()]);
        format(self)
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        if self.store.is_down() {
            power_lost(self, run)?;
        }
        if self.store.left.is_some() { Ok(()) } else { self.check_room() }
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O. If a scope
    /// is open, closes it and keeps its writes.
    fn close(&mut self, run: &mut Run) -> Checked {
        self.store.close_run(run);
        resume(self, run)?;
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        Ok(())
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        compare(self, run)
    }

    /// Repeats what is left of the history, writes a checkpoint, and compares everything with the
    /// models and with the twin. Does the same after the store is opened again. In a run with an
    /// interference, then disarms all faults, and does all of this once more.
    fn finish(&mut self, run: &mut Run) -> Checked {
        finish_with(self, run, Self::close_and_compare)
    }

    fn phase(&self, _key: Option<u64>, phase: &mut Phase) {
        self.store.phase_now([self.scope_is_open(), !self.is_live(), self.is_full], phase);
    }

    /// Describes the beat, the models and the disk.
    fn describe(&self) -> Vec<String> {
        let [narrow, wide] = self.sides.plain.each_ref().map(|records| records.entries.len());
        self.store.describe(format!(
            "beat {}, {narrow} narrow and {wide} wide records, {} parts, {} ticks, scope open: {}",
            self.store.forest.beat_number(),
            self.sides.parts.objects.len(),
            self.sides.ticks.objects.len(),
            self.scope_is_open(),
        ))
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        match number {
            0 => Some(self.store.disk()),
            1 => Some(self.twin.disk()),
            _ => None,
        }
    }
}
