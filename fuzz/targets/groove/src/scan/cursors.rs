//! Cursors: queries that are dropped, and go on later where they stopped.

use downbeat_lsm::collections::Direction;

use super::events::Event;
use super::queries::Reading;
use super::tested::Tested;
use downbeat::{Checked, Run};
use downbeat_model::scan::{Condition, Shape};

/// A query that goes on where it stopped.
#[derive(Clone, Debug)]
pub(super) struct OpenCursor {
    condition: Condition,
    shape: Shape,
    direction: Direction,
    /// The timestamp that is sought next; `None` at the beginning.
    next: Option<u64>,
    /// The number of writes when the cursor was used last.
    stamp: u64,
}

impl Tested {
    pub(super) fn open_cursor(
        &mut self,
        number: usize,
        condition: Condition,
        shape: Shape,
        direction: Direction,
        run: &mut Run,
    ) {
        Event::CursorOpened.count(run);
        let stamp = self.stamp;
        self.cursors[number] = Some(OpenCursor { condition, shape, direction, next: None, stamp });
    }

    /// Continues a cursor for `count` rows.
    pub(super) fn next_of_cursor(&mut self, number: usize, count: usize, run: &mut Run) -> Checked {
        let Some(cursor) = self.cursors[number].clone() else {
            run.idle();
            return Ok(());
        };
        Event::CursorMoved.count_if(cursor.next.is_some() && cursor.stamp < self.stamp, run);
        let reading = Reading {
            direction: cursor.direction,
            page: count,
            before: 0,
            seeks: cursor.next.into_iter().collect(),
            rest: count,
        };
        let answer = self.query(&cursor.condition, cursor.shape, &reading, run)?;
        let next = answer.filter(|answer| !answer.has_ended).and_then(|answer| match answer.last {
            Some(last) if cursor.direction == Direction::Ascending => last.checked_add(1),
            Some(last) => last.checked_sub(1),
            // A read failed before the first row.
            None => cursor.next,
        });
        Event::CursorEnded.count_if(next.is_none(), run);
        let stamp = self.stamp;
        self.cursors[number] = next.map(|next| OpenCursor { next: Some(next), stamp, ..cursor });
        Ok(())
    }
}
