//! Operations that read. Each answer is compared with the model at once.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, TableReference, Visibility};

use super::events::Event;
use super::levels::{ALL, Levels, Pair, info, near_end, next_in, table};
use super::{compare, states};
use downbeat::{Checked, Run};
use downbeat_model::manifest_level::{SNAPSHOT_OPEN, Side, Table};

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

impl Levels {
    /// Checks that a table is found by its keys, address, checksum and first snapshot, and that it
    /// is not found if one of these differs.
    pub(super) fn find(&self, key: u64, side: Side, run: &mut Run) -> Checked {
        let model = &self.pair(side).model;
        let known = model.tables().get(model.place_of_key(key));
        run.read(known.is_some());
        let stranger = Table {
            key_min: key,
            key_max: key,
            checksum: 0,
            address: 0,
            snapshot_min: self.current,
            snapshot_max: SNAPSHOT_OPEN,
            value_count: 1,
        };
        let sought = *known.unwrap_or(&stranger);
        run.remark(|| known.map_or("none".to_owned(), compare::text));
        for (sought, expected) in [
            (sought, known),
            (Table { snapshot_max: self.current, ..sought }, known),
            (Table { address: sought.address ^ 1 << 40, ..sought }, None),
            (Table { checksum: sought.checksum ^ 1 << 100, ..sought }, None),
            (Table { snapshot_min: sought.snapshot_min ^ 1 << 40, ..sought }, None),
            (Table { key_max: sought.key_max ^ 1 << 63, ..sought }, None),
        ] {
            self.find_is(&sought, expected, side, run)?;
            run.result(expected.map_or(0, |table| table.address));
        }
        Ok(())
    }

    /// Checks which table the level finds by a description. The last snapshot of the description
    /// does not matter. Returns the reference of the table.
    pub(super) fn find_is(
        &self,
        sought: &Table,
        expected: Option<&Table>,
        side: Side,
        run: &mut Run,
    ) -> Checked<Option<TableReference>> {
        let level = &self.pair(side).level;
        run.step();
        let found = level.find(&info(sought));
        let got = found.map(|reference| table(level.table(reference)));
        compare::option("find-equals-model", expected, got.as_ref())
            .or("find returns another table, or none")?;
        Ok(found)
    }

    /// Checks the first table of a range in a direction, and the next table after that table. Also
    /// checks the next table after a key before the range, and the next of all tables after `key`.
    pub(super) fn next(
        &self,
        key: u64,
        asked: KeyRange<u64>,
        snapshot: u64,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        let mut first = self.pair(side).model.overlapping(asked.min, asked.max, snapshot);
        let (first, outside) = match direction {
            Direction::Ascending => (first.next(), 0),
            Direction::Descending => (first.last(), u64::MAX),
        };
        run.read(first.is_some());
        run.remark(|| first.map_or("none".to_owned(), compare::text));
        let behind_first = first.map(|first| (asked, Some(near_end(first, direction.reverse()))));
        // Continuing from a key before the range does not extend the range.
        let others = [(asked, Some(outside)), (ALL, Some(key))];
        for (asked, behind) in [(asked, None)].into_iter().chain(behind_first).chain(others) {
            let next = self.next_is(asked, behind, snapshot, direction, side, run)?;
            run.result(next.map_or(0, |table| table.address));
        }
        Ok(())
    }

    /// Checks the next table of a range in a direction: the first, or if `key_exclusive` is given,
    /// the first that begins after this key. Returns the table.
    pub(super) fn next_is(
        &self,
        asked: KeyRange<u64>,
        key_exclusive: Option<u64>,
        snapshot: u64,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Checked<Option<Table>> {
        let Pair { level, model } = self.pair(side);
        run.step();
        let got = level.next_table(snapshot, asked, key_exclusive, direction);
        let got = got.map(|found| compare::found(level, found)).transpose()?;
        let is_behind = |table: &&Table| {
            key_exclusive.is_none_or(|key| direction.is_before(&key, &near_end(table, direction)))
        };
        let mut within = model.overlapping(asked.min, asked.max, snapshot).filter(is_behind);
        let expected = match direction {
            Direction::Ascending => within.next(),
            Direction::Descending => within.last(),
        };
        compare::option("next-table-equals-model", expected, got.as_ref())
            .or("the next table of a range is not the model's")?;
        Ok(got)
    }

    pub(super) fn overlapping(
        &self,
        asked: KeyRange<u64>,
        limit: usize,
        snapshot: u64,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        let count = self.overlap_is(asked, snapshot, limit, side, run)?;
        run.read(count > 0);
        run.remark(|| format!("{count} tables"));
        states::overlapping(count, run);
        Event::OverlapOverLimit.count_if(count > limit, run);
        Ok(())
    }

    pub(super) fn least_overlap(
        &self,
        limit: usize,
        snapshot: u64,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        if self.pair(side).level.table_count_visible() == 0 {
            run.idle();
            return Ok(());
        }
        let least = self.least(limit, snapshot, side, run)?;
        run.remark(|| match least {
            Some((table, overlap)) => format!("{}: {overlap}", compare::text(&table)),
            None => "none".to_owned(),
        });
        Ok(())
    }

    /// Checks the least overlap of a level that has an open table. Returns the table of least
    /// overlap and the number of tables that it overlaps.
    pub(super) fn least(
        &self,
        limit: usize,
        snapshot: u64,
        side: Side,
        run: &mut Run,
    ) -> Checked<Option<(Table, usize)>> {
        let (own, other) = (self.pair(side), &self.pairs[1 - side.get() as usize]);
        let expected = own.model.least_overlap(&other.model, snapshot, limit);
        run.step();
        let got = own.level.table_with_least_overlap(&other.level, snapshot, limit);
        let got_table = got.as_ref().map(|got| table(own.level.table(got.table)));
        run.result(got_table.map_or(0, |table| table.address));
        let expected_table = expected.as_ref().map(|expected| &expected.table);
        compare::option("least-overlap-equals-model", expected_table, got_table.as_ref())
            .or("the table of least overlap is not the model's")?;
        let (Some(expected), Some(got)) = (expected, got) else {
            Event::LeastOverlapNone.count(run);
            return Ok(None);
        };
        run.state(states::Least, expected.overlap);
        Event::LeastOverlapZero.count_if(expected.overlap == 0, run);
        let (min, max) = (expected.table.key_min, expected.table.key_max);
        let met = other.model.overlapping(min, max, snapshot);
        compare::overlap(&other.level, (min, max), met, limit, Some(&got.overlap))?;
        Ok(Some((expected.table, expected.overlap)))
    }

    /// Checks iterators over a range, or over all keys, with every visibility and in both
    /// directions.
    pub(super) fn iterate(
        &self,
        asked: Option<KeyRange<u64>>,
        snapshot: u64,
        side: Side,
        run: &mut Run,
    ) -> Checked {
        if let Some(KeyRange { min, max }) = asked {
            states::iterated(&self.pair(side).model, min, max, run);
        }
        let snapshots = [self.current, snapshot];
        let visibilities = [
            (Visibility::Any, [Event::AllAscending, Event::AllDescending]),
            (Visibility::Visible(snapshot), [Event::VisibleAscending, Event::VisibleDescending]),
            (Visibility::Invisible(&[]), [Event::ClosedAscending, Event::ClosedDescending]),
            (
                Visibility::Invisible(&snapshots),
                [Event::InvisibleAscending, Event::InvisibleDescending],
            ),
        ];
        for (visibility, events) in visibilities {
            for (direction, event) in BOTH.into_iter().zip(events) {
                if self.iterated(asked, visibility, direction, side, run)? > 0 {
                    event.count(run);
                }
            }
        }
        Ok(())
    }

    /// Checks each table of an iterator over a range, or over all keys. Returns the number of
    /// tables.
    pub(super) fn iterated(
        &self,
        asked: Option<KeyRange<u64>>,
        visibility: Visibility<'_>,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Checked<usize> {
        let Pair { level, model } = self.pair(side);
        let fits = |table: &&Table| {
            asked.is_none_or(|range| table.overlaps(range.min, range.max))
                && match visibility {
                    Visibility::Any => true,
                    Visibility::Visible(snapshot) => table.is_visible(snapshot),
                    Visibility::Invisible(snapshots) => table.is_invisible(snapshots),
                }
        };
        let mut expected = model.tables().iter().filter(fits);
        let mut next = || next_in(&mut expected, direction);
        const WHAT: &str = "an iterator returns another table than the model";
        let mut count = 0;
        for found in level.tables(visibility, direction, asked) {
            run.step();
            // A lookup for each table would cost more than the iteration, so only the first is
            // looked up.
            let got = if count == 0 { compare::found(level, found)? } else { table(found.table) };
            compare::option("iterator-equals-model", next(), Some(&got)).or(WHAT)?;
            count += 1;
        }
        run.step();
        compare::option("iterator-equals-model", next(), None).or(WHAT)?;
        Ok(count)
    }
}
