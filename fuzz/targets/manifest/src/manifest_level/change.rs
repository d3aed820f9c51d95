//! Operations that close tables and take snapshots.

use downbeat_lsm::manifest::KeyRange;

use super::events::Event;
use super::insert::Spread;
use super::levels::Levels;
use super::states::{self, Going};
use downbeat::{Checked, Run};
use downbeat_model::manifest_level::{Side, Table};

impl Levels {
    /// Calls `change` up to `count` times, each time for the first table that satisfies `fits`. The
    /// search begins at the first table that ends at `key` or above, and wraps around. Returns the
    /// number of calls.
    pub(super) fn change_each(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
        fits: impl Fn(&Table) -> bool,
        change: impl Fn(&mut Self, usize, Side, &mut Run) -> Checked,
    ) -> Checked<u32> {
        for changed in 0..count {
            let Some(place) = self.pair(side).model.first_from(key, &fits) else {
                return Ok(changed);
            };
            change(self, place, side, run)?;
        }
        Ok(count)
    }

    pub(super) fn close(&mut self, key: u64, count: u32, side: Side, run: &mut Run) -> Checked {
        match self.change_each(key, count, side, run, Table::is_open, Self::close_one)? {
            0 => self.insert_instead(key, count, side, run),
            _ => Ok(()),
        }
    }

    /// Closes the open tables that overlap a range.
    pub(super) fn close_range(
        &mut self,
        range: KeyRange<u64>,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        let meets = |table: &Table| table.is_open() && table.overlaps(range.min, range.max);
        let closed = self.change_each(range.min, u32::MAX, side, run, meets, Self::close_one)?;
        run.idle_if(closed == 0);
        Ok(())
    }

    fn close_one(&mut self, place: usize, side: Side, run: &mut Run) -> Checked {
        let model = &self.pair(side).model;
        let before = model.tables()[place];
        states::going(model, place, Going::Closed, run);
        let found = self.find_is(&before, Some(&before), side, run)?;
        let pair = &mut self.pairs[side.get() as usize];
        run.step();
        pair.level.set_snapshot_max(self.current, found.expect("the table was just found"));
        pair.model.close(place, self.current);
        run.remark(|| format!("table {} closed", before.address));
        let after = pair.model.tables()[place];
        self.check_closed(&after, side, run)
    }

    pub(super) fn take_snapshot(&mut self, run: &mut Run) -> Checked {
        self.current += 1;
        run.remark(|| format!("snapshot {}", self.current));
        for side in Side::both() {
            states::snapshot_taken(&self.pair(side).model, self.current, run);
            self.shape(side, run)?;
        }
        Ok(())
    }

    /// Inserts up to two tables, in place of an operation that finds no table to close or remove.
    pub(super) fn insert_instead(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        Event::InsertedForWantOfTables.count(run);
        let (count, level) = (count.min(2), side.get());
        run.redirected(|| format!("insert {key:#x} count={count} level={level}"));
        self.insert(count, Spread { key, width: 1, gap: 0 }, side, false, run)
    }
}
