//! All of both levels at once: every table under every visibility and in both directions, table
//! after table, what overlaps what; the structure; the pool.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, LevelStatistics, Visibility};

use super::levels::{ALL, Levels, near_end, next_in};
use super::{compare, events, states};
use downbeat::check::holds;
use downbeat::model::manifest_level::{SNAPSHOT_LATEST, Side};
use downbeat::{Checked, Run};

/// The most tables that an overlap can name.
const LIMIT: usize = downbeat_lsm::manifest::OVERLAP_MAX;

impl Levels {
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Checked {
        for side in Side::both() {
            self.sweep_level(side, run)?;
        }
        self.pool.verify();
        self.nodes_balance()
    }

    pub(super) fn sweep_level(&self, side: Side, run: &mut Run) -> Checked {
        let pair = self.pair(side);
        pair.level.verify();
        self.shape(side, run)?;
        // One way for each snapshot; the end of a run goes the other ways.
        self.one_after_the_other(SNAPSHOT_LATEST, Direction::Ascending, side, run)?;
        self.one_after_the_other(self.current, Direction::Descending, side, run)?;
        self.iterate(None, SNAPSHOT_LATEST, side, run)?;
        self.overlaps(side, run)?;
        if pair.level.table_count_visible() > 0 {
            for limit in [0, 1, LIMIT] {
                self.least(limit, SNAPSHOT_LATEST, side, run)?;
            }
        }
        for table in pair.model.tables() {
            run.result(table.address);
            run.result(table.snapshot_max);
        }
        Ok(())
    }

    /// Each table by way of the one before it.
    fn one_after_the_other(
        &self,
        snapshot: u64,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        let pair = self.pair(side);
        let mut expected = pair.model.visible(snapshot);
        let mut before = None;
        loop {
            run.step();
            let got = pair.level.next_table(snapshot, ALL, before, direction);
            let got = got.map(|found| compare::found(&pair.level, found)).transpose()?;
            let next = next_in(&mut expected, direction);
            compare::option("next-table-equals-model", next, got.as_ref())
                .or("the next table behind a table is not the model's")?;
            before = got.map(|table| near_end(&table, direction.reverse()));
            if before.is_none() {
                return Ok(());
            }
        }
    }

    /// What overlaps the last key of each table, and the keys between it and the next but one.
    fn overlaps(&self, side: Side, run: &mut Run) -> Checked {
        let tables = self.pairs[side.get() as usize].model.tables();
        for (place, table) in tables.iter().enumerate() {
            let further = tables.get(place + 2).map_or(u64::MAX, |table| table.key_max);
            let snapshot = if place % 2 == 0 { SNAPSHOT_LATEST } else { self.current };
            self.overlap_is(KeyRange::new(table.key_max, further), snapshot, LIMIT, side, run)?;
        }
        Ok(())
    }

    /// Ends the run: what a sweep leaves out is compared, then every node goes back. A reset that
    /// forgets something is noticed here, in the run to which it belongs, and not in the next one.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Checked {
        for side in Side::both() {
            self.one_after_the_other(self.current, Direction::Ascending, side, run)?;
            self.one_after_the_other(SNAPSHOT_LATEST, Direction::Descending, side, run)?;
            for snapshot in [self.current, self.current.saturating_sub(1)] {
                for direction in [Direction::Ascending, Direction::Descending] {
                    self.iterated(None, Visibility::Visible(snapshot), direction, side, run)?;
                }
            }
            states::whole(&self.pair(side).model, self.current, run);
        }
        for pair in &mut self.pairs {
            events::harvest(&pair.level, run);
            pair.level.reset(&mut self.pool);
            pair.model.reset();
        }
        self.pool.assert_all_free();
        self.sweep_all(run)?;
        for pair in &self.pairs {
            let statistics = pair.level.statistics();
            holds("reset-is-as-new", *statistics == LevelStatistics::default())
                .show(|| ("zeros", format!("{statistics:?}")))
                .or("a level counts something after a reset")?;
        }
        Ok(())
    }
    /// What both levels hold, as the model has it, in lines.
    pub(super) fn lines(&self) -> Vec<String> {
        const SHOWN: usize = 16;
        let mut lines = vec![format!("current snapshot {}", self.current)];
        for (number, pair) in self.pairs.iter().enumerate() {
            let tables = pair.model.tables();
            let mut shown: Vec<String> = tables.iter().take(SHOWN).map(compare::text).collect();
            match tables.len() {
                0 => shown.push("empty".to_owned()),
                all if all > SHOWN => shown.push(format!("and {} more", all - SHOWN)),
                _ => {}
            }
            lines.push(format!("level {number} by the model: {}", shown.join(", ")));
        }
        lines
    }
}
