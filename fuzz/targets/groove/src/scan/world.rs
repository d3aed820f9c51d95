//! The world: opens a store for a run, compares it with the model and closes it.

use std::collections::BTreeSet;

use downbeat_lsm::collections::Direction;

use super::queries::Reading;
use super::states;
use super::tested::Tested;
use crate::store::{compare, finish, format, power_lost};
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::states::octave;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::scan as model;
use downbeat_model::scan::{Condition, FAULTS, ORDER, Operation, Shape, Stored as _, TIME};

impl Tested {
    /// Queries each value of each index that a row has, in both directions.
    pub(super) fn compare_rows(&mut self, run: &mut Run) -> Checked {
        let shape = Shape::find(0).expect("the first expression is one condition");
        for field in model::Row::INDEXED {
            let rows = self.rows.objects.all();
            let values: BTreeSet<u128> = rows.filter_map(|row| row.indexed(field)).collect();
            for value in values {
                if self.store.is_down() {
                    return Ok(());
                }
                let is_even = value % 2 == 0;
                let reading = Reading {
                    direction: if is_even { Direction::Ascending } else { Direction::Descending },
                    page: if is_even { 64 } else { 3 },
                    before: 0,
                    seeks: Vec::new(),
                    rest: usize::MAX,
                };
                self.query(&Condition::Equals(field, value), shape, &reading, run)?;
            }
        }
        Ok(())
    }
}

impl World for Tested {
    type Operation = Operation;

    fn renew(&mut self, geometry: &Header) -> bool {
        self.remake(geometry);
        true
    }

    /// Resets everything for a run and formats the disk. The caller has reset the disk.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.rows = model::Rows::default();
        self.cursors = [const { None }; 3];
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
        run.state(states::Rows, octave(self.rows.objects.len() as u64));
        self.check_room()
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O.
    fn close(&mut self, run: &mut Run) -> Checked {
        self.store.close_run(run);
        Ok(())
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
        self.store.phase_now([0, 1, 2].map(|cursor| self.cursors[cursor].is_some()), phase);
    }

    /// Describes the beat, the model and the disk.
    fn describe(&self) -> Vec<String> {
        let beat = self.store.forest.beat_number();
        self.store.describe(format!("beat {beat}, {} rows", self.rows.objects.len()))
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.disk())
    }
}
