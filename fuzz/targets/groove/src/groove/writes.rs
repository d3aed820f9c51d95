//! Inserts, updates and removals.
//!
//! - In a scope, and while a prefetch is under way, a key that was not prefetched is replaced by
//!   one that was, if possible by one that is also being prefetched.
//! - An insert of a present key becomes an update, and any other write of an absent key an insert.

use super::events::{Event, Late, Rank};
use super::kept::{Kept, Thing, Tick};
use super::states;
use super::tested::Tested;
use downbeat::check::same;
use downbeat::{Checked, Run};
use downbeat_model::groove as model;
use downbeat_model::groove::Stored;

/// A write of a thing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Write {
    /// Inserts a thing with these values and this kind of code, or updates its owner, kind, mark
    /// and flag to these values.
    Insert(u32, u32),
    /// Updates the fields of this bit mask to these values.
    Update(u32, u32),
    /// Updates the thing to its values before its last update.
    Revert,
    Remove,
}

impl Tested {
    pub(super) fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    pub(super) fn next_timestamp(&mut self) -> u64 {
        self.made += 1;
        model::timestamp(self.time, self.made)
    }

    /// Returns `key` if it is known. If not, returns a known key, which a write in a scope uses
    /// instead; `None` if no key is known.
    fn known_key(&self, key: u64) -> Option<u64> {
        let known = &self.sides.things.known;
        if known.contains(&model::Thing::id_of(key)) {
            return Some(key);
        }
        let again = self.known_under_way(key as usize);
        let place = (key % known.len().max(1) as u64) as usize;
        again.or_else(|| known.iter().nth(place).copied()).map(model::Thing::key_of)
    }

    /// The key that is written instead of `key`: a known one, if the groove cannot prefetch now.
    /// Returns `None` if none is known.
    fn key_to_write(&self, key: u64) -> Option<u64> {
        if self.scope_is_open() {
            return self.known_key(key);
        }
        let is_under_way = self.sides.things.under_way.is_some();
        let known = if is_under_way { self.known_key(key) } else { None };
        Some(known.unwrap_or(key))
    }

    /// Writes the thing with this key.
    pub(super) fn write(&mut self, key: u64, write: Write, run: &mut Run) -> Checked {
        let Some(key) = self.key_to_write(key) else {
            run.idle();
            return Ok(());
        };
        let id = model::Thing::id_of(key);
        if !self.make_ready::<Thing>(id, run)? {
            return Ok(());
        }
        run.keys.wrote(key);
        let stamp = self.next_stamp();
        let old = self.sides.things.objects.get(id).copied();
        let Some(old) = old else {
            let (values, code) = match write {
                Write::Insert(values, code) => (values, code),
                Write::Update(_, values) => (values, 0),
                Write::Revert | Write::Remove => (stamp as u32, 0),
            };
            return self.insert_thing(key, values, code, stamp, run);
        };
        match write {
            Write::Insert(values, _) => self.update_thing(&old, &old.with(15, values, stamp), run),
            Write::Update(fields, values) => {
                self.update_thing(&old, &old.with(fields, values, stamp), run)
            }
            Write::Revert => {
                let before = self.sides.things.objects.before_update(old.timestamp);
                let before = before.copied().unwrap_or(old);
                Event::Reverted.count_if(!is_same(&before, &old), run);
                let new = model::Thing { text: stamp as u16, ..before };
                self.update_thing(&old, &new, run)
            }
            Write::Remove => self.remove_now::<Thing>(&old, run),
        }
    }

    fn insert_thing(
        &mut self,
        key: u64,
        values: u32,
        code: u32,
        stamp: u64,
        run: &mut Run,
    ) -> Checked {
        let code = match code {
            0 => model::Thing::code_of(key),
            1 => model::Thing::code_of(key.wrapping_add(1)),
            _ => model::Thing::rare_code(stamp),
        };
        let is_taken = self.sides.things.objects.with_code(code).is_some();
        let code = if is_taken { model::Thing::rare_code(stamp) } else { code };
        let timestamp = self.next_timestamp();
        let thing = model::Thing::new(key, timestamp, code, values, stamp);
        Event::Inserted.count(run);
        self.insert_now::<Thing>(&thing, run)
    }

    pub(super) fn insert_now<O: Kept>(&mut self, object: &O::Model, run: &mut Run) -> Checked {
        run.step();
        self.writes_meanwhile::<O>(run);
        O::groove(self.store.forest.trees_and_grid().0).insert(&O::of(object));
        self.wrote::<O>(object, run)
    }

    fn update_thing(&mut self, old: &model::Thing, new: &model::Thing, run: &mut Run) -> Checked {
        if is_same(old, new) { Event::UpdatedPlainly } else { Event::Updated }.count(run);
        let is_derived_again = (old.kind, old.flag) != (new.kind, new.flag);
        match (old.rank(), new.rank()) {
            (None, Some(_)) => Rank::Given.count(run),
            (Some(_), None) => Rank::Taken.count(run),
            (from, to) if from != to => Rank::Changed.count(run),
            (from, _) => Rank::Kept.count_if(from.is_some() && is_derived_again, run),
        }
        self.update_now::<Thing>(new, run)
    }

    fn update_now<O: Kept>(&mut self, new: &O::Model, run: &mut Run) -> Checked {
        run.step();
        self.writes_meanwhile::<O>(run);
        O::groove(self.store.forest.trees_and_grid().0).update(&O::of(new));
        self.wrote::<O>(new, run)
    }

    /// Notes that an object is written while a prefetch is under way, if there is one.
    fn writes_meanwhile<O: Kept>(&mut self, run: &mut Run) {
        if let Some(under_way) = &mut O::side(&mut self.sides).under_way {
            under_way.was_written = true;
            Late::WrittenMeanwhile.count(run);
        }
    }

    /// Notes that an object was inserted or updated.
    fn wrote<O: Kept>(&mut self, object: &O::Model, run: &mut Run) -> Checked {
        let beat = self.store.next_beat();
        let side = O::side(&mut self.sides);
        side.objects.put(object, beat);
        side.known.insert(object.primary());
        run.remark(|| format!("{object:x?}"));
        self.check_get::<O>(object.primary(), run)
    }

    fn remove_now<O: Kept>(&mut self, old: &O::Model, run: &mut Run) -> Checked {
        run.step();
        self.writes_meanwhile::<O>(run);
        O::groove(self.store.forest.trees_and_grid().0).remove(old.primary());
        let beat = self.store.next_beat();
        O::side(&mut self.sides).objects.remove(old.timestamp(), beat);
        Event::Removed.count(run);
        self.check_get::<O>(old.primary(), run)
    }

    /// Writes the things with these keys.
    pub(super) fn write_each(
        &mut self,
        keys: impl Iterator<Item = u64>,
        mut write: impl FnMut(u32) -> Write,
        run: &mut Run,
    ) -> Checked {
        for (number, key) in (0..).zip(keys) {
            if self.store.is_down() || self.store.forest.failed().is_some() {
                break;
            }
            self.write(key, write(number), run)?;
        }
        Ok(())
    }

    /// Writes every `nth` of all things, at most `count` of them.
    pub(super) fn write_nth(
        &mut self,
        nth: u32,
        count: u32,
        write: impl FnMut(u32) -> Write,
        run: &mut Run,
    ) -> Checked {
        let all = self.sides.things.objects.all().step_by(nth as usize);
        let keys: Vec<u64> =
            all.take(count as usize).map(|thing| model::Thing::key_of(thing.id)).collect();
        run.idle_if(keys.is_empty());
        self.write_each(keys.into_iter(), write, run)
    }

    /// Removes the thing with this key, if there is one, and inserts another one.
    pub(super) fn replace(&mut self, key: u64, values: u32, code: u32, run: &mut Run) -> Checked {
        let key = self.key_to_write(key).unwrap_or(0);
        let before = self.store.forest.beat_number();
        if self.sides.things.objects.get(model::Thing::id_of(key)).is_some() {
            self.write(key, Write::Remove, run)?;
        }
        if self.sides.things.objects.get(model::Thing::id_of(key)).is_some() {
            return Ok(());
        }
        Event::InsertedAgain.count_if(self.store.forest.beat_number() == before, run);
        self.write(key, Write::Insert(values, code), run)
    }

    pub(super) fn insert_ticks(&mut self, count: u32, tag: u32, run: &mut Run) -> Checked {
        for _ in 0..count {
            let timestamp = self.next_timestamp();
            // In a scope, the timestamp of a new tick is never known.
            self.leave_scope(run);
            if !self.make_ready::<Tick>(timestamp.into(), run)? {
                break;
            }
            let text = self.next_stamp() as u32;
            Event::TickWritten.count(run);
            self.insert_now::<Tick>(&model::Tick { timestamp, tag, text }, run)?;
        }
        Ok(())
    }

    /// The tick at a place or, in a scope, one that is known.
    fn tick_at(&self, place: usize) -> Option<model::Tick> {
        let ticks = &self.sides.ticks;
        if !self.scope_is_open() {
            return ticks.objects.nth(place).copied();
        }
        let known = ticks.known.iter().filter_map(|primary| ticks.objects.get(*primary));
        known.cycle().nth(place).copied()
    }

    /// Updates the tick at a place, or removes it if there is no tag.
    pub(super) fn write_tick(&mut self, place: usize, tag: Option<u32>, run: &mut Run) -> Checked {
        let Some(old) = self.tick_at(place) else {
            run.redirected(|| "tick".to_owned());
            return self.insert_ticks(1, tag.unwrap_or(0), run);
        };
        if !self.make_ready::<Tick>(old.timestamp.into(), run)? {
            return Ok(());
        }
        // A beat may have closed the scope, but the tick is still there.
        same("model-keeps-its-objects", Some(&old), self.sides.ticks.objects.at(old.timestamp))
            .or("a tick changed while its key was prefetched")?;
        match tag {
            Some(tag) => {
                let text = self.next_stamp() as u32;
                Event::TickWritten.count(run);
                self.update_now::<Tick>(&model::Tick { tag, text, ..old }, run)
            }
            None => self.remove_now::<Tick>(&old, run),
        }
    }

    /// Marks how many things there are.
    pub(super) fn mark_size(&self, run: &mut Run) {
        run.state(states::Objects, states::size(self.sides.things.objects.len()));
    }
}

/// Whether two things have the same values in all fields with an index.
fn is_same(one: &model::Thing, other: &model::Thing) -> bool {
    let fields = 0..model::Thing::FIELDS.len();
    fields.into_iter().all(|field| one.value(field) == other.value(field))
}
