//! Joins sorted streams of timestamps: union, intersection and difference.
//!
//! - All streams have the same direction, and give each timestamp once.
//! - A stream may have to wait for the device. A union or an intersection then also asks the other
//!   streams, so that all of them wait at the same time. The join can be asked again later, and
//!   loses no timestamp.
//! - An intersection skips: it seeks every stream to the last of the timestamps that the streams
//!   have reached.

use std::ops::ControlFlow;

use crate::collections::Direction;

/// The next timestamp of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    Timestamp(u64),
    Ended,
    /// The stream waits for the device.
    Waiting,
}

/// The streams at the leaves of a join.
pub(super) trait Sources {
    type Error;

    /// Returns the next timestamp of a source, and moves past it.
    fn next(&mut self, source: usize) -> Result<Head, Self::Error>;

    /// Skips the timestamps before this one. A source may do nothing instead.
    fn seek(&mut self, source: usize, timestamp: u64);
}

/// A join of sources.
#[derive(Debug)]
pub(super) enum Join {
    Source(SourceHead),
    /// An empty union has no timestamps.
    Union(Vec<Join>),
    /// Of one or more joins.
    Intersection(Vec<Join>),
    /// The timestamps of the first join that are not in the second one.
    Difference(Box<[Join; 2]>),
}

/// A source, and the timestamp that it has reached.
#[derive(Debug)]
pub(super) struct SourceHead {
    source: usize,
    head: Option<u64>,
    /// Timestamps before this one are skipped.
    from: Option<u64>,
}

impl Join {
    /// The source with this number.
    pub(super) fn source(source: usize) -> Self {
        Self::Source(SourceHead { source, head: None, from: None })
    }

    /// The next timestamp, without moving past it.
    pub(super) fn peek<S: Sources>(
        &mut self,
        direction: Direction,
        sources: &mut S,
    ) -> Result<Head, S::Error> {
        match self {
            Self::Source(source) => source.peek(direction, sources),
            Self::Union(joins) => peek_union(joins, direction, sources),
            Self::Intersection(joins) => loop {
                match peek_intersection(joins, direction, sources)? {
                    ControlFlow::Continue(()) => {}
                    ControlFlow::Break(head) => return Ok(head),
                }
            },
            Self::Difference(joins) => peek_difference(joins, direction, sources),
        }
    }

    /// Moves every source that has reached this timestamp past it.
    pub(super) fn pop(&mut self, timestamp: u64) {
        match self {
            Self::Source(SourceHead { head, .. }) => *head = head.filter(|it| *it != timestamp),
            Self::Union(joins) | Self::Intersection(joins) => {
                joins.iter_mut().for_each(|join| join.pop(timestamp));
            }
            Self::Difference(joins) => joins.iter_mut().for_each(|join| join.pop(timestamp)),
        }
    }

    /// Whether the join has the timestamp of an object, of which `is_in` says in which sources it
    /// is.
    pub(super) fn has(&self, is_in: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::Source(SourceHead { source, .. }) => is_in(*source),
            Self::Union(joins) => joins.iter().any(|join| join.has(is_in)),
            Self::Intersection(joins) => joins.iter().all(|join| join.has(is_in)),
            Self::Difference(joins) => joins[0].has(is_in) && !joins[1].has(is_in),
        }
    }

    /// Skips the timestamps before this one.
    pub(super) fn seek<S: Sources>(
        &mut self,
        timestamp: u64,
        direction: Direction,
        sources: &mut S,
    ) {
        let joins = match self {
            Self::Source(source) => return source.seek(timestamp, direction, sources),
            Self::Union(joins) | Self::Intersection(joins) => &mut joins[..],
            Self::Difference(joins) => &mut joins[..],
        };
        for join in joins {
            join.seek(timestamp, direction, sources);
        }
    }
}

fn peek_union<S: Sources>(
    joins: &mut [Join],
    direction: Direction,
    sources: &mut S,
) -> Result<Head, S::Error> {
    let mut first = None;
    let mut waits = false;
    for join in joins {
        match join.peek(direction, sources)? {
            Head::Ended => {}
            Head::Waiting => waits = true,
            Head::Timestamp(timestamp) => {
                let is_first = first.is_none_or(|first| direction.is_before(&timestamp, &first));
                first = if is_first { Some(timestamp) } else { first };
            }
        }
    }
    // A join that waits may have an earlier timestamp.
    Ok(if waits { Head::Waiting } else { first.map_or(Head::Ended, Head::Timestamp) })
}

/// Returns the head, or `Continue` if joins were moved and must be asked again.
fn peek_intersection<S: Sources>(
    joins: &mut [Join],
    direction: Direction,
    sources: &mut S,
) -> Result<ControlFlow<Head>, S::Error> {
    let mut last: Option<u64> = None;
    let (mut waits, mut agree) = (false, true);
    for join in joins.iter_mut() {
        match join.peek(direction, sources)? {
            Head::Ended => return Ok(ControlFlow::Break(Head::Ended)),
            Head::Waiting => waits = true,
            Head::Timestamp(timestamp) => {
                agree &= last.is_none_or(|last| last == timestamp);
                let is_last = last.is_none_or(|last| direction.is_before(&last, &timestamp));
                last = if is_last { Some(timestamp) } else { last };
            }
        }
    }
    let Some(last) = last else { return Ok(ControlFlow::Break(Head::Waiting)) };
    if agree && !waits {
        return Ok(ControlFlow::Break(Head::Timestamp(last)));
    }
    // No earlier timestamp is in all joins. A join that waits skips to this one, too.
    for join in joins {
        join.seek(last, direction, sources);
    }
    Ok(if agree { ControlFlow::Break(Head::Waiting) } else { ControlFlow::Continue(()) })
}

fn peek_difference<S: Sources>(
    [join, left_out]: &mut [Join; 2],
    direction: Direction,
    sources: &mut S,
) -> Result<Head, S::Error> {
    loop {
        let head = join.peek(direction, sources)?;
        let Head::Timestamp(timestamp) = head else { return Ok(head) };
        left_out.seek(timestamp, direction, sources);
        match left_out.peek(direction, sources)? {
            Head::Waiting => return Ok(Head::Waiting),
            Head::Timestamp(other) if other == timestamp => join.pop(timestamp),
            Head::Timestamp(_) | Head::Ended => return Ok(Head::Timestamp(timestamp)),
        }
    }
}

impl SourceHead {
    fn peek<S: Sources>(
        &mut self,
        direction: Direction,
        sources: &mut S,
    ) -> Result<Head, S::Error> {
        loop {
            if let Some(head) = self.head {
                return Ok(Head::Timestamp(head));
            }
            match sources.next(self.source)? {
                Head::Timestamp(timestamp)
                    if self.from.is_some_and(|from| direction.is_before(&timestamp, &from)) => {}
                Head::Timestamp(timestamp) => self.head = Some(timestamp),
                head => return Ok(head),
            }
        }
    }

    fn seek<S: Sources>(&mut self, timestamp: u64, direction: Direction, sources: &mut S) {
        let has_reached =
            |place: Option<u64>| place.is_some_and(|it| !direction.is_before(&it, &timestamp));
        if has_reached(self.head) || has_reached(self.from) {
            return;
        }
        self.from = Some(timestamp);
        self.head = None;
        sources.seek(self.source, timestamp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists of timestamps. Each source waits before every timestamp, a number of times that
    /// differs among the sources.
    struct Lists {
        lists: Vec<Vec<u64>>,
        direction: Direction,
        waits: Vec<u32>,
    }

    impl Lists {
        fn new(lists: &[&[u64]], direction: Direction) -> Self {
            let sorted = |list: &&[u64]| {
                let mut list = list.to_vec();
                list.sort_unstable();
                // `next` takes timestamps from the end of the list.
                if direction == Direction::Ascending {
                    list.reverse();
                }
                list
            };
            let waits = vec![0; lists.len()];
            Self { lists: lists.iter().map(sorted).collect(), direction, waits }
        }
    }

    impl Sources for Lists {
        type Error = ();

        fn next(&mut self, source: usize) -> Result<Head, ()> {
            self.waits[source] += 1;
            if !(self.waits[source] as usize).is_multiple_of(source + 1) {
                return Ok(Head::Waiting);
            }
            Ok(self.lists[source].pop().map_or(Head::Ended, Head::Timestamp))
        }

        fn seek(&mut self, source: usize, timestamp: u64) {
            // A source may ignore seeks.
            if source == 1 {
                return;
            }
            let list = &mut self.lists[source];
            while list.last().is_some_and(|last| self.direction.is_before(last, &timestamp)) {
                list.pop();
            }
        }
    }

    fn joined(mut join: Join, lists: &[&[u64]], direction: Direction) -> Vec<u64> {
        let mut lists = Lists::new(lists, direction);
        let mut joined = Vec::new();
        for _ in 0..10_000 {
            match join.peek(direction, &mut lists).expect("lists do not fail") {
                Head::Ended => return joined,
                Head::Waiting => {}
                Head::Timestamp(timestamp) => {
                    joined.push(timestamp);
                    join.pop(timestamp);
                }
            }
        }
        panic!("the join does not end: {joined:?}")
    }

    fn both(join: impl Fn() -> Join, lists: &[&[u64]]) -> Vec<u64> {
        let ascending = joined(join(), lists, Direction::Ascending);
        let mut descending = joined(join(), lists, Direction::Descending);
        descending.reverse();
        assert_eq!(ascending, descending);
        ascending
    }

    #[test]
    fn a_union_has_each_timestamp_once() {
        let union = || Join::Union((0..3).map(Join::source).collect());
        assert_eq!(both(union, &[&[1, 4], &[2, 4, 6], &[4]]), [1, 2, 4, 6]);
        assert_eq!(both(union, &[&[], &[], &[]]), []);
        assert_eq!(both(|| Join::Union(Vec::new()), &[]), []);
    }

    #[test]
    fn an_intersection_has_the_common_timestamps() {
        let intersection = || Join::Intersection((0..3).map(Join::source).collect());
        let lists: &[&[u64]] = &[&[1, 2, 5, 8, 9], &[2, 3, 5, 9], &[1, 2, 4, 5, 6, 9]];
        assert_eq!(both(intersection, lists), [2, 5, 9]);
        assert_eq!(both(intersection, &[&[1, 3], &[2, 4], &[1, 2, 3, 4]]), []);
    }

    #[test]
    fn a_difference_leaves_timestamps_out() {
        let difference = || Join::Difference(Box::new([Join::source(0), Join::source(1)]));
        assert_eq!(both(difference, &[&[1, 2, 3, 4], &[2, 4, 5]]), [1, 3]);
        assert_eq!(both(difference, &[&[1, 2], &[]]), [1, 2]);
    }

    #[test]
    fn joins_nest() {
        let nested = || {
            let union = Join::Union(vec![Join::source(0), Join::source(1)]);
            let common = Join::Intersection(vec![union, Join::source(2)]);
            Join::Difference(Box::new([common, Join::source(3)]))
        };
        let lists: &[&[u64]] = &[&[1, 5, 7], &[2, 5, 8, 9], &[1, 2, 5, 8, 10], &[5, 6]];
        assert_eq!(both(nested, lists), [1, 2, 8]);
    }
}
