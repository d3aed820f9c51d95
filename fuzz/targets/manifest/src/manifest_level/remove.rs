//! Operations that remove and move tables, and reset a level.

use super::events::Event;
use super::levels::{ALL, Levels, info, range, table};
use super::states::{self, Going};
use super::{compare, events};
use downbeat::failure::Divergence;
use downbeat::model::manifest_level::{Seen, Side, Table};
use downbeat::run::Run;

impl Levels {
    pub(super) fn remove_invisible(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let snapshots = [self.current];
        let removed =
            self.remove_those(key, count, side, run, |table| table.is_invisible(&snapshots))?;
        if removed == 0 {
            run.redirected(|| format!("close {key:#x} count={count} level={}", side.get()));
            return self.close(key, count, side, run);
        }
        Ok(())
    }

    pub(super) fn remove_visible(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let removed = self.remove_those(key, count, side, run, Table::is_open)?;
        if removed == 0 {
            return self.insert_instead(key, count, side, run);
        }
        Ok(())
    }

    /// Removes up to `count` tables that fit, from `key` on. Returns how many.
    fn remove_those(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
        fits: impl Fn(&Table) -> bool,
    ) -> Result<u32, Divergence> {
        for removed in 0..count {
            let model = &self.pairs[side.get() as usize].model;
            let Some(place) = model.first_from(key, &fits) else { return Ok(removed) };
            self.remove_one(place, side, run)?;
        }
        Ok(count)
    }

    fn remove_one(&mut self, place: usize, side: Side, run: &mut Run) -> Result<Table, Divergence> {
        let pair = &mut self.pairs[side.get() as usize];
        states::going(&pair.model, place, Going::Removed, run);
        let gone = pair.model.remove(place);
        run.step();
        pair.level.remove_table(&mut self.pool, &info(&gone));
        run.remark(|| format!("table {} removed", gone.address));
        self.check_removed(&gone, side, run)?;
        Ok(gone)
    }

    pub(super) fn move_across(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let other = Side::find(1 - side.get()).expect("the other level");
        let mut moved = 0;
        while moved < count {
            if self.room(other) == 0 {
                break;
            }
            let (from, to) = (&self.pairs[side.get() as usize], &self.pairs[other.get() as usize]);
            let free = |table: &Table| {
                let (min, max) = (table.key_min, table.key_max);
                let mut others = to.model.tables().iter();
                !others.any(|other| other.overlaps(min, max) && other.is_seen_with(table))
            };
            let movable = |table: &Table| table.is_open() && free(table);
            let Some(place) = from.model.first_from(key, movable) else { break };
            let table = self.remove_one(place, side, run)?;
            let pair = &mut self.pairs[other.get() as usize];
            run.step();
            pair.level.insert_table(&mut self.pool, &info(&table));
            let place = pair.model.insert(table);
            states::inserted(&pair.model, place, run);
            Event::Moved.count(run);
            self.check_inserted(&table, other, run)?;
            moved += 1;
        }
        if moved == 0 {
            run.redirected(|| {
                format!("remove_visible {key:#x} count={count} level={}", side.get())
            });
            return self.remove_visible(key, count, side, run);
        }
        Ok(())
    }

    pub(super) fn purge(
        &mut self,
        key: u64,
        span: u64,
        seen: Seen,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let asked = range(key, span);
        // A table that the current snapshot sees is never removed, because an earlier snapshot may
        // still read it.
        let earlier = self.current.saturating_sub(seen.get().saturating_sub(1));
        let both = [earlier, self.current];
        let snapshots = if seen.get() < 2 { &both[1..] } else { &both[..] };
        let pair = &mut self.pairs[side.get() as usize];
        let mut expected = Vec::new();
        for place in (0..pair.model.tables().len()).rev() {
            let table = pair.model.tables()[place];
            if table.is_invisible(snapshots) && table.overlaps(asked.min, asked.max) {
                expected.push(pair.model.remove(place));
            }
        }
        let mut got = Vec::new();
        run.step();
        let within = (asked != ALL).then_some(asked);
        pair.level.remove_invisible_tables(&mut self.pool, snapshots, within, |info| {
            got.push(table(info));
        });
        run.remark(|| format!("{} tables removed", got.len()));
        if expected.is_empty() {
            run.idle();
        }
        if expected.len() > 1 {
            Event::PurgedMany.count(run);
        }
        compare::list("purge-equals-model", &expected, &got)
            .or("a purge removes other tables than the model")?;
        for table in &expected {
            self.check_removed(table, side, run)?;
        }
        self.shape(side, run)
    }

    /// Resets the level and inserts its tables again, in the order in which they were created.
    pub(super) fn reload(&mut self, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let mut tables = self.pairs[side.get() as usize].model.tables().to_vec();
        // In another order, tables may take more nodes than before.
        if tables.is_empty() || !self.pool_is_exact {
            run.idle();
            return Ok(());
        }
        tables.sort_unstable_by_key(|table| table.address);
        self.reset(side, run)?;
        for table in tables {
            let pair = &mut self.pairs[side.get() as usize];
            if !table.is_open() {
                Event::ClosedInserted.count(run);
            }
            run.step();
            pair.level.insert_table(&mut self.pool, &info(&table));
            pair.model.insert(table);
            self.shape(side, run)?;
        }
        self.iterate_all(None, self.current, side, run)
    }

    pub(super) fn reset(&mut self, side: Side, run: &mut Run) -> Result<(), Divergence> {
        self.sweep_level(side, run)?;
        let pair = &mut self.pairs[side.get() as usize];
        if pair.model.tables().is_empty() {
            run.idle();
        }
        Event::Reset.count(run);
        events::harvest(&pair.level, run);
        run.step();
        pair.level.reset(&mut self.pool);
        pair.model.reset();
        self.shape(side, run)
    }
}
