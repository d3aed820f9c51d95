//! Prefetches and gets.

use downbeat_lsm::collections::ScopeOutcome;

use super::events::{Event, Late};
use super::kept::{Kept, Name, Thing, Tick};
use super::states;
use super::tested::{Side, Tested};
use crate::store::{beat, read_failed};
use downbeat::check::{fail, holds, same};
use downbeat::{Checked, Run};
use downbeat_model::groove as model;
use downbeat_model::groove::Stored;

/// The object of the model with this name.
pub(super) fn named<M: Stored>(side: &Side<M>, name: Name) -> Option<&M> {
    match name {
        Name::Primary(primary) => side.objects.get(primary),
        Name::Timestamp(timestamp) => side.objects.at(timestamp),
        Name::Code(code) => side.objects.with_code(code),
    }
}

impl Tested {
    /// How many more keys can be prefetched in this beat.
    pub(super) fn prefetch_room<O: Kept>(&mut self) -> usize {
        let most = self.store.options.trees.0.prefetch_max as usize;
        let Side { prefetched, under_way, .. } = O::side(&mut self.sides);
        most - prefetched.len() - under_way.as_ref().map_or(0, |it| it.new_to(prefetched))
    }

    /// Prefetches things by the primary key (`by` is 0), the timestamp (1), the code (2) or these
    /// in turn (3), and gets them. In a scope, gets known objects instead.
    pub(super) fn prefetch_things(
        &mut self,
        keys: impl Iterator<Item = u64>,
        by: u32,
        run: &mut Run,
    ) -> Checked {
        let names = self.names_of_things(keys, by);
        self.prefetch::<Thing>(&names, run)
    }

    /// The names by which the things with these keys are prefetched.
    pub(super) fn names_of_things(&self, keys: impl Iterator<Item = u64>, by: u32) -> Vec<Name> {
        let mut names = Vec::new();
        for (number, key) in keys.enumerate() {
            let id = model::Thing::id_of(key);
            let thing = self.sides.things.objects.get(id);
            let by = if by == 3 { number % 3 } else { by as usize };
            names.push(match by {
                0 => Name::Primary(id),
                1 => {
                    // For an absent thing: the timestamp of an object that was inserted earlier in
                    // the run. It may have been removed.
                    let any = model::timestamp(self.time, 1 + key % self.made.max(1));
                    Name::Timestamp(thing.map_or(any, |thing| thing.timestamp))
                }
                _ => Name::Code(thing.map_or_else(|| model::Thing::code_of(key), |it| it.code)),
            });
        }
        names
    }

    /// Prefetches the ticks from a place on, each timestamp moved by `distance`, and gets them.
    pub(super) fn prefetch_ticks(
        &mut self,
        place: usize,
        count: usize,
        distance: i64,
        run: &mut Run,
    ) -> Checked {
        let ticks = self.sides.ticks.objects.all().skip(place).take(count);
        let names: Vec<Name> = ticks
            .map(|tick| Name::Timestamp(tick.timestamp.wrapping_add_signed(distance)))
            .collect();
        run.idle_if(names.is_empty());
        self.prefetch::<Tick>(&names, run)
    }

    /// Prefetches keys in as many beats as necessary, and gets them.
    fn prefetch<O: Kept>(&mut self, names: &[Name], run: &mut Run) -> Checked {
        if self.scope_is_open() {
            return self.get_known::<O>(names, run);
        }
        let mut left = names;
        while !left.is_empty() && !self.store.is_down() {
            let room = self.prefetch_room::<O>();
            if room == 0 {
                if self.store.forest.failed().is_some() {
                    return Ok(());
                }
                beat(self, run)?;
                continue;
            }
            let (now, later) = left.split_at(room.min(left.len()));
            self.prefetch_now::<O>(now, run)?;
            left = later;
        }
        Ok(())
    }

    /// Gets known objects, in the order of their primary keys: as many as there are names, or
    /// fewer.
    fn get_known<O: Kept>(&mut self, names: &[Name], run: &mut Run) -> Checked {
        let known: Vec<u128> = O::side(&mut self.sides).known.iter().copied().collect();
        run.idle_if(known.is_empty());
        for (place, _) in names.iter().enumerate().take(known.len()) {
            self.check_get::<O>(known[place], run)?;
        }
        Ok(())
    }

    /// Prefetches keys for which this beat has room, and gets them. Returns false if the prefetch
    /// failed because of the disk.
    pub(super) fn prefetch_now<O: Kept>(&mut self, names: &[Name], run: &mut Run) -> Checked<bool> {
        if names.is_empty() {
            return Ok(true);
        }
        self.prefetch_end(run)?;
        if self.store.is_down() {
            return Ok(false);
        }
        run.step();
        let since = self.store.now();
        let keys: Vec<_> = names.iter().map(|name| O::object_key(*name)).collect();
        let prefetched = match self.store.forest.read() {
            Ok((grooves, mut reader)) => O::groove(grooves).prefetch(&keys, &mut reader),
            Err(error) => Err(error),
        };
        let waited = self.store.now() > since;
        Event::PrefetchWithIo.count_if(waited, run);
        if let Err(error) = prefetched {
            let divergence = || {
                fail("prefetch-equals-model", "success", error)
                    .saying("a prefetch fails, and the disk does not explain it")
            };
            read_failed(self, &error, since, divergence, run)?;
            return Ok(false);
        }
        for name in names {
            self.check_prefetched::<O>(*name, waited, run)?;
        }
        Ok(true)
    }

    /// Checks a key that was just prefetched.
    pub(super) fn check_prefetched<O: Kept>(
        &mut self,
        name: Name,
        waited: bool,
        run: &mut Run,
    ) -> Checked {
        run.step();
        let side = O::side(&mut self.sides);
        let expected = named(side, name).copied();
        let is_new = side.prefetched.insert(name);
        if let Name::Primary(primary) = name {
            side.known.insert(primary);
        }
        if let Some(object) = &expected {
            side.known.insert(object.primary());
        }
        Event::Again.count_if(!is_new && side.objects.writes_since_beat() > 0, run);
        if waited && expected.is_some() {
            let by = match name {
                Name::Primary(_) => 0,
                Name::Timestamp(_) => 1,
                Name::Code(_) => 2,
            };
            run.state(states::FoundBy, by);
        }
        if expected.is_some() { Event::Found } else { Event::Absent }.count(run);
        run.read(expected.is_some());
        let got =
            O::groove(self.store.forest.trees_and_grid().0).get_prefetched(O::object_key(name));
        let got = got.map(|object| object.model());
        run.remark(|| format!("{name:x?}: {got:x?}"));
        same("prefetch-equals-model", expected, got)
            .or("a prefetch finds another object than the model, or none")?;
        match expected {
            Some(object) => self.check_get::<O>(object.primary(), run),
            None => Ok(()),
        }
    }

    /// Checks the object with a known primary key.
    pub(super) fn check_get<O: Kept>(&mut self, primary: u128, run: &mut Run) -> Checked {
        run.step();
        let side = O::side(&mut self.sides);
        Late::GotMeanwhile.count_if(side.under_way.is_some(), run);
        let expected = side.objects.get(primary).copied();
        let got = O::groove(self.store.forest.trees_and_grid().0).get(primary);
        holds("get-has-its-key", got.is_none_or(|object| object.primary() == primary))
            .show(|| (format!("{primary:#x}"), format!("{got:x?}")))
            .or("a get returns an object with another primary key")?;
        same("get-equals-model", expected, got.map(|object| object.model()))
            .or("a get returns another object than the model, or none")
    }

    /// Makes a primary key known, so that its object can be written. A beat runs first if this one
    /// has no room for a write or a prefetch. Returns false if the store or the disk failed, or if
    /// a scope is open and the key is not known in it.
    pub(super) fn make_ready<O: Kept>(&mut self, primary: u128, run: &mut Run) -> Checked<bool> {
        if self.store.is_down() || self.store.forest.failed().is_some() {
            return Ok(false);
        }
        if O::groove(self.store.forest.trees_and_grid().0).room() == 0 {
            beat(self, run)?;
        }
        if O::side(&mut self.sides).known.contains(&primary) {
            return Ok(self.store.can_write());
        }
        if self.scope_is_open() {
            return Ok(false);
        }
        if self.prefetch_room::<O>() == 0 && self.store.can_write() {
            beat(self, run)?;
        }
        Ok(self.store.can_write() && self.prefetch_now::<O>(&[Name::of::<O>(primary)], run)?)
    }

    /// Persists the open scope, because the next operation is impossible in a scope.
    pub(super) fn leave_scope(&mut self, run: &mut Run) {
        if self.scope_is_open() {
            Event::ScopeForced.count(run);
            self.scope_close_now(ScopeOutcome::Persist, run);
        }
    }
}

impl Name {
    /// The name of the object with this primary key. A tick is always named by its timestamp, so
    /// that a key has only one name.
    pub(super) fn of<O: Kept>(primary: u128) -> Self {
        match u64::try_from(primary) {
            Ok(timestamp) if O::PRIMARY_IS_TIMESTAMP => Self::Timestamp(timestamp),
            _ => Self::Primary(primary),
        }
    }
}
