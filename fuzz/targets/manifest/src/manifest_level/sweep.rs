//! Compares both levels as a whole: the tables with every visibility and in both directions, the
//! next table after each table, overlaps, the structure, and the pool.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;

use super::compare;
use super::levels::{ALL, Levels, near_end, next_in};
use downbeat::{Checked, Run};
use downbeat_model::manifest_level::{SNAPSHOT_LATEST, Side};

/// The maximum number of tables of an overlap.
const LIMIT: usize = downbeat_lsm::manifest::OVERLAP_MAX;

impl Levels {
    pub(super) fn sweep_level(&self, side: Side, run: &mut Run) -> Checked {
        let pair = self.pair(side);
        pair.level.verify();
        self.shape(side, run)?;
        // One direction for each snapshot is enough here. The end of a run checks the others.
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

    /// Checks that each table that `snapshot` sees is found as the next one after its predecessor.
    pub(super) fn one_after_the_other(
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
                .or("the next table after a table is not the model's")?;
            before = got.map(|table| near_end(&table, direction.reverse()));
            if before.is_none() {
                return Ok(());
            }
        }
    }

    /// Checks, for each table, the overlap of the range from its last key to the last key of the
    /// next table but one.
    fn overlaps(&self, side: Side, run: &mut Run) -> Checked {
        let tables = self.pairs[side.get() as usize].model.tables();
        for (place, table) in tables.iter().enumerate() {
            let further = tables.get(place + 2).map_or(u64::MAX, |table| table.key_max);
            let snapshot = if place % 2 == 0 { SNAPSHOT_LATEST } else { self.current };
            self.overlap_is(KeyRange::new(table.key_max, further), snapshot, LIMIT, side, run)?;
        }
        Ok(())
    }
}
