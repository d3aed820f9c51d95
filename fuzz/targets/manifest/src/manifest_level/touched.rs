//! Checks after an operation: the table that it changed, and the totals of the level.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;

use super::compare;
use super::levels::{Levels, Pair, range_of};
use downbeat::check::equal;
use downbeat::{Checked, Run};
use downbeat_model::manifest_level::{SNAPSHOT_LATEST, Side, Table};

impl Levels {
    /// Checks that an inserted table is found by its description and its keys, and is counted.
    pub(super) fn check_inserted(&self, came: &Table, side: Side, run: &mut Run) -> Checked {
        self.find_is(came, Some(came), side, run)?;
        self.next_is(range_of(came), None, SNAPSHOT_LATEST, Direction::Ascending, side, run)?;
        self.shape(side, run)
    }

    /// Checks that a closed table is found, and that the right snapshots see it.
    pub(super) fn check_closed(&self, closed: &Table, side: Side, run: &mut Run) -> Checked {
        self.find_is(closed, Some(closed), side, run)?;
        let around = range_of(closed);
        self.next_is(around, None, SNAPSHOT_LATEST, Direction::Descending, side, run)?;
        self.next_is(around, None, self.current, Direction::Ascending, side, run)?;
        self.shape(side, run)
    }

    /// Checks that a removed table is not found, and not counted.
    pub(super) fn check_removed(&self, gone: &Table, side: Side, run: &mut Run) -> Checked {
        self.find_is(gone, None, side, run)?;
        self.next_is(range_of(gone), None, self.current, Direction::Descending, side, run)?;
        self.shape(side, run)
    }

    /// Checks the totals of a level.
    pub(super) fn shape(&self, side: Side, run: &mut Run) -> Checked {
        let Pair { level, model } = self.pair(side);
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

    /// Checks that as many nodes are acquired from the pool as the levels have.
    pub(super) fn nodes_balance(&self) -> Checked {
        let held =
            |pair: &Pair| pair.level.keys().node_count() + pair.level.table_array().node_count();
        let held: u32 = self.pairs.iter().map(held).sum();
        equal("nodes-balance", held, self.pool.acquired_count())
            .or("more or fewer nodes are taken from the pool than the levels hold")
    }

    /// Checks the tables that overlap a range of keys. Returns their number.
    pub(super) fn overlap_is(
        &self,
        asked: KeyRange<u64>,
        snapshot: u64,
        limit: usize,
        side: Side,
        run: &mut Run,
    ) -> Checked<usize> {
        let Pair { level, model } = self.pair(side);
        run.step();
        let got = level.tables_overlapping(asked, snapshot, limit);
        let expected = model.overlapping(asked.min, asked.max, snapshot);
        let count = expected.clone().count();
        compare::overlap(level, (asked.min, asked.max), expected, limit, got.as_ref())?;
        Ok(count)
    }
}
