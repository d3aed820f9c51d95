//! Queries.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::groove::{InvalidCondition, Object as _, Query};

use super::events::Event;
use super::kept::{Row, condition};
use super::states;
use super::tested::Tested;
use crate::store::read_failed;
use downbeat::check::{fail, same};
use downbeat::disk::SimulatedDisk;
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::groove::Objects;
use downbeat_model::scan as model;
use downbeat_model::scan::{Condition, Refusal, Shape, Term};

/// How a query is read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) direction: Direction,
    /// The size of a page.
    pub(super) page: usize,
    /// Before each of these timestamps is sought, this many rows are read.
    pub(super) before: usize,
    /// The timestamps that are sought, one after the other.
    pub(super) seeks: Vec<u64>,
    /// How many rows are read after the seeks, at most.
    pub(super) rest: usize,
}

/// What a query did.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The error of a read.
    failed: Option<StoreError>,
    /// Whether a seek skipped a row.
    has_skipped: bool,
    /// How many rows the query returned.
    pub(super) count: usize,
    /// The timestamp of the last row.
    pub(super) last: Option<u64>,
    /// Whether all rows were returned.
    pub(super) has_ended: bool,
}

impl Tested {
    /// The condition of some terms and a shape. Terms can name values of the row at `near`.
    pub(super) fn condition(&self, shape: Shape, terms: &[Term], near: usize) -> Condition {
        let near = self.rows.objects.nth(near);
        let conditions: Vec<Condition> = terms.iter().map(|term| term.condition(near)).collect();
        shape.join(&conditions)
    }

    /// Compares a query with the model. Returns `None` if the query was refused, as it must be.
    pub(super) fn query(
        &mut self,
        condition: &Condition,
        shape: Shape,
        reading: &Reading,
        run: &mut Run,
    ) -> Checked<Option<Answer>> {
        run.step();
        let refusal = self.refusal(condition);
        let mut selected = self.rows.select(condition);
        if reading.direction == Direction::Descending {
            selected.reverse();
        }
        let since = self.store.now();
        let before = self.blocks_read();
        let answer = self.query_core(condition, &selected, refusal, reading, run)?;
        let Some(answer) = answer else { return Ok(None) };
        let has_waited = self.store.now() > since;
        Event::QueryWithIo.count_if(has_waited, run);
        self.mark(shape, &answer, has_waited, run);
        run.result(answer.count as u64);
        match &answer.failed {
            Some(error) => {
                let divergence = || {
                    fail("query-equals-model", "rows", error)
                        .saying("a query fails, and the disk does not explain it")
                };
                read_failed(self, error, since, divergence, run)?;
            }
            None => {
                let read = self.blocks_read() - before;
                self.check_effort(condition, reading, &answer, read, run)?;
            }
        }
        Ok(Some(answer))
    }

    fn mark(&self, shape: Shape, answer: &Answer, has_waited: bool, run: &mut Run) {
        let shape = shape.get() as usize;
        if answer.count > 0 {
            run.state(states::ShapeOfResult, shape);
        }
        if has_waited {
            run.state(states::ShapeWithIo, shape);
        }
        if answer.has_skipped {
            run.state(states::ShapeOfSeek, shape);
        }
        run.state(states::Found, octave(answer.count as u64));
    }

    /// The reason for which the core must refuse a condition.
    fn refusal(&self, condition: &Condition) -> Option<InvalidCondition> {
        let scans_max = self.store.options.forest.scans_max;
        condition.refusal::<model::Row>(scans_max).map(|refusal| match refusal {
            Refusal::NoIndex(field) => InvalidCondition::NoIndex { field: Row::FIELDS[field].name },
            Refusal::ZeroIsNotIndexed(field) => {
                InvalidCondition::ZeroIsNotIndexed { field: Row::FIELDS[field].name }
            }
            Refusal::TooManyScans => InvalidCondition::TooManyScans { scans_max },
        })
    }

    /// Runs a query, and compares it with the rows that it must return, by timestamp, or with the
    /// reason for which it must be refused.
    fn query_core(
        &mut self,
        model: &Condition,
        selected: &[u64],
        refusal: Option<InvalidCondition>,
        reading: &Reading,
        run: &mut Run,
    ) -> Checked<Option<Answer>> {
        let (rows, mut reader) = self.store.forest.read().map_err(|error| {
            fail("nothing-fails", "a reader", error).saying("an open store cannot be read")
        })?;
        let query = rows.query(&condition(model), reading.direction, &mut reader);
        let refused = query.as_ref().err().copied();
        same("query-is-refused-with-the-reason", refusal, refused)
            .or("a query is refused without a reason, or not refused")?;
        match (query, refusal) {
            (Ok(query), _) => {
                let expected = Expected { rows: &self.rows.objects, left: selected };
                return read_all(query, expected, reading, run).map(Some);
            }
            (_, Some(InvalidCondition::NoIndex { .. })) => Event::NoIndex.count(run),
            (_, Some(InvalidCondition::ZeroIsNotIndexed { .. })) => {
                Event::ZeroIsNotIndexed.count(run);
            }
            _ => Event::TooManyScans.count(run),
        }
        Ok(None)
    }
}

/// The rows that a query must still return.
struct Expected<'a> {
    rows: &'a Objects<model::Row>,
    /// Their timestamps, in the order of the query.
    left: &'a [u64],
}

impl<'a> Expected<'a> {
    /// The next row, which stays the next.
    fn first(&self) -> Option<&'a model::Row> {
        self.left.first().map(|timestamp| self.row(*timestamp))
    }

    /// Moves past the next row, and returns it.
    fn next(&mut self) -> Option<&'a model::Row> {
        let timestamp = self.left.split_off_first()?;
        Some(self.row(*timestamp))
    }

    fn row(&self, timestamp: u64) -> &'a model::Row {
        self.rows.at(timestamp).expect("a row of a set is a row")
    }

    /// Skips the rows before this timestamp. Returns whether there were any.
    fn skip(&mut self, timestamp: u64, direction: Direction) -> bool {
        let is_before = |row: &&u64| direction.is_before(*row, &timestamp);
        let skipped = self.left.iter().take_while(is_before).count();
        self.left = &self.left[skipped..];
        skipped > 0
    }
}

/// Reads a query, and compares it with the rows that it must return.
fn read_all(
    mut query: Query<'_, '_, Row, SimulatedDisk>,
    mut expected: Expected<'_>,
    reading: &Reading,
    run: &mut Run,
) -> Checked<Answer> {
    let mut answer = Answer::default();
    for timestamp in &reading.seeks {
        read_some(&mut query, &mut expected, reading.before, reading.page, &mut answer, run)?;
        if answer.failed.is_some() {
            return Ok(answer);
        }
        run.step();
        query.seek(*timestamp);
        let is_back =
            answer.last.is_some_and(|last| !reading.direction.is_before(&last, timestamp));
        if is_back { Event::SeekBack } else { Event::SeekAhead }.count(run);
        answer.has_skipped |= expected.skip(*timestamp, reading.direction);
    }
    read_some(&mut query, &mut expected, reading.rest, reading.page, &mut answer, run)?;
    let is_left = !expected.left.is_empty();
    Event::QueryEndedEarly.count_if(is_left && answer.failed.is_none(), run);
    Ok(answer)
}

/// Reads up to `count` rows of a query by pages, and compares them.
fn read_some(
    query: &mut Query<'_, '_, Row, SimulatedDisk>,
    expected: &mut Expected<'_>,
    count: usize,
    page: usize,
    answer: &mut Answer,
    run: &mut Run,
) -> Checked {
    let mut more = count;
    let mut rows: Vec<Row> = Vec::new();
    while more > 0 {
        run.step();
        rows.clear();
        let wanted = page.min(more);
        let read = query.page(wanted, &mut rows);
        Event::Page.count_if(read.is_ok(), run);
        for row in &rows {
            run.step();
            let row = row.model();
            same("query-equals-model", expected.next(), Some(&row))
                .or("a query returns another row than the model")?;
            answer.last = Some(row.timestamp);
        }
        answer.count += rows.len();
        if let Err(error) = read {
            answer.failed = Some(error);
            let after = query.next().map(|row| row.map(|row| row.timestamp));
            same("failed-query-has-ended", Ok(None), after)
                .or("a query returns rows after it failed")?;
            return Ok(());
        }
        more -= rows.len();
        if rows.len() < wanted {
            answer.has_ended = true;
            same("query-equals-model", expected.first(), None)
                .or("a query ends before its last row")?;
            break;
        }
    }
    Ok(())
}
