//! What each operation does.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::{Event, FaultEvent};
use super::kept::Thing;
use super::queries::Reading;
use super::tested::Tested;
use super::writes::Write;
use crate::direction::direction;
use crate::store::{bars, beats, check_reason, checkpoint, drop_cache, reopen, step, want};
use downbeat::input::encoding::{Family, Operation as _, Place};
use downbeat::{Checked, Run, run_of_keys};
use downbeat_model::groove as model;
use downbeat_model::groove::{Condition, Operation, Operation::*};

/// The size of a page, or `None` if all objects are read one by one.
fn page(page: u32) -> Option<usize> {
    (page < 0x1_0000).then_some(page as usize)
}

impl Tested {
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let family = Operation::KINDS[operation.kind()].family;
        let writes = matches!(family, Family::Write | Family::Remove | Family::Run | Family::Scope);
        let needs_beats = matches!(operation, Beats { .. } | Bars { .. } | Checkpoint | Want);
        if self.store.forest.failed().is_some() && (needs_beats || writes) {
            let scope_is_open = self.scope_is_open();
            check_reason(self, scope_is_open)?;
            FaultEvent::OpenedToWrite.count(run);
            reopen(self, run)?;
        }
        let place_of_thing = |tested: &Self, place: Place| {
            place.of(tested.sides.things.objects.len().max(1) as u32) as usize
        };
        let place_of_tick = |tested: &Self, place: Place| {
            place.of(tested.sides.ticks.objects.len().max(1) as u32) as usize
        };
        match *operation {
            Insert { key, values, code } => {
                self.write(key.literal(), Write::Insert(values.get(), code.get()), run)
            }
            InsertRun { key, count, stride, values } => {
                let keys = run_of_keys(key.literal(), count.get(), stride.get());
                self.write_each(keys, |number| Write::Insert(values.get() + 7 * number, 0), run)
            }
            Update { key, fields, values } => {
                self.write(key.literal(), Write::Update(fields.get(), values.get()), run)
            }
            Revert { key } => self.write(key.literal(), Write::Revert, run),
            UpdateRun { nth, count, fields, values } => {
                let write = |number| Write::Update(fields.get(), values.get() + 5 * number);
                self.write_nth(nth.get(), count.get(), write, run)
            }
            Remove { key } => self.write(key.literal(), Write::Remove, run),
            RemoveRun { nth, count } => {
                self.write_nth(nth.get(), count.get(), |_| Write::Remove, run)
            }
            Replace { key, values, code } => {
                self.replace(key.literal(), values.get(), code.get(), run)
            }
            Prefetch { key, count, stride, by } => {
                let keys = run_of_keys(key.literal(), count.get(), stride.get());
                self.prefetch_things(keys, by.get(), run)
            }
            InsertTicks { count, tag } => self.insert_ticks(count.get(), tag.get(), run),
            UpdateTick { tick, tag } => {
                let place = place_of_tick(self, tick);
                self.write_tick(place, Some(tag.get()), run)
            }
            RemoveTick { tick } => {
                let place = place_of_tick(self, tick);
                self.write_tick(place, None, run)
            }
            PrefetchTicks { tick, count, distance } => {
                let place = place_of_tick(self, tick);
                self.prefetch_ticks(place, count.get() as usize, distance.get(), run)
            }
            QueryTicks { tag, way, page: size } => {
                let reading = Reading {
                    direction: direction(way.get()),
                    page: page(size.get()),
                    seek: None,
                    rest: usize::MAX,
                };
                self.query_ticks(tag.get(), reading, run)
            }
            Query { shape, first, second, third, near, way, page: size } => {
                let near = place_of_thing(self, near);
                let condition = self.condition(shape, [first, second, third], near);
                let reading = Reading {
                    direction: direction(way.get()),
                    page: page(size.get()),
                    seek: None,
                    rest: usize::MAX,
                };
                self.query_things(&condition, shape, reading, run)
            }
            QuerySeek { shape, first, second, third, near, way, records, seek, distance, rest } => {
                let near = place_of_thing(self, near);
                let condition = self.condition(shape, [first, second, third], near);
                let sought = self.sides.things.objects.nth(place_of_thing(self, seek));
                let timestamp = sought.map_or(1, |thing| thing.timestamp);
                let timestamp = timestamp.wrapping_add_signed(distance.get());
                let reading = Reading {
                    direction: direction(way.get()),
                    page: None,
                    seek: Some((records.get() as usize - 1, timestamp)),
                    rest: rest.get() as usize,
                };
                self.query_things(&condition, shape, reading, run)
            }
            Open { key, count } => self.scope_open(run_of_keys(key.literal(), count.get(), 1), run),
            Persist => self.scope_close(ScopeOutcome::Persist, run),
            Discard => self.scope_close(ScopeOutcome::Discard, run),
            Beats { count, steps } => beats(self, count.get(), steps.get(), run),
            Bars { count } => bars(self, count.get(), run),
            Checkpoint => checkpoint(self, run),
            Want => want(self, run).map(drop),
            DropCache => {
                drop_cache(self, run);
                Ok(())
            }
            PrefetchBegin { near, count } => {
                let near = place_of_thing(self, near);
                self.prefetch_begin(near, count.get() as usize, run)
            }
            PrefetchAdvance { steps } => self.prefetch_advance(steps.get(), run),
            InsertTaken { same, near } => {
                let near = place_of_thing(self, near);
                self.insert_taken(same.get(), near, run)
            }
            QueryFails { page: size, io } => {
                drop_cache(self, run);
                let is_alone = self.store.disk().armed().is_empty();
                self.store.arm_fault(0, io.get());
                let condition = Condition::Within(model::Thing::KIND, 1, 2);
                let reading = Reading {
                    direction: direction(io.get() % 2),
                    page: page(size.get()),
                    seek: None,
                    rest: usize::MAX,
                };
                self.query::<Thing>(&condition, reading, run)?;
                // The fault is for this query alone.
                if is_alone && !self.store.is_down() {
                    self.store.disk().disarm_all();
                }
                Ok(())
            }
            Reopen { store, memory } => {
                self.prefetch_end(run)?;
                if store.get() == 1 && memory.get() > 0 {
                    self.refuses_others(run)?;
                }
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
