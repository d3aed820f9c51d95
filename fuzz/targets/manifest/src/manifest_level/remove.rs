//! Operations that remove and move tables, and reset a level.

use downbeat_lsm::manifest::KeyRange;

use super::events::Event;
use super::levels::{ALL, Levels, info, table};
use super::states::{self, Going};
use super::{compare, events};
use downbeat::{Checked, Run};
use downbeat_model::manifest_level::{Seen, Side, Table};

impl Levels {
    pub(super) fn remove_invisible(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        let snapshots = [self.current];
        let fits = |table: &Table| table.is_invisible(&snapshots);
        if self.change_each(key, count, side, run, fits, Self::remove_one)? == 0 {
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
    ) -> Checked {
        match self.change_each(key, count, side, run, Table::is_open, Self::remove_one)? {
            0 => self.insert_instead(key, count, side, run),
            _ => Ok(()),
        }
    }

    fn remove_one(&mut self, place: usize, side: Side, run: &mut Run) -> Checked {
        let pair = &mut self.pairs[side.get() as usize];
        states::going(&pair.model, place, Going::Removed, run);
        let gone = pair.model.remove(place);
        run.step();
        pair.level.remove_table(&mut self.pool, &info(&gone));
        run.remark(|| format!("table {} removed", gone.address));
        self.check_removed(&gone, side, run)
    }

    pub(super) fn move_across(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        let other = Side::find(1 - side.get()).expect("the other level");
        let mut moved = 0;
        while moved < count && self.room(other) > 0 {
            let (from, to) = (&self.pair(side).model, &self.pair(other).model);
            let free = |table: &Table| {
                let (min, max) = (table.key_min, table.key_max);
                let mut others = to.tables().iter();
                !others.any(|other| other.overlaps(min, max) && other.is_seen_with(table))
            };
            let movable = |table: &Table| table.is_open() && free(table);
            let Some(place) = from.first_from(key, movable) else { break };
            let table = from.tables()[place];
            self.remove_one(place, side, run)?;
            self.add(table, other, run);
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
        asked: KeyRange<u64>,
        seen: Seen,
        side: Side,
        run: &mut Run,
    ) -> Checked {
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
        run.idle_if(expected.is_empty());
        Event::PurgedMany.count_if(expected.len() > 1, run);
        compare::list("purge-equals-model", &expected, &got)
            .or("a purge removes other tables than the model")?;
        for table in &expected {
            self.check_removed(table, side, run)?;
        }
        self.shape(side, run)
    }

    /// Resets the level and inserts its tables again, in the order in which they were created.
    pub(super) fn reload(&mut self, side: Side, run: &mut Run) -> Checked {
        let mut tables = self.pair(side).model.tables().to_vec();
        // In another order, tables may take more nodes than before.
        if tables.is_empty() || !self.pool_is_exact {
            run.idle();
            return Ok(());
        }
        tables.sort_unstable_by_key(|table| table.address);
        self.reset(side, run)?;
        for table in tables {
            let pair = &mut self.pairs[side.get() as usize];
            Event::ClosedInserted.count_if(!table.is_open(), run);
            run.step();
            pair.level.insert_table(&mut self.pool, &info(&table));
            pair.model.insert(table);
            self.shape(side, run)?;
        }
        self.iterate(None, self.current, side, run)
    }

    pub(super) fn reset(&mut self, side: Side, run: &mut Run) -> Checked {
        self.sweep_level(side, run)?;
        let pair = &mut self.pairs[side.get() as usize];
        run.idle_if(pair.model.tables().is_empty());
        Event::Reset.count(run);
        events::harvest(&pair.level, run);
        run.step();
        pair.level.reset(&mut self.pool);
        pair.model.reset();
        self.shape(side, run)
    }
}
