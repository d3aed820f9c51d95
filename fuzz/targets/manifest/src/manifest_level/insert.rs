//! Operations that insert tables.

use super::events::Event;
use super::levels::{Levels, Pair, info};
use super::states;
use downbeat::{Checked, Run};
use downbeat_model::manifest_level::{Side, Table};

/// The key ranges of tables to insert: from `key` up, each of `width` + 1 keys, with `gap` keys
/// between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub(super) key: u64,
    pub(super) width: u64,
    pub(super) gap: u64,
}

impl Levels {
    pub(super) fn insert(
        &mut self,
        count: u32,
        spread: Spread,
        side: Side,
        down: bool,
        run: &mut Run,
    ) -> Checked {
        if !self.lay_out(count, spread, side) {
            return self.make_room(spread.key, count, side, run);
        }
        self.insert_all(side, down, run)
    }

    pub(super) fn fill(&mut self, left: u32, spread: Spread, side: Side, run: &mut Run) -> Checked {
        let count = self.room(side).saturating_sub(left);
        if count == 0 {
            run.idle();
            return Ok(());
        }
        if !self.lay_out(count, spread, side) {
            return self.make_room(spread.key, 1, side, run);
        }
        self.insert_all(side, false, run)
    }

    /// Fills `ranges` with the key ranges of up to `count` new tables. If no range is free from
    /// `spread.key` on, searches from key 0. Returns whether at least one table can be inserted.
    fn lay_out(&mut self, count: u32, spread: Spread, side: Side) -> bool {
        let Spread { key, width, gap } = spread;
        let count = count.min(self.room(side));
        let model = &self.pairs[side.get() as usize].model;
        let free = |start| model.free_range(start, width, self.current);
        self.ranges.clear();
        let mut next = Some(key);
        while self.ranges.len() < count as usize {
            let free = match next.and_then(free) {
                None if self.ranges.is_empty() => free(0),
                above => above,
            };
            let Some(range) = free else { break };
            self.ranges.push(range);
            next = range.1.checked_add(1).and_then(|next| next.checked_add(gap));
        }
        !self.ranges.is_empty()
    }

    fn insert_all(&mut self, side: Side, down: bool, run: &mut Run) -> Checked {
        let mut ranges = std::mem::take(&mut self.ranges);
        if down {
            ranges.reverse();
        }
        let inserted = ranges.iter().try_for_each(|range| self.insert_one(*range, side, run));
        self.ranges = ranges;
        inserted
    }

    fn insert_one(&mut self, range: (u64, u64), side: Side, run: &mut Run) -> Checked {
        let table = self.made(range);
        run.keys.wrote(table.key_min);
        if table.key_max != table.key_min {
            run.keys.wrote(table.key_max);
        }
        run.remark(|| format!("table {} of {:#x}..{:#x}", table.address, range.0, range.1));
        self.add(table, side, run);
        let Pair { level, model } = self.pair(side);
        Event::LevelFull.count_if(model.tables().len() == level.table_count_max() as usize, run);
        self.check_inserted(&table, side, run)
    }

    /// Adds to a level a table that overlaps no other table.
    pub(super) fn add(&mut self, table: Table, side: Side, run: &mut Run) {
        let Pair { level, model } = &mut self.pairs[side.get() as usize];
        run.step();
        level.insert_table(&mut self.pool, &info(&table));
        let place = model.insert(table);
        states::inserted(model, place, run);
    }

    /// Removes tables instead of inserting some. If there is none to remove, takes a snapshot.
    #[cold]
    fn make_room(&mut self, key: u64, count: u32, side: Side, run: &mut Run) -> Checked {
        let model = &self.pair(side).model;
        let (current, level) = (self.current, side.get());
        if model.tables().iter().any(|table| table.is_invisible(&[current])) {
            Event::RemovedForRoom.count(run);
            run.redirected(|| format!("remove_invisible {key:#x} count={count} level={level}"));
            return self.remove_invisible(key, count, side, run);
        }
        if model.tables().iter().any(Table::is_open) {
            Event::RemovedForRoom.count(run);
            run.redirected(|| format!("remove_visible {key:#x} count={count} level={level}"));
            return self.remove_visible(key, count, side, run);
        }
        run.redirected(|| "snapshot".to_owned());
        self.take_snapshot(run)
    }
}
