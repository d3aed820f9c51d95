//! Insertions.

use super::events::Event;
use super::levels::{Levels, info};
use super::states;
use downbeat::failure::Divergence;
use downbeat::model::manifest_level::{Gap, Side, Table, Tables, Width};
use downbeat::run::Run;

impl Levels {
    #[expect(clippy::too_many_arguments, reason = "those of the operation")]
    pub(super) fn insert(
        &mut self,
        key: u64,
        count: Tables,
        width: Width,
        gap: Gap,
        side: Side,
        down: bool,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if !self.lay_out(key, count.get(), width, gap, side) {
            return self.make_room(key, count.get(), side, run);
        }
        self.insert_all(side, down, run)
    }

    pub(super) fn fill(
        &mut self,
        key: u64,
        left: u32,
        width: Width,
        gap: Gap,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let count = self.room(side).saturating_sub(left);
        if count == 0 {
            run.idle();
            return Ok(());
        }
        if !self.lay_out(key, count, width, gap, side) {
            return self.make_room(key, 1, side, run);
        }
        self.insert_all(side, false, run)
    }

    /// Chooses the key ranges of up to `count` tables from `key` up, and stores them in `ranges`.
    /// Starts again at key 0 if there is no place above `key`. Returns whether there is a place and
    /// room for at least one table.
    fn lay_out(&mut self, key: u64, count: u32, width: Width, gap: Gap, side: Side) -> bool {
        let count = count.min(self.room(side));
        let model = &self.pairs[side.get() as usize].model;
        let (width, current) = (width.get(), self.current);
        self.ranges.clear();
        let mut next = Some(key);
        while self.ranges.len() < count as usize {
            let free = next.and_then(|start| model.free_range(start, width, current));
            let free = match free {
                None if self.ranges.is_empty() => model.free_range(0, width, current),
                free => free,
            };
            let Some(range) = free else { break };
            self.ranges.push(range);
            next = range.1.checked_add(1).and_then(|next| next.checked_add(gap.get()));
        }
        !self.ranges.is_empty()
    }

    fn insert_all(&mut self, side: Side, down: bool, run: &mut Run) -> Result<(), Divergence> {
        let mut ranges = std::mem::take(&mut self.ranges);
        if down {
            ranges.reverse();
        }
        let inserted = ranges.iter().try_for_each(|range| self.insert_one(*range, side, run));
        self.ranges = ranges;
        inserted
    }

    fn insert_one(
        &mut self,
        range: (u64, u64),
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let table = self.made(range);
        run.keys.wrote(table.key_min);
        if table.key_max != table.key_min {
            run.keys.wrote(table.key_max);
        }
        run.remark(|| format!("table {} of {:#x}..{:#x}", table.address, range.0, range.1));
        let pair = &mut self.pairs[side.get() as usize];
        run.step();
        pair.level.insert_table(&mut self.pool, &info(&table));
        let place = pair.model.insert(table);
        states::inserted(&pair.model, place, run);
        if pair.model.tables().len() == pair.level.table_count_max() as usize {
            Event::LevelFull.count(run);
        }
        self.check_inserted(&table, side, run)
    }

    /// Removes tables instead of inserting some. If no table may be removed, takes a snapshot.
    #[cold]
    fn make_room(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let model = &self.pairs[side.get() as usize].model;
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
