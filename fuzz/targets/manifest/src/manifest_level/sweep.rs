//! Compares both levels as a whole: the tables under every visibility and in both directions, the
//! table after each table, all overlaps, the structure, and the pool.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{LevelStatistics, Visibility};

use super::levels::{ALL, Levels};
use super::{compare, events, states};
use downbeat::check::holds;
use downbeat::failure::Divergence;
use downbeat::model::manifest_level::{SNAPSHOT_LATEST, Side};
use downbeat::run::Run;

/// The maximum number of tables of an overlap.
const LIMIT: usize = downbeat_lsm::manifest::OVERLAP_MAX;

impl Levels {
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
        for side in Side::both() {
            self.sweep_level(side, run)?;
        }
        self.pool.verify();
        self.nodes_balance()
    }

    pub(super) fn sweep_level(&self, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        pair.level.verify();
        self.shape(side, run)?;
        // One direction for each snapshot. The end of a run checks the other directions.
        self.one_after_the_other(SNAPSHOT_LATEST, Direction::Ascending, side, run)?;
        self.one_after_the_other(self.current, Direction::Descending, side, run)?;
        self.iterate_all(None, SNAPSHOT_LATEST, side, run)?;
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

    /// Checks that each table is found as the next one after its predecessor.
    fn one_after_the_other(
        &self,
        snapshot: u64,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        let mut expected = pair.model.visible(snapshot);
        let mut before = None;
        loop {
            run.step();
            let got = pair.level.next_table(snapshot, ALL, before, direction);
            let got = got.map(|found| compare::found(&pair.level, found)).transpose()?;
            let (next, beyond) = match direction {
                Direction::Ascending => (expected.next(), got.map(|table| table.key_max)),
                Direction::Descending => (expected.next_back(), got.map(|table| table.key_min)),
            };
            compare::option("next-table-equals-model", next, got.as_ref())
                .or("the next table after a table is not the model's")?;
            if beyond.is_none() {
                return Ok(());
            }
            before = beyond;
        }
    }

    /// Checks the overlap of the last key of each table, and of the keys from there to the next
    /// table but one.
    fn overlaps(&self, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let tables = self.pairs[side.get() as usize].model.tables();
        for (place, table) in tables.iter().enumerate() {
            let further = tables.get(place + 2).map_or(u64::MAX, |table| table.key_max);
            let span = further.saturating_sub(table.key_max);
            let snapshot = if place % 2 == 0 { SNAPSHOT_LATEST } else { self.current };
            self.overlap_is(table.key_max, span, snapshot, LIMIT, side, run)?;
        }
        Ok(())
    }

    /// Ends the run: compares what a sweep leaves out, then returns every node to the pool. An
    /// incomplete reset is noticed in the run that causes it, not in the next one.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
        for side in Side::both() {
            self.one_after_the_other(self.current, Direction::Ascending, side, run)?;
            self.one_after_the_other(SNAPSHOT_LATEST, Direction::Descending, side, run)?;
            for snapshot in [self.current, self.current.saturating_sub(1)] {
                for direction in [Direction::Ascending, Direction::Descending] {
                    self.iterated(None, Visibility::Visible(snapshot), direction, side, run)?;
                }
            }
            states::whole(&self.pairs[side.get() as usize].model, self.current, run);
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
                .or("a level has a count other than zero after a reset")?;
        }
        Ok(())
    }
    /// Describes what both levels hold according to the model.
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
