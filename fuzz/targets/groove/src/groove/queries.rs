//! Queries.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::groove::{self, InvalidCondition, Query};

use super::events::{Event, Late};
use super::kept::{Kept, Thing, Tick};
use super::states;
use super::tested::Tested;
use crate::store::read_failed;
use downbeat::check::{fail, same};
use downbeat::disk::SimulatedDisk;
use downbeat::{Checked, Run};
use downbeat_model::groove as model;
use downbeat_model::groove::{Condition, Refusal, Shape, Stored, Term};

/// How a query is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) direction: Direction,
    /// The size of a page; `None` reads one object at a time.
    pub(super) page: Option<usize>,
    /// After how many objects this timestamp is sought; `None` if there is no seek.
    pub(super) seek: Option<(usize, u64)>,
    /// How many objects are read after the seek, at most.
    pub(super) rest: usize,
}

/// What a query did.
pub(super) struct Answer {
    /// The error of a read.
    failed: Option<StoreError>,
    /// The timestamp of the object that the query must return next, if a read failed.
    next: Option<u64>,
    /// Whether the seek skipped an object.
    has_skipped: bool,
    /// How many objects the query returned.
    count: usize,
}

impl Tested {
    /// Joins the conditions of three terms as `shape` says. Terms can name values of the thing at
    /// `near`.
    pub(super) fn condition(&self, shape: Shape, terms: [Term; 3], near: usize) -> Condition {
        let near = self.sides.things.objects.nth(near);
        shape.join(terms.map(|term| term.condition(near)))
    }

    /// Queries the things for which a condition of this shape holds.
    pub(super) fn query_things(
        &mut self,
        condition: &Condition,
        shape: Shape,
        reading: Reading,
        run: &mut Run,
    ) -> Checked {
        let since = self.store.now();
        let Some(answer) = self.query::<Thing>(condition, reading, run)? else { return Ok(()) };
        if answer.count == 0 && answer.failed.is_none() && reading.page.is_some() {
            self.check_too_deep(condition, reading.direction)?;
        }
        let shape = shape.get() as usize;
        if answer.count > 0 {
            run.state(states::ShapeOfResult, shape);
        }
        if self.store.now() > since {
            run.state(states::ShapeWithIo, shape);
        }
        if answer.has_skipped {
            run.state(states::ShapeOfSeek, shape);
        }
        Ok(())
    }

    /// Checks that a query is refused if its condition is nested too deep.
    fn check_too_deep(&mut self, condition: &Condition, direction: Direction) -> Checked {
        let depth_max = groove::Condition::<Thing>::DEPTH_MAX;
        let nothing = Condition::Within(model::Thing::FLAG, 1, 0);
        let deeper = |it: groove::Condition<Thing>, _| it.and_not(Thing::condition(&nothing));
        let deep = (0..depth_max).fold(Thing::condition(condition), deeper);
        let read = self.store.forest.read();
        let (grooves, mut reader) = read.map_err(|error| {
            fail("nothing-fails", "a reader", error).saying("an open store cannot be read")
        })?;
        let refused = Thing::groove(grooves).query(&deep, direction, &mut reader).err();
        same(
            "query-is-refused-with-the-reason",
            Some(InvalidCondition::TooDeep { depth_max }),
            refused,
        )
        .or("a condition that is nested too deep is not refused")
    }

    /// Queries the ticks of a tag.
    pub(super) fn query_ticks(&mut self, tag: u32, reading: Reading, run: &mut Run) -> Checked {
        let condition = Condition::Equals(model::Tick::TAG, tag.into());
        self.query::<Tick>(&condition, reading, run).map(drop)
    }

    /// Compares a query with the model. Returns `None` if the query was refused, as it must be.
    pub(super) fn query<O: Kept>(
        &mut self,
        condition: &Condition,
        reading: Reading,
        run: &mut Run,
    ) -> Checked<Option<Answer>> {
        run.step();
        Event::QueryInScope.count_if(self.scope_is_open(), run);
        Late::QueryMeanwhile.count_if(O::side(&mut self.sides).under_way.is_some(), run);
        let refusal = condition.refusal::<O::Model>(self.store.options.forest.scans_max);
        let refusal = refusal.map(|refusal| match refusal {
            Refusal::NoIndex(field) => InvalidCondition::NoIndex { field: O::FIELDS[field].name },
            Refusal::ZeroIsNotIndexed(field) => {
                InvalidCondition::ZeroIsNotIndexed { field: O::FIELDS[field].name }
            }
            Refusal::TooManyScans => {
                let scans_max = self.store.options.forest.scans_max;
                InvalidCondition::TooManyScans { scans_max }
            }
        });
        let since = self.store.now();
        let objects = &O::side(&mut self.sides).objects;
        let mut expected: Vec<O::Model> = objects.query(condition).copied().collect();
        if reading.direction == Direction::Descending {
            expected.reverse();
        }
        let Some(answer) = self.query_core::<O>(condition, &expected, refusal, reading, run)?
        else {
            return Ok(None);
        };
        Event::QueryWithIo.count_if(self.store.now() > since, run);
        run.state(states::Found, states::size(answer.count));
        run.result(answer.count as u64);
        if let Some(error) = &answer.failed {
            let divergence = || {
                fail("query-equals-model", "objects", error)
                    .saying("a query fails, and the disk does not explain it")
            };
            read_failed(self, error, since, divergence, run)?;
            Late::FailedAfterObjects.count_if(answer.count > 0, run);
            self.check_turn::<O>(error, answer.next)?;
        }
        Ok(Some(answer))
    }
}

impl Tested {
    /// Runs a query, and compares it with the objects that it must return, or with the reason for
    /// which it must be refused.
    fn query_core<O: Kept>(
        &mut self,
        condition: &Condition,
        expected: &[O::Model],
        refusal: Option<InvalidCondition>,
        reading: Reading,
        run: &mut Run,
    ) -> Checked<Option<Answer>> {
        let read = self.store.forest.read();
        let (grooves, mut reader) = read.map_err(|error| {
            fail("nothing-fails", "a reader", error).saying("an open store cannot be read")
        })?;
        let in_core = O::condition(condition);
        let query = O::groove(grooves).query(&in_core, reading.direction, &mut reader);
        let refused = query.as_ref().err().copied();
        same("query-is-refused-with-the-reason", refusal, refused)
            .or("a query must run, or be refused for another reason")?;
        if let Ok(query) = query {
            return read_all::<O>(query, expected, reading, run).map(Some);
        }
        match refusal {
            Some(InvalidCondition::NoIndex { .. }) => Event::NoIndex.count(run),
            Some(InvalidCondition::ZeroIsNotIndexed { .. }) => Event::ZeroIsNotIndexed.count(run),
            _ => Event::TooManyScans.count(run),
        }
        Ok(None)
    }
}

/// Reads a query, and compares it with the objects that it must return.
fn read_all<O: Kept>(
    mut query: Query<'_, '_, O, SimulatedDisk>,
    expected: &[O::Model],
    reading: Reading,
    run: &mut Run,
) -> Checked<Answer> {
    let Reading { direction, page, seek, rest } = reading;
    let mut answer = Answer { failed: None, next: None, has_skipped: false, count: 0 };
    let mut left = expected;
    if let Some((after, timestamp)) = seek {
        left = read_some(&mut query, left, after, None, &mut answer, run)?;
        if answer.failed.is_some() {
            return Ok(answer);
        }
        run.step();
        Event::Seek.count(run);
        query.seek(timestamp);
        let is_before = |object: &O::Model| direction.is_before(&object.timestamp(), &timestamp);
        let skipped = left.iter().take_while(|object| is_before(object)).count();
        answer.has_skipped = skipped > 0;
        left = &left[skipped..];
    }
    read_some(&mut query, left, rest, page, &mut answer, run)?;
    Event::QueryEndedEarly.count_if(left.len() > rest, run);
    Ok(answer)
}

/// Reads up to `count` objects of a query, and compares them. Returns the expected objects that are
/// left.
fn read_some<'a, O: Kept>(
    query: &mut Query<'_, '_, O, SimulatedDisk>,
    expected: &'a [O::Model],
    count: usize,
    page: Option<usize>,
    answer: &mut Answer,
    run: &mut Run,
) -> Checked<&'a [O::Model]> {
    let (mut left, mut more) = (expected, count);
    let mut objects = Vec::new();
    while more > 0 {
        run.step();
        objects.clear();
        let wanted = page.unwrap_or(1).min(more);
        let read = match page {
            Some(_) => query.page(wanted, &mut objects),
            None => query.next().map(|object| objects.extend(object)),
        };
        Event::Page.count_if(page.is_some() && read.is_ok(), run);
        let mut wanted_objects = left.iter();
        for object in &objects {
            let object = object.model();
            run.remark(|| format!("{object:x?}"));
            same("query-equals-model", wanted_objects.next(), Some(&object))
                .or("a query returns another object than the model")?;
        }
        answer.count += objects.len();
        left = &left[objects.len()..];
        if let Err(error) = read {
            answer.failed = Some(error);
            answer.next = left.first().map(Stored::timestamp);
            let after = query.next();
            same(
                "failed-query-has-ended",
                Ok(None),
                after.map(|object| object.map(|it| it.model())),
            )
            .or("a query returns objects after it failed")?;
            return Ok(left);
        }
        more -= objects.len();
        if objects.len() < wanted {
            same("query-equals-model", left.first(), None)
                .or("a query ends before its last object")?;
            break;
        }
    }
    Ok(left)
}
