//! What an operation touches, compared after it: the table itself, and what the level says of all.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, TableInfo, TableReference};

use super::compare;
use super::levels::{Levels, info, range, table};
use downbeat::failure::{Divergence, equal};
use downbeat::model::manifest_level::{SNAPSHOT_LATEST, Side, Table};
use downbeat::run::Run;

impl Levels {
    /// A table came: it is found, it is the one of its keys, and all is counted.
    pub(super) fn check_inserted(
        &self,
        came: &Table,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let reference = self.reference(came, side, run)?;
        let pair = &self.pairs[side.get() as usize];
        let got = table(pair.level.table(reference));
        compare::table("find-equals-model", "a table is not what was inserted", came, &got)?;
        self.next_is(came, SNAPSHOT_LATEST, Direction::Ascending, side, run)?;
        self.shape(side, run)
    }

    /// A table was closed: it is found as such, and seen by whom it should be.
    pub(super) fn check_closed(
        &self,
        closed: &Table,
        before: &TableInfo<u64>,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        run.step();
        // What it is looked for by does not include its last snapshot.
        let got = pair.level.find(before).map(|reference| table(pair.level.table(reference)));
        compare::option("find-equals-model", CLOSED, Some(closed), got.as_ref())?;
        for (snapshot, direction) in
            [(SNAPSHOT_LATEST, Direction::Descending), (self.current, Direction::Ascending)]
        {
            self.next_is(closed, snapshot, direction, side, run)?;
        }
        self.shape(side, run)
    }

    /// A table went: it is not found any more.
    pub(super) fn check_removed(
        &self,
        gone: &Table,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        run.step();
        let got = pair.level.find(&info(gone)).map(|reference| table(pair.level.table(reference)));
        let what = "a table that was removed is found";
        compare::option("find-equals-model", what, None, got.as_ref())?;
        self.next_is(gone, self.current, Direction::Descending, side, run)?;
        self.shape(side, run)
    }

    /// The table by reference: it must be found.
    pub(super) fn reference(
        &self,
        sought: &Table,
        side: Side,
        run: &mut Run,
    ) -> Result<TableReference, Divergence> {
        run.step();
        let found = self.pairs[side.get() as usize].level.find(&info(sought));
        let what = "a table of the level is not found";
        found.ok_or_else(|| compare::other("find-equals-model", what, Some(sought), None))
    }

    /// Who is next, within the keys of `around`.
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
        let what = "the next table within the keys of the one touched is another";
        compare::option("next-table-equals-model", what, expected, got.as_ref())
    }

    /// What a level says of all of its tables.
    pub(super) fn shape(&self, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let pair = &self.pairs[side.get() as usize];
        let (level, model) = (&pair.level, &pair.model);
        run.step();
        equal(
            "table-count-equals-model",
            "the level counts other tables than the model",
            model.tables().len() as u64,
            u64::from(level.table_count()),
        )?;
        let (tables, values) = model.open_counts();
        equal(
            "visible-count-equals-model",
            "the level counts other visible tables than the model",
            u64::from(tables),
            u64::from(level.table_count_visible()),
        )?;
        equal(
            "value-count-equals-model",
            "the level counts other visible values than the model",
            values,
            level.value_count_visible(),
        )?;
        equal(
            "generation-equals-model",
            "the level's generation is another than the model's",
            u64::from(model.generation()),
            u64::from(level.generation()),
        )?;
        let got = level.key_range_latest().map(|range| (range.min, range.max));
        compare::key_range(model.key_range_latest(), got)?;
        run.result(u64::from(level.table_count()));
        run.result(values);
        run.result(got.map_or(0, |(min, max)| min ^ max.rotate_left(1)));
        self.nodes_balance()
    }

    /// The pool has given the nodes that the levels hold, and no other.
    pub(super) fn nodes_balance(&self) -> Result<(), Divergence> {
        let held = |pair: &super::levels::Pair| {
            pair.level.keys().node_count() + pair.level.table_array().node_count()
        };
        let held: u32 = self.pairs.iter().map(held).sum();
        equal(
            "nodes-balance",
            "the pool has given other nodes than the levels hold",
            u64::from(held),
            u64::from(self.pool.acquired_count()),
        )
    }

    /// Asks for the tables that overlap the keys from `key` to `span` above it; returns how many do.
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

const CLOSED: &str = "a table that was closed is not what it should be";
