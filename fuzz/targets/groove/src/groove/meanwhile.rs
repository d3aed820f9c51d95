//! Prefetches of things that stay under way while other operations run.
//!
//! - Between bars, when buffers are counted, no prefetch is under way: a beat abandons it, and the
//!   world ends it before it closes the store.
//! - A prefetch does not continue in a scope. The world persists the scope first.

use std::collections::BTreeSet;

use super::events::{Event, Late};
use super::kept::{Kept, Name, Thing};
use super::prefetches::named;
use super::tested::{Side, Tested};
use crate::store::{beat, read_failed};
use downbeat::check::fail;
use downbeat::{Checked, Run};
use downbeat_model::groove as model;
use downbeat_model::groove::Stored;
use downbeat_storage_targets::store::hang;

/// A prefetch that is under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    names: Vec<Name>,
    /// How many I/Os had completed when the prefetch began.
    since: u64,
    /// Whether an object was written since the prefetch began.
    pub(super) was_written: bool,
}

impl UnderWay {
    /// How many of the keys are not among these keys.
    pub(super) fn new_to(&self, prefetched: &BTreeSet<Name>) -> usize {
        let names: BTreeSet<&Name> = self.names.iter().collect();
        names.into_iter().filter(|name| !prefetched.contains(name)).count()
    }
}

impl Tested {
    /// Begins a prefetch of `count` things from a place on, of a thing that is known by another
    /// key, and of an absent key, as far as the beat has room for them.
    pub(super) fn prefetch_begin(&mut self, near: usize, count: usize, run: &mut Run) -> Checked {
        self.leave_scope(run);
        self.prefetch_abandon(run);
        let mut room = self.prefetch_room::<Thing>();
        if room == 0 && self.store.forest.failed().is_none() {
            beat(self, run)?;
            room = self.prefetch_room::<Thing>();
        }
        let things = self.sides.things.objects.all().skip(near).take(count);
        let mut keys: Vec<u64> = things.map(|thing| model::Thing::key_of(thing.id)).collect();
        // Keys are names of three sorts in turn, the first a primary key. Known things are known by
        // their primary keys, so the second key names one that way again.
        if let (Some(id), false) = (self.known_thing(near), keys.is_empty()) {
            keys.insert(1, model::Thing::key_of(id));
        }
        // The last key is absent, unless another thing happens to have it.
        keys.push(keys.last().map_or(0, |key| key ^ 1 << 40));
        let mut names = self.names_of_things(keys.into_iter(), 3);
        names.truncate(room);
        if names.is_empty() || self.store.is_down() {
            run.idle();
            return Ok(());
        }
        run.step();
        let keys: Vec<_> = names.iter().map(|name| Thing::object_key(*name)).collect();
        Thing::groove(self.store.forest.trees_and_grid().0).prefetch_begin(&keys);
        let since = self.store.now();
        let under_way = UnderWay { names, since, was_written: false };
        self.sides.things.under_way = Some(under_way);
        if !self.prefetch_goes_on(run)? {
            Late::Begun.count(run);
        }
        Ok(())
    }

    /// A thing that exists and whose primary key is known.
    fn known_thing(&self, place: usize) -> Option<u128> {
        let Side { known, objects, .. } = &self.sides.things;
        let present = known.iter().filter(|id| objects.get(**id).is_some());
        present.cycle().nth(place % known.len().max(1)).copied()
    }

    /// The primary key of a thing that is known and also being prefetched.
    pub(super) fn known_under_way(&self, place: usize) -> Option<u128> {
        let side = &self.sides.things;
        let names = side.under_way.as_ref()?.names.iter();
        let things = names.filter_map(|name| named(side, *name)).map(Stored::primary);
        let known_things: Vec<u128> = things.filter(|id| side.known.contains(id)).collect();
        (!known_things.is_empty()).then(|| known_things[place % known_things.len()])
    }

    /// Continues the prefetch that is under way, and completes up to `steps` I/Os.
    pub(super) fn prefetch_advance(&mut self, steps: u32, run: &mut Run) -> Checked {
        if self.sides.things.under_way.is_none() {
            run.redirected(|| "prefetch_begin".to_owned());
            return self.prefetch_begin(0, 1, run);
        }
        self.leave_scope(run);
        let mut left = steps;
        while !self.prefetch_goes_on(run)? && left > 0 && self.prefetch_waits()? {
            left -= 1;
        }
        Ok(())
    }

    /// Abandons the prefetch that is under way, if there is one.
    fn prefetch_abandon(&mut self, run: &mut Run) {
        if self.sides.things.under_way.take().is_some() {
            run.step();
            Late::Abandoned.count(run);
            let (grooves, grid) = self.store.forest.trees_and_grid();
            Thing::groove(grooves).prefetch_abandon(grid);
        }
    }

    /// Continues the prefetch that is under way, if there is one, to its end. In a scope, abandons
    /// it.
    pub(super) fn prefetch_end(&mut self, run: &mut Run) -> Checked {
        if self.scope_is_open() {
            self.prefetch_abandon(run);
        }
        if self.sides.things.under_way.is_none() {
            return Ok(());
        }
        while !self.prefetch_goes_on(run)? && self.prefetch_waits()? {}
        Ok(())
    }

    /// Notes that a beat abandons the prefetch that is under way.
    pub(super) fn beat_abandons(&mut self, run: &mut Run) {
        let was_under_way = self.sides.things.under_way.take().is_some();
        Late::AbandonedByBeat.count_if(was_under_way, run);
    }

    /// Counts a prefetch that is under way when the store is closed.
    pub(super) fn count_closed(&self, run: &mut Run) {
        Late::EndedByCrash.count_if(self.sides.things.under_way.is_some(), run);
    }

    /// Completes an I/O for which the prefetch waits. Returns false if power is lost.
    fn prefetch_waits(&mut self) -> Checked<bool> {
        if self.store.is_down() {
            return Ok(false);
        }
        if !self.store.forest.step() && !self.store.is_down() {
            return Err(hang("no I/O".to_owned()).saying("a prefetch waits, and nothing completes"));
        }
        Ok(!self.store.is_down())
    }

    /// Continues the prefetch that is under way without waiting. Returns whether it is not under
    /// way any more. If it has ended, checks its keys.
    fn prefetch_goes_on(&mut self, run: &mut Run) -> Checked<bool> {
        run.step();
        let ended = match self.store.forest.read() {
            Ok((grooves, mut reader)) => Thing::groove(grooves).prefetch_advance(&mut reader),
            Err(error) => Err(error),
        };
        if ended == Ok(false) {
            return Ok(false);
        }
        let Some(under_way) = self.sides.things.under_way.take() else { return Ok(true) };
        let UnderWay { names, since, was_written, .. } = under_way;
        if let Err(error) = ended {
            let divergence = || {
                fail("prefetch-equals-model", "success", error).saying(
                    "a prefetch fails while it is under way, and the disk does not explain it",
                )
            };
            read_failed(self, &error, since, divergence, run)?;
            Late::FailedWaiting.count(run);
            return Ok(true);
        }
        Late::EndedAfterWrite.count_if(was_written, run);
        let waited = self.store.now() > since;
        Event::PrefetchWithIo.count_if(waited, run);
        for name in &names {
            self.check_prefetched::<Thing>(*name, waited, run)?;
        }
        Ok(true)
    }
}
