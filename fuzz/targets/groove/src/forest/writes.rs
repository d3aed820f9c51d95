//! New writes.
//!
//! - In a scope, a key that was not prefetched is replaced by one that was.
//! - An insert of a present object becomes an update, and an update of an absent object an insert.

use super::events::Event;
use super::tested::Tested;
use super::trees::{Kept, Part, Tick};
use downbeat::{Checked, Run};
use downbeat_model::forest as model;
use downbeat_model::forest::{Change, Stored};

impl Tested {
    fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    fn next_timestamp(&mut self) -> u64 {
        self.made += 1;
        model::timestamp(self.time, self.made)
    }

    /// The plain tree that an operation uses.
    pub(super) fn plain_tree(&self, tree: u32) -> usize {
        match self.plain {
            0 => tree as usize,
            only => only - 1,
        }
    }

    /// Makes room for a write to a plain tree. Returns false if the store or the disk failed.
    fn make_room(&mut self, tree: usize, run: &mut Run) -> Checked<bool> {
        if !self.go_live(run)? {
            return Ok(false);
        }
        if self.sides.plain[tree].written == self.trees().0.beat_value_count_max {
            crate::store::beat(self, run)?;
        }
        Ok(self.store.can_write())
    }

    /// Puts or removes the records of a plain tree with these keys.
    pub(super) fn write_plain(
        &mut self,
        tree: usize,
        keys: impl Iterator<Item = u64>,
        puts: bool,
        run: &mut Run,
    ) -> Checked {
        for key in keys {
            if !self.make_room(tree, run)? {
                break;
            }
            run.keys.wrote(key);
            let change = if puts {
                Event::Put.count(run);
                Change::Put { tree, key, stamp: self.next_stamp() }
            } else {
                Event::Removed.count_if(self.sides.plain[tree].entries.at(key).is_some(), run);
                Change::Remove { tree, key }
            };
            self.write(change, run);
            self.check_memory(tree, key)?;
        }
        Ok(())
    }

    /// Removes every `nth` record of a plain tree, at most `count` of them.
    pub(super) fn remove_nth(
        &mut self,
        tree: usize,
        nth: u32,
        count: u32,
        run: &mut Run,
    ) -> Checked {
        let all = self.sides.plain[tree].entries.all().step_by(nth as usize);
        let keys: Vec<u64> = all.take(count as usize).map(|entry| entry.key).collect();
        run.idle_if(keys.is_empty());
        self.write_plain(tree, keys.into_iter(), false, run)
    }

    /// The primary key that a write in a scope takes in place of this one, which may be unknown.
    /// `None` if no key is known.
    fn known_id(&self, id: u64) -> Option<u64> {
        let known = &self.sides.parts.known;
        if known.contains(&id.into()) {
            return Some(id);
        }
        let place = (id % known.len().max(1) as u64) as usize;
        known.iter().nth(place).map(|id| *id as u64)
    }

    /// Inserts or updates the part with this key, or removes it if `values` is `None` and there is
    /// one.
    pub(super) fn write_part(&mut self, key: u64, values: Option<u32>, run: &mut Run) -> Checked {
        let id = if self.scope_is_open() { self.known_id(key) } else { Some(key) };
        let Some(id) = id else {
            run.idle();
            return Ok(());
        };
        if !self.make_ready::<Part>(id.into(), run)? {
            return Ok(());
        }
        run.keys.wrote(key);
        let stamp = self.next_stamp();
        let old = self.sides.parts.objects.get(id.into()).copied();
        let change = match (old, values) {
            (Some(_), None) => {
                Event::PartRemoved.count(run);
                Change::RemovePart(id)
            }
            (Some(old), Some(values)) => {
                Event::PartUpdated.count(run);
                Change::Part(model::Part::new(id, old.timestamp, values, stamp))
            }
            (None, values) => {
                Event::PartInserted.count(run);
                let timestamp = self.next_timestamp();
                Change::Part(model::Part::new(id, timestamp, values.unwrap_or(0), stamp))
            }
        };
        self.write(change, run);
        self.check_get::<Part>(id.into(), run)
    }

    /// Writes the parts with these keys.
    pub(super) fn write_parts(
        &mut self,
        keys: impl Iterator<Item = u64>,
        values: u32,
        run: &mut Run,
    ) -> Checked {
        for (number, key) in (0..).zip(keys) {
            if !self.store.can_write() {
                break;
            }
            self.write_part(key, Some((values + 5 * number) % 16), run)?;
        }
        Ok(())
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
            self.write(Change::Tick(model::Tick { timestamp, tag, text }), run);
            self.check_get::<Tick>(timestamp.into(), run)?;
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
        if !self.go_live(run)? {
            return Ok(());
        }
        let Some(old) = self.tick_at(place) else {
            let tag = tag.unwrap_or(0);
            run.redirected(|| format!("tick count=1 tag={tag}"));
            return self.insert_ticks(1, tag, run);
        };
        if !self.make_ready::<Tick>(old.primary(), run)? {
            return Ok(());
        }
        Event::TickWritten.count(run);
        let change = match tag {
            Some(tag) => {
                let text = self.next_stamp() as u32;
                Change::Tick(model::Tick { tag, text, ..old })
            }
            None => Change::RemoveTick(old.timestamp),
        };
        self.write(change, run);
        self.check_get::<Tick>(old.primary(), run)
    }

    /// Makes a primary key known, so that its object can be written. A beat runs first if this one
    /// has no room for a write or a prefetch. Returns false if the store or the disk failed, or if
    /// a scope is open and the key is not known in it.
    fn make_ready<O: Kept>(&mut self, primary: u128, run: &mut Run) -> Checked<bool> {
        if !self.go_live(run)? {
            return Ok(false);
        }
        if O::groove(self.store.forest.trees_and_grid().0).room() == 0 {
            crate::store::beat(self, run)?;
        }
        if O::side(&mut self.sides).known.contains(&primary) {
            return Ok(self.store.can_write());
        }
        if self.scope_is_open() {
            return Ok(false);
        }
        if self.prefetch_room::<O>() == 0 && self.store.can_write() {
            crate::store::beat(self, run)?;
        }
        Ok(self.store.can_write()
            && self.prefetch_now::<O>(&[primary], run)?
            && self.store.can_write())
    }
}
