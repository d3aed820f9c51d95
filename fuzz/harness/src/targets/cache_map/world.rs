//! The world: two maps, one model, and the rules that keep a history legal.
//!
//! Rules, each part of what an input means:
//!
//! * Before a write that the stash might not hold, the map is compacted; before one that the scope
//!   might not undo, the scope is closed. A compaction inside a scope closes it first, as the
//!   header's `forced` says; the end of the input does the same.
//! * A removal takes a value written since the last compaction; an older one is written again first.
//!
//! An operation that cannot be: `persist` and `discard` outside a scope open one; `open` inside one
//! closes that first; a removal of what is not live becomes that of the key written last that is, or
//! a write where there is none.

use downbeat_lsm::collections::ScopeOutcome;

use super::compare::{self, Answer, Call};
use super::events::{self, Event};
use super::maps::{Record, Shelf, Side};
use super::room::Room;
use super::sweep;
use crate::failure::Divergence;
use crate::model::cache_map::{Expected, FORCED, Model, Operation, SCOPE, STASH};
use crate::model::encoding::{Count, Header, Operation as _, Stride};
use crate::run::Run;
use crate::target::World;

/// How far back a removal of what is not live looks for a key that is.
const NEAREST_WRITES: u64 = 8;

/// Two maps and their model.
#[derive(Debug)]
pub struct CacheMapWorld {
    shelf: Shelf,
    model: Model,
    room: Room,
    forced: ScopeOutcome,
    writes: u64,
}

impl World for CacheMapWorld {
    type Operation = Operation;

    fn new() -> Self {
        CacheMapWorld {
            shelf: Shelf::default(),
            model: Model::new(),
            room: Room::default(),
            forced: ScopeOutcome::Persist,
            writes: 0,
        }
    }

    fn open(&mut self, header: &Header, _run: &mut Run) {
        let CacheMapWorld { shelf, model, room, forced, writes } = self;
        let number = |setting| header.number(Operation::SETTINGS, setting) as usize;
        shelf.open(header);
        model.reset();
        *room = Room::new(number(STASH), number(SCOPE));
        *forced = match header.index(FORCED) {
            0 => ScopeOutcome::Persist,
            _ => ScopeOutcome::Discard,
        };
        *writes = 0;
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Upsert { key } => self.upsert(key.literal(), run),
            Operation::Get { key } => self.get(key.literal(), run),
            Operation::Lookup { key } => self.lookup(key.literal(), run),
            Operation::Remove { key } => self.remove(key.literal(), run),
            Operation::Compact => self.compact(run),
            Operation::Open => self.open_scope(run),
            Operation::Persist => self.close_scope_as_told(ScopeOutcome::Persist, run),
            Operation::Discard => self.close_scope_as_told(ScopeOutcome::Discard, run),
            Operation::UpsertRun { key, count, stride } => {
                self.each(key.literal(), count, stride, run, Self::upsert)
            }
            Operation::GetRun { key, count, stride } => {
                self.each(key.literal(), count, stride, run, Self::get)
            }
            Operation::RemoveRun { key, count, stride } => {
                self.remove_run(key.literal(), count, stride, run)
            }
            Operation::Fill { key, left } => self.fill(key.literal(), left.get() as usize, run),
            Operation::Reset => self.reset(run),
        }
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            self.close_scope(self.forced, run)?;
        }
        for side in Side::BOTH {
            events::harvest(self.shelf.maps().get(side), side, run);
            sweep::both_ways(self.shelf.maps_mut().get_mut(side), side, &self.model)?;
        }
        Ok(())
    }
}

impl CacheMapWorld {
    #[inline]
    fn upsert(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        self.make_room(1, run)?;
        self.writes += 1;
        let stamp = self.writes;
        run.remark(|| format!("= #{stamp}"));
        for side in Side::BOTH {
            let map = self.shelf.maps_mut().get_mut(side);
            map.upsert(&Record { key, stamp });
            run.step();
        }
        self.model.upsert(key, stamp);
        run.keys.wrote(key);
        self.wrote()
    }

    /// Removes a key that the model holds; one older than the last compaction is written again.
    fn remove_live(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        let is_current = |world: &Self| matches!(world.model.expected(key), Expected::Value(_));
        if is_current(self) {
            self.make_room(1, run)?;
        }
        // Making room may have made it an older value, or taken it back with its scope.
        if !is_current(self) {
            self.make_room(2, run)?;
            Event::WrittenAgain.count(run);
            self.upsert(key, run)?;
        }
        for side in Side::BOTH {
            self.shelf.maps_mut().get_mut(side).remove(key);
            run.step();
        }
        self.model.remove(key);
        self.wrote()
    }

    fn remove(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        if self.is_live(key) {
            return self.remove_live(key, run);
        }
        let written = (0..NEAREST_WRITES).filter_map(|gap| run.keys.written(gap));
        let nearest = written.into_iter().find(|key| self.is_live(*key));
        if let Some(nearest) = nearest {
            run.redirected(|| format!("remove {nearest:#x}"));
            self.remove_live(nearest, run)
        } else {
            run.redirected(|| format!("upsert {key:#x}"));
            self.upsert(key, run)
        }
    }

    fn remove_run(
        &mut self,
        key: u64,
        count: Count,
        stride: Stride,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let before = run.tally().steps;
        self.each(key, count, stride, run, |world, key, run| {
            if world.is_live(key) { world.remove_live(key, run) } else { Ok(()) }
        })?;
        if run.tally().steps == before {
            run.idle();
        }
        Ok(())
    }

    /// Writes keys from `key` on until only `left` writes fit before a compaction.
    fn fill(&mut self, key: u64, left: usize, run: &mut Run) -> Result<(), Divergence> {
        let mut next = key;
        let mut idle = true;
        while self.room.left() > left
            && self.undo().is_none_or(|undo| self.room.scope_has_room(undo, 1))
        {
            self.upsert(next, run)?;
            next = next.wrapping_add(1);
            idle = false;
        }
        if idle {
            run.idle();
        }
        Ok(())
    }

    #[inline]
    fn get(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        let expected = self.model.expected(key);
        for side in Side::BOTH {
            let got = Answer::of_get(self.shelf.maps_mut().get_mut(side).get(key));
            Self::answered(Call::Get, side, key, expected, got, run)?;
        }
        Ok(())
    }

    #[inline]
    fn lookup(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        let expected = self.model.expected(key);
        for side in Side::BOTH {
            let got = Answer::of_lookup(self.shelf.maps_mut().get_mut(side).lookup(key));
            Self::answered(Call::Lookup, side, key, expected, got, run)?;
        }
        Ok(())
    }

    #[inline]
    fn answered(
        call: Call,
        side: Side,
        key: u64,
        expected: Expected,
        got: Answer,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        run.step();
        run.result(got.word());
        run.remark(|| format!("{}: {}", side.name(), got.text()));
        if let (Expected::ValueOrAbsent(_), Side::WithCache) = (expected, side) {
            let found = matches!(got, Answer::Value(_));
            if found { Event::OlderFound } else { Event::OlderAbsent }.count(run);
        }
        compare::answer(call, side, key, expected, got)
    }

    /// Compacts; a scope is closed first.
    fn compact(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            self.close_scope(self.forced, run)?;
        }
        for side in Side::BOTH {
            let map = self.shelf.maps_mut().get_mut(side);
            let before = Self::fingerprint(map.slots());
            map.compact();
            run.step();
            let after = Self::fingerprint(map.slots());
            if before != after || map.stash_len() != 0 {
                return Err(Self::compaction_went_wrong(side, before, after, map.stash_len()));
            }
        }
        self.model.compact();
        self.room.compacted();
        Ok(())
    }

    fn open_scope(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            let close = match self.forced {
                ScopeOutcome::Persist => "persist",
                ScopeOutcome::Discard => "discard",
            };
            run.redirected(|| format!("{close}\nopen"));
            self.close_scope(self.forced, run)?;
        }
        for side in Side::BOTH {
            self.shelf.maps_mut().get_mut(side).scope_open();
            run.step();
        }
        self.model.open();
        Ok(())
    }

    fn close_scope_as_told(
        &mut self,
        outcome: ScopeOutcome,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            return self.close_scope(outcome, run);
        }
        run.redirected(|| "open".to_owned());
        self.open_scope(run)
    }

    fn close_scope(&mut self, outcome: ScopeOutcome, run: &mut Run) -> Result<(), Divergence> {
        let undo = self.model.scope_len();
        for side in Side::BOTH {
            let map = self.shelf.maps_mut().get_mut(side);
            if map.scope_len() != undo {
                return Err(Self::scope_len_differs(side, undo, map.scope_len()));
            }
            map.scope_close(outcome);
            run.step();
        }
        match outcome {
            ScopeOutcome::Persist => self.model.persist(),
            ScopeOutcome::Discard => self.model.discard(),
        }
        run.remark(|| {
            let what = match outcome {
                ScopeOutcome::Persist => "kept",
                ScopeOutcome::Discard => "undone",
            };
            format!("{undo} writes {what}")
        });
        self.stash_within_room()
    }

    fn reset(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() {
            self.close_scope(self.forced, run)?;
        }
        Event::Reset.count(run);
        for side in Side::BOTH {
            events::harvest(self.shelf.maps().get(side), side, run);
            self.shelf.maps_mut().get_mut(side).reset();
            run.step();
        }
        self.model.reset();
        self.room.compacted();
        Ok(())
    }

    /// Makes the next `writes` writes possible, at most two: a scope that cannot undo them all is
    /// closed, a stash that cannot hold them all is emptied.
    #[inline]
    fn make_room(&mut self, writes: usize, run: &mut Run) -> Result<(), Divergence> {
        if self.undo().is_some_and(|undo| !self.room.scope_has_room(undo, writes)) {
            Event::ScopeForced.count(run);
            self.close_scope(self.forced, run)?;
        }
        if self.room.left() < writes {
            Event::CompactForced.count(run);
            run.remark(|| "compacted: the stash might be full".to_owned());
            self.compact(run)?;
        }
        Ok(())
    }

    /// Writes of the open scope.
    #[inline]
    fn undo(&self) -> Option<usize> {
        self.model.scope_is_open().then(|| self.model.scope_len())
    }

    #[inline]
    fn wrote(&mut self) -> Result<(), Divergence> {
        self.room.wrote();
        self.stash_within_room()
    }

    fn is_live(&self, key: u64) -> bool {
        matches!(self.model.expected(key), Expected::Value(_) | Expected::ValueOrAbsent(_))
    }

    /// Calls `call` for `count` keys from `key` on.
    #[inline]
    fn each(
        &mut self,
        key: u64,
        count: Count,
        stride: Stride,
        run: &mut Run,
        call: impl Fn(&mut Self, u64, &mut Run) -> Result<(), Divergence>,
    ) -> Result<(), Divergence> {
        let mut next = key;
        for _ in 0..count.get() {
            call(self, next, run)?;
            next = next.wrapping_add_signed(stride.get());
        }
        Ok(())
    }

    /// The stash never holds more than the writes since the last compaction could have put there.
    #[inline]
    fn stash_within_room(&self) -> Result<(), Divergence> {
        for side in Side::BOTH {
            let len = self.shelf.maps().get(side).stash_len();
            if len > self.room.taken() {
                return Err(Self::stash_too_full(side, self.room.taken(), len));
            }
        }
        Ok(())
    }

    fn fingerprint<'a>(slots: impl Iterator<Item = &'a Record>) -> u64 {
        slots.fold(0, |sum, record| {
            (sum.rotate_left(5) ^ record.key ^ record.stamp.rotate_left(32))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        })
    }

    #[cold]
    fn compaction_went_wrong(side: Side, before: u64, after: u64, stash: usize) -> Divergence {
        Divergence {
            check: "compact-empties-the-stash-alone",
            what: "a compaction changes the cache, or leaves something in the stash",
            expected: format!("the slots as before ({before:016x}), an empty stash"),
            got: format!("slots {after:016x}, {stash} entries in the stash"),
            state: vec![format!("the map {}", side.name())],
        }
    }

    #[cold]
    fn scope_len_differs(side: Side, expected: usize, got: usize) -> Divergence {
        Divergence {
            check: "scope-logs-each-write",
            what: "a scope's log has not one entry for each write",
            expected: format!("{expected} entries"),
            got: format!("{got} entries"),
            state: vec![format!("the map {}", side.name())],
        }
    }

    #[cold]
    fn stash_too_full(side: Side, expected: usize, got: usize) -> Divergence {
        Divergence {
            check: "stash-within-writes",
            what: "the stash holds more than the writes since the last compaction",
            expected: format!("{expected} entries or fewer"),
            got: format!("{got} entries"),
            state: vec![format!("the map {}", side.name())],
        }
    }
}
