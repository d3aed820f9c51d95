//! What each operation does.

use super::events::{Event, FaultEvent};
use super::queries::Reading;
use super::tested::Tested;
use crate::direction::direction;
use crate::store::{bars, beats, check_reason, checkpoint, drop_cache, reopen, step};
use downbeat::input::encoding::{Family, Operation as _, Place};
use downbeat::{Checked, Run};
use downbeat_model::scan as model;
use downbeat_model::scan::{Operation, Operation::*, Term};

/// Six conditions of three, so that no expression of them is empty whatever they are.
fn six([first, second, third]: [Term; 3]) -> [Term; 6] {
    [first, second, third, second, third, first]
}

impl Tested {
    fn place(&self, place: Place) -> usize {
        place.of(self.rows.objects.len().max(1) as u32) as usize
    }

    fn row(&self, place: Place) -> Option<model::Row> {
        self.rows.objects.nth(self.place(place)).copied()
    }

    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let family = Operation::KINDS[operation.kind()].family;
        let writes = matches!(family, Family::Write | Family::Remove | Family::Run);
        let needs_beats = matches!(operation, Beats { .. } | Bars { .. } | Checkpoint);
        if self.store.forest.failed().is_some() && (needs_beats || writes) {
            check_reason(self, false)?;
            FaultEvent::OpenedToWrite.count(run);
            reopen(self, run)?;
        }
        match *operation {
            Insert { count, values } => self.insert(count.get(), values.get(), run),
            Update { row, fields, values } => match self.row(row) {
                Some(row) => self.update(&[row], fields.get(), values.get(), run),
                None => {
                    run.redirected(|| format!("insert count=1 values={}", values.get()));
                    self.insert(1, values.get(), run)
                }
            },
            UpdateRun { nth, count, fields, values } => {
                let rows = self.every_nth(nth.get(), count.get());
                run.idle_if(rows.is_empty());
                self.update(&rows, fields.get(), values.get(), run)
            }
            Remove { row } => match self.row(row) {
                Some(row) => self.remove(&[row], run),
                None => {
                    run.redirected(|| "insert count=1 values=0".to_owned());
                    self.insert(1, 0, run)
                }
            },
            RemoveRun { nth, count } => {
                let rows = self.every_nth(nth.get(), count.get());
                run.idle_if(rows.is_empty());
                self.remove(&rows, run)
            }
            Query { shape, first, second, third, fourth, fifth, sixth, near, way, page } => {
                let terms = [first, second, third, fourth, fifth, sixth];
                let condition = self.condition(shape, &terms, self.place(near));
                let reading = Reading {
                    direction: direction(way.get()),
                    page: page.get() as usize,
                    before: 0,
                    seeks: Vec::new(),
                    rest: usize::MAX,
                };
                self.query(&condition, shape, &reading, run).map(drop)
            }
            Seek {
                shape,
                first,
                second,
                third,
                near,
                way,
                records,
                seek,
                distance,
                again,
                rest,
            } => {
                let condition =
                    self.condition(shape, &six([first, second, third]), self.place(near));
                let sought = |row: Option<model::Row>| row.map_or(1, |row| row.timestamp);
                let first = sought(self.row(seek)).wrapping_add_signed(distance.get());
                let reading = Reading {
                    direction: direction(way.get()),
                    page: 1,
                    before: records.get() as usize - 1,
                    seeks: vec![first, sought(self.row(again))],
                    rest: rest.get() as usize,
                };
                self.query(&condition, shape, &reading, run).map(drop)
            }
            Open { cursor, shape, first, second, third, near, way } => {
                let condition =
                    self.condition(shape, &six([first, second, third]), self.place(near));
                let direction = direction(way.get());
                self.open_cursor(cursor.get() as usize, condition, shape, direction, run);
                self.next_of_cursor(cursor.get() as usize, 1, run)
            }
            Next { cursor, count } => {
                self.next_of_cursor(cursor.get() as usize, count.get() as usize, run)
            }
            Beats { count, steps } => beats(self, count.get(), steps.get(), run),
            Bars { count } => bars(self, count.get(), run),
            Checkpoint => checkpoint(self, run),
            DropCache => {
                drop_cache(self, run);
                Ok(())
            }
            Reopen { store, memory } => {
                let next = self.with_memory(memory.get());
                Event::OtherMemory.count_if(next != self.store.options, run);
                self.store.next = (store.get() == 1 || memory.get() > 0).then_some(next);
                reopen(self, run)
            }
            Step { count } => {
                step(self, count.get(), run);
                Ok(())
            }
            Crash { io, from, store } => {
                self.store.arm_crash(io.get(), from.get() == 1, store.get() == 1);
                Ok(())
            }
            Fault { kind, io } => {
                self.store.arm_fault(kind.get(), io.get());
                Ok(())
            }
        }
    }
}
