//! Reads, compared at once.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, Visibility};

use super::events::Event;
use super::levels::{ALL, Levels, Pair, info, range, table};
use super::{compare, states};
use downbeat::failure::Divergence;
use downbeat::model::manifest_level::{Limit, SNAPSHOT_OPEN, Seen, Side, Table};
use downbeat::run::Run;

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

impl Levels {
    fn pair(&self, side: Side) -> &Pair {
        &self.pairs[side.get() as usize]
    }

    /// Checks that a table is found by its keys, address, checksum and first snapshot, and that it
    /// is not found if one of these differs.
    pub(super) fn find(&self, key: u64, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let Pair { level, model } = self.pair(side);
        let known = model.tables().get(model.place_of_key(key)).copied();
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
        let sought = known.unwrap_or(stranger);
        let found = |sought: &Table| {
            level.find(&info(sought)).map(|reference| table(level.table(reference)))
        };
        let ask = |sought: &Table, expected: Option<&Table>, run: &mut Run| {
            run.step();
            let got = found(sought);
            run.result(got.map_or(0, |table| table.address));
            compare::option("find-equals-model", expected, got.as_ref())
                .or("find returns another table, or none")
        };
        run.remark(|| found(&sought).map_or("none".to_owned(), |table| compare::text(&table)));
        ask(&sought, known.as_ref(), run)?;
        ask(&Table { snapshot_max: self.current, ..sought }, known.as_ref(), run)?;
        ask(&Table { address: sought.address ^ 1 << 40, ..sought }, None, run)?;
        ask(&Table { checksum: sought.checksum ^ 1 << 100, ..sought }, None, run)?;
        ask(&Table { snapshot_min: sought.snapshot_min ^ 1 << 40, ..sought }, None, run)?;
        ask(&Table { key_max: sought.key_max ^ 1 << 63, ..sought }, None, run)
    }

    pub(super) fn next_up(
        &self,
        key: u64,
        span: u64,
        seen: Seen,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let (snapshot, asked) = (self.snapshot(seen), range(key, span));
        let model = &self.pair(side).model;
        let first = model.overlapping(asked.min, asked.max, snapshot).next();
        run.read(first.is_some());
        run.remark(|| first.map_or("none".to_owned(), compare::text));
        self.next(asked, None, snapshot, Direction::Ascending, side, run)?;
        if let Some(first) = first {
            let behind = Some(first.key_max);
            self.next(asked, behind, snapshot, Direction::Ascending, side, run)?;
        }
        // A key outside the range does not extend it.
        self.next(asked, Some(0), snapshot, Direction::Ascending, side, run)?;
        self.next(ALL, Some(key), snapshot, Direction::Ascending, side, run)
    }

    pub(super) fn next_down(
        &self,
        key: u64,
        span: u64,
        seen: Seen,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let (snapshot, asked) = (self.snapshot(seen), range(key, span));
        let model = &self.pair(side).model;
        let first = model.overlapping(asked.min, asked.max, snapshot).last();
        run.read(first.is_some());
        run.remark(|| first.map_or("none".to_owned(), compare::text));
        self.next(asked, None, snapshot, Direction::Descending, side, run)?;
        if let Some(first) = first {
            let behind = Some(first.key_min);
            self.next(asked, behind, snapshot, Direction::Descending, side, run)?;
        }
        self.next(asked, Some(u64::MAX), snapshot, Direction::Descending, side, run)?;
        self.next(ALL, Some(key), snapshot, Direction::Descending, side, run)
    }

    /// Checks the next table of a range, after `key_exclusive` if it is given.
    pub(super) fn next(
        &self,
        asked: KeyRange<u64>,
        key_exclusive: Option<u64>,
        snapshot: u64,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let Pair { level, model } = self.pair(side);
        run.step();
        let got = level.next_table(snapshot, asked, key_exclusive, direction);
        let got = got.map(|found| compare::found(level, found)).transpose()?;
        run.result(got.map_or(0, |table| table.address));
        let mut within = model.overlapping(asked.min, asked.max, snapshot);
        let expected = match direction {
            Direction::Ascending => {
                within.find(|table| key_exclusive.is_none_or(|key| table.key_min > key))
            }
            Direction::Descending => {
                let beyond = |table: &&Table| key_exclusive.is_none_or(|key| table.key_max < key);
                within.filter(beyond).last()
            }
        };
        compare::option("next-table-equals-model", expected, got.as_ref())
            .or("the next table of a range is not the model's")
    }

    pub(super) fn overlapping(
        &self,
        key: u64,
        span: u64,
        limit: Limit,
        seen: Seen,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let (snapshot, limit) = (self.snapshot(seen), limit.get() as usize);
        let count = self.overlap_is(key, span, snapshot, limit, side, run)?;
        run.read(count > 0);
        run.remark(|| format!("{count} tables"));
        states::overlapping(count, run);
        if count > limit {
            Event::OverlapOverLimit.count(run);
        }
        Ok(())
    }

    pub(super) fn least_overlap(
        &self,
        limit: Limit,
        seen: Seen,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if self.pair(side).level.table_count_visible() == 0 {
            run.idle();
            return Ok(());
        }
        let limit = limit.get() as usize;
        let least = self.least(limit, self.snapshot(seen), side, run)?;
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
    ) -> Result<Option<(Table, usize)>, Divergence> {
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
        if expected.overlap == 0 {
            Event::LeastOverlapZero.count(run);
        }
        let (min, max) = (expected.table.key_min, expected.table.key_max);
        let met = other.model.overlapping(min, max, snapshot);
        compare::overlap(&other.level, (min, max), met, limit, Some(&got.overlap))?;
        Ok(Some((expected.table, expected.overlap)))
    }

    /// Iterates over a range under every visibility, in both directions.
    pub(super) fn iterate(
        &self,
        key: u64,
        span: u64,
        seen: Seen,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let asked = range(key, span);
        self.iterate_all(Some(asked), self.snapshot(seen), side, run)
    }

    pub(super) fn iterate_all(
        &self,
        asked: Option<KeyRange<u64>>,
        snapshot: u64,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
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

    /// Iterates over a range once, and checks each table. Returns their number.
    pub(super) fn iterated(
        &self,
        asked: Option<KeyRange<u64>>,
        visibility: Visibility<'_>,
        direction: Direction,
        side: Side,
        run: &mut Run,
    ) -> Result<usize, Divergence> {
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
        let mut next = || match direction {
            Direction::Ascending => expected.next(),
            Direction::Descending => expected.next_back(),
        };
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
