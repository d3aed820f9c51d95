//! The world: opens a store for a run, compares it with the model and closes it.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::manifest::Visibility;

use super::events::Event;
use super::faults::allow_in_flight;
use super::scans::Way;
use super::states;
use super::tested::Tested;
use downbeat::disk::{Order, SimulatedDisk};
use downbeat::input::encoding::{Header, Landmark};
use downbeat::records::Versioned;
use downbeat::{Checked, Phase, Run, World};
use downbeat_model::tree::{CALLS, FAULTS, ORDER, Operation, PACE};
use downbeat_storage_targets::store::{BeatFaults, Paces, Root, faults};

/// A comparison of all records looks up at most this many keys. Scans read all of them.
const GETS_MAX: usize = 128;

/// Compares records of the store with the model.
pub(super) type Compare<R> = fn(&mut Tested<R>, &mut Run) -> Checked;

impl<R: Versioned> Tested<R> {
    /// Resets everything for a run and formats the disk. `pace` is the kind of pace of the beats.
    /// `beyond` says whether the faults may exceed the limits.
    pub(super) fn open_with(
        &mut self,
        pace: usize,
        order: Order,
        beyond: bool,
        run: &mut Run,
    ) -> Checked {
        self.model.reset();
        self.log_book.clear();
        self.tables.clear();
        self.history.iter_mut().for_each(Vec::clear);
        (self.scope_writes, self.bars, self.written, self.deferred) = (0, 0, 0, (0, 0));
        self.paces = Paces::new(pace, run.luck(1));
        (self.calls, self.next) = (0, None);
        (self.under_way, self.may_leave) = (None, false);
        (self.range, self.range_before) = (None, None);
        self.in_use = None;
        (self.undone, self.checkpoints, self.openings) = (0, 0, 0);
        self.comparisons = 0;
        self.drop_tickets();
        if *self.store.options() != self.options {
            self.renew(&self.options.clone());
        }
        self.formatted = 0;
        self.root = Root::default();
        self.faults = BeatFaults::new(run.interference().is_some());
        faults::prepare(self.device(), order, beyond, false, run);
        let options = *self.store.options();
        allow_in_flight(self.device(), &options);
        self.format()
    }

    /// Compares records with `compare`. Does so again if power is lost.
    pub(super) fn sweep_with(&mut self, compare: Compare<R>, run: &mut Run) -> Checked {
        compare(self, run)?;
        while self.is_down() {
            self.power_lost(run)?;
            compare(self, run)?;
        }
        Ok(())
    }

    /// Writes a checkpoint, opens the store again, and compares records with `compare`. In a run
    /// with an interference, then disarms all faults, and opens and compares once more.
    pub(super) fn finish_with(&mut self, compare: Compare<R>, run: &mut Run) -> Checked {
        if self.store.failed().is_none() {
            self.checkpoint(run)?;
        }
        self.close_and_compare(compare, run)?;
        if run.interference().is_some() {
            self.device().disarm_all();
            self.close_and_compare(compare, run)?;
        }
        self.harvest(run);
        self.harvest_disk(run);
        Ok(())
    }

    fn close_and_compare(&mut self, compare: Compare<R>, run: &mut Run) -> Checked {
        if self.is_down() {
            self.power_lost(run)?;
        }
        self.forget_all();
        self.settle()?;
        self.reopen(run)?;
        self.sweep_with(compare, run)?;
        self.settle()
    }
}

impl<R: Versioned> World for Tested<R> {
    type Operation = Operation;

    fn renew(&mut self, geometry: &Header) -> bool {
        self.remake(geometry)
    }

    /// Resets everything for a run and formats the disk. The caller has reset the disk.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        let order = Order::ALL[header.index(ORDER)];
        self.open_with(header.index(PACE), order, header.index(FAULTS) == 1, run)?;
        self.calls = header.index(CALLS);
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        if self.is_down() {
            self.power_lost(run)?;
        }
        self.check_room_and_range()
    }

    /// Disarms all faults, except in a run with an interference, which may hit any I/O. Takes the
    /// answers of all open lookups. If a scope is open, closes it and keeps its writes.
    fn close(&mut self, run: &mut Run) -> Checked {
        if run.interference().is_none() {
            self.device().disarm_all();
        }
        self.faults.at_checkpoint = None;
        self.resume(run)?;
        if self.is_down() {
            self.power_lost(run)?;
        }
        self.answer_all(run)?;
        if self.model.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
        run.state(states::Bars, states::size(self.bars as usize));
        Ok(())
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.sweep_with(Self::compare_all, run)
    }

    fn finish(&mut self, run: &mut Run) -> Checked {
        self.finish_with(Self::compare_all, run)
    }

    fn phase(&self, key: Option<u64>, phase: &mut Phase) {
        self.phase_now(key, phase);
    }

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        match landmark {
            Landmark::Table(end) => self.table_end(end),
            Landmark::Edge(edge) => self.edge(edge),
        }
    }

    /// Describes the beat, the memtables and the tables of each level.
    fn describe(&self) -> Vec<String> {
        let tree = self.store.tree();
        let mut lines = vec![format!(
            "beat {}, {} records in the mutable table, {} in the immutable one",
            self.store.beat_number(),
            tree.mutable().len(),
            tree.immutable().len(),
        )];
        for (number, level) in tree.manifest().levels().iter().enumerate() {
            let tables = level.tables(Visibility::Any, Direction::Ascending, None);
            let tables: Vec<String> = tables
                .map(|found| {
                    let range = found.table.key_range();
                    format!("[{:x?}..{:x?}] {}", range.min, range.max, { found.table.value_count })
                })
                .collect();
            if !tables.is_empty() {
                lines.push(format!("level {number}: {}", tables.join(" ")));
            }
        }
        lines.push(self.root.to_string());
        lines.extend(self.store.grid().storage().describe());
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.store.by_hand().grid_mut().storage_mut())
    }
}

impl<R: Versioned> Tested<R> {
    /// Checks the keys of the model and their neighbours by gets, and all keys by scans in both
    /// directions.
    ///
    /// A key is looked up in one of two ways: in each part of the store, or by a call that asks the
    /// whole store. One of its neighbours is read, too. The next comparison of the run does it the
    /// other way, and reads the other neighbour. Of more than [`GETS_MAX`] keys, every second,
    /// third or so is looked up. The pace of the run decides which.
    fn compare_all(&mut self, run: &mut Run) -> Checked {
        let nth = self.model.len().div_ceil(GETS_MAX).max(1);
        let first = (self.paces.luck(self.comparisons) >> 32) as usize % nth;
        let keys = self.model.range(0, u64::MAX).skip(first).step_by(nth);
        let keys: Vec<u64> = keys.map(|(key, _)| key).collect();
        let turn = self.comparisons as usize;
        self.comparisons += 1;
        for (place, key) in keys.into_iter().enumerate() {
            let neighbour = if (place + turn).is_multiple_of(2) {
                run.step();
                self.look(key, run)?;
                key.wrapping_sub(1)
            } else {
                self.get_plainly(key, run)?;
                key.wrapping_add(1)
            };
            // A neighbour that is itself a key of the model is read when its turn comes.
            if self.model.get(neighbour).is_none() {
                self.get_plainly(neighbour, run)?;
            }
        }
        self.scan(Way::UP, usize::MAX, usize::MAX, run)?;
        self.scan(Way::DOWN, usize::MAX, usize::MAX, run)
    }
}
