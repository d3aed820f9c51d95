//! Checks after an operation: the table that it changed, and the totals of the level.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, TableInfo, TableReference};

use super::compare;
use super::levels::{Levels, info, range, table};
use downbeat::check::{equal, fail};
use downbeat::failure::Divergence;
use downbeat::model::manifest_level::{SNAPSHOT_LATEST, Side, Table};
use downbeat::run::Run;

impl Levels {
    /// Checks an inserted table: it is found by its description and by its keys, and is counted.
    pub(super) fn check_inserted(
        &self,
        came: &Table,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let reference = self.reference(came, side, run)?;
        let pair = &self.pairs[side.get() as usize];
        let got = table(pair.level.table(reference));
        compare::table("find-equals-model", came, &got)
            .or("a table is not the one that was inserted")?;
        self.next_is(came, SNAPSHOT_LATEST, Direction::Ascending, side, run)?;
        self.shape(side, run)
    }

    /// Checks a closed table: it is found, and the right snapshots see it.
    pub(super) fn check_closed(
        &self,
        closed: &Table,
        before: &TableInfo<u64>,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        run.step();
        // A table is found without its last snapshot, so the earlier description still finds it.
        let got = pair.level.find(before).map(|reference| table(pair.level.table(reference)));
        compare::option("find-equals-model", Some(closed), got.as_ref())
            .or("a closed table is not the model's")?;
        for (snapshot, direction) in
            [(SNAPSHOT_LATEST, Direction::Descending), (self.current, Direction::Ascending)]
        {
            self.next_is(closed, snapshot, direction, side, run)?;
        }
        self.shape(side, run)
    }

    /// Checks a removed table: it is not found.
    pub(super) fn check_removed(
        &self,
        gone: &Table,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        run.step();
        let got = pair.level.find(&info(gone)).map(|reference| table(pair.level.table(reference)));
        compare::option("find-equals-model", None, got.as_ref()).or("a removed table is found")?;
        self.next_is(gone, self.current, Direction::Descending, side, run)?;
        self.shape(side, run)
    }

    /// The reference of a table that the level has.
    pub(super) fn reference(
        &self,
        sought: &Table,
        side: Side,
        run: &mut Run,
    ) -> Result<TableReference, Divergence> {
        run.step();
        let found = self.pairs[side.get() as usize].level.find(&info(sought));
        found.ok_or_else(|| {
            let failed = fail("find-equals-model", compare::text(sought), "none");
            failed.saying("a table of the level is not found")
        })
    }

    /// Checks the next table within the keys of `around`.
    fn next_is(
        &self,
        around: &Table,
        snapshot: u64,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        let (min, max) = (around.key_min, around.key_max);
        run.step();
        let got = pair.level.next_table(snapshot, KeyRange { min, max }, None, direction);
        let mut expected = pair.model.overlapping(min, max, snapshot);
        let expected = match direction {
            Direction::Ascending => expected.next(),
            Direction::Descending => expected.last(),
        };
        let got = got.map(|found| compare::found(&pair.level, found)).transpose()?;
        compare::option("next-table-equals-model", expected, got.as_ref())
            .or("the next table within the keys of a touched table is not the model's")
    }

    /// Checks the totals of a level.
    pub(super) fn shape(&self, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        let (level, model) = (&pair.level, &pair.model);
        run.step();
        let count = model.tables().len() as u64;
        equal("table-count-equals-model", count, u64::from(level.table_count()))
            .or("the level counts more or fewer tables than the model")?;
        let (tables, values) = model.open_counts();
        equal("visible-count-equals-model", tables, level.table_count_visible())
            .or("the level counts more or fewer visible tables than the model")?;
        equal("value-count-equals-model", values, level.value_count_visible())
            .or("the level counts more or fewer visible values than the model")?;
        equal("generation-equals-model", model.generation(), level.generation())
            .or("the generation of the level differs from the model's")?;
        let got = level.key_range_latest().map(|range| (range.min, range.max));
        compare::key_range(model.key_range_latest(), got)?;
        run.result(u64::from(level.table_count()));
        run.result(values);
        run.result(got.map_or(0, |(min, max)| min ^ max.rotate_left(1)));
        self.nodes_balance()
    }

    /// Checks that the pool has given as many nodes as the levels hold.
    pub(super) fn nodes_balance(&self) -> Result<(), Divergence> {
        let held = |pair: &super::levels::Pair| {
            pair.level.keys().node_count() + pair.level.table_array().node_count()
        };
        let held: u32 = self.pairs.iter().map(held).sum();
        equal("nodes-balance", held, self.pool.acquired_count())
            .or("more or fewer nodes are taken from the pool than the levels hold")
    }

    /// Checks the tables that overlap the keys from `key` to `key + span`. Returns their number.
    pub(super) fn overlap_is(
        &self,
        key: u64,
        span: u64,
        snapshot: u64,
        limit: usize,
        side: Side,
        run: &mut Run,
    ) -> Result<usize, Divergence> {
        let pair = &self.pairs[side.get() as usize];
        let asked = range(key, span);
        run.step();
        let got = pair.level.tables_overlapping(asked, snapshot, limit);
        let expected = pair.model.overlapping(asked.min, asked.max, snapshot);
        let count = expected.clone().count();
        compare::overlap(&pair.level, (asked.min, asked.max), expected, limit, got.as_ref())?;
        Ok(count)
    }
}
