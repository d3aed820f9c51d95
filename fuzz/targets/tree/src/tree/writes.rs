//! Puts and removals.
//!
//! - If there is no room for a write, a beat ends first. An open scope is persisted before the
//!   beat.
//! - In an index, a put of a present key becomes a removal, and a removal of an absent key a put.
//! - Once the store is read-only, a write becomes a get.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::Usage;

use super::events::Event;
use super::history::Deed;
use super::reads::record_of;
use super::states;
use super::tested::Tested;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Count, Stride};
use downbeat::records::Versioned;
use downbeat::run::Run;

impl<R: Versioned> Tested<R> {
    pub(super) fn put(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        if R::USAGE == Usage::SecondaryIndex && self.model.get(key).is_some() {
            run.redirected(|| format!("remove {key:#x}"));
            return self.remove_now(key, run);
        }
        self.put_now(key, run)
    }

    fn put_now(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        if !self.make_room(run)? {
            return self.get_instead(key, run);
        }
        run.did(|| format!("put {key:#x}"));
        let version = self.model.put(key, self.next_beat());
        let point = KeyRange { min: R::wide(key), max: R::wide(key) };
        self.range = Some(self.range.map_or(point, |range| range.union(&point)));
        run.remark(|| format!("= #{version}"));
        run.keys.wrote(key);
        self.wrote(run);
        self.done(Deed::Put { key, stamp: version });
        match self.store.put(&record_of(key, version)) {
            Ok(()) => Ok(()),
            Err(error) => self.refused(error, run),
        }
    }

    pub(super) fn remove(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        if R::USAGE == Usage::SecondaryIndex && self.model.get(key).is_none() {
            run.redirected(|| format!("put {key:#x}"));
            return self.put_now(key, run);
        }
        self.remove_now(key, run)
    }

    fn remove_now(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        if !self.make_room(run)? {
            return self.get_instead(key, run);
        }
        run.did(|| format!("remove {key:#x}"));
        self.model.remove(key, self.next_beat());
        run.keys.wrote(key);
        self.wrote(run);
        self.done(Deed::Remove { key });
        match self.store.remove(R::wide(key)) {
            Ok(()) => Ok(()),
            Err(error) => self.refused(error, run),
        }
    }

    fn get_instead(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        Event::WriteRefused.count(run);
        run.redirected(|| format!("get {key:#x}"));
        run.did(|| format!("get {key:#x}"));
        self.get(key, run)
    }

    fn wrote(&mut self, run: &mut Run) {
        run.step();
        self.scope_writes += usize::from(self.model.scope_is_open());
    }

    /// Ends a beat if there is no room for another write. Returns whether a write is possible.
    fn make_room(&mut self, run: &mut Run) -> Result<bool, Divergence> {
        if self.store.failed().is_some() {
            return Ok(false);
        }
        if self.store.tree().room() == 0 {
            self.beat(run)?;
            if self.store.failed().is_some() {
                run.did(|| "beats count=1 steps=0".to_owned());
            }
        }
        Ok(self.store.failed().is_none())
    }

    pub(super) fn put_run(
        &mut self,
        key: u64,
        count: Count,
        stride: Stride,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let mut next = key;
        for _ in 0..count.get() {
            // In an index, a run puts only absent keys.
            if R::USAGE == Usage::General || self.model.get(next).is_none() {
                self.put_now(next, run)?;
            }
            next = next.wrapping_add_signed(stride.get());
        }
        Ok(())
    }

    pub(super) fn remove_run(
        &mut self,
        key: u64,
        count: Count,
        stride: Stride,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let mut next = key;
        let before = run.tally().steps;
        for _ in 0..count.get() {
            if R::USAGE == Usage::General || self.model.get(next).is_some() {
                self.remove_now(next, run)?;
            }
            next = next.wrapping_add_signed(-stride.get());
        }
        if run.tally().steps == before {
            run.idle();
        }
        Ok(())
    }

    /// Puts or removes every `nth` record.
    pub(super) fn each_nth(
        &mut self,
        nth: u32,
        count: Count,
        removes: bool,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let all = self.model.range(0, u64::MAX).step_by(nth as usize);
        let keys: Vec<u64> = all.take(count.get() as usize).map(|(key, _)| key).collect();
        if keys.is_empty() {
            run.idle();
        }
        for key in keys {
            if removes || R::USAGE == Usage::SecondaryIndex {
                self.remove_now(key, run)?;
            } else {
                self.put_now(key, run)?;
            }
        }
        Ok(())
    }

    /// Puts keys from `key` on until only `left` more can be put before a beat.
    pub(super) fn fill(&mut self, key: u64, left: u32, run: &mut Run) -> Result<(), Divergence> {
        let mut next = key;
        let mut idle = true;
        for _ in 0..self.store.tree().room().saturating_sub(left) {
            if R::USAGE == Usage::General || self.model.get(next).is_none() {
                self.put_now(next, run)?;
                idle = false;
            }
            next = next.wrapping_add(1);
        }
        if idle {
            run.idle();
        }
        Ok(())
    }

    pub(super) fn scope_open(&mut self, run: &mut Run) {
        if self.model.scope_is_open() {
            run.redirected(|| "discard\nopen".to_owned());
            self.scope_close_now(ScopeOutcome::Discard, run);
        }
        run.step();
        self.scope_writes = 0;
        self.done(Deed::Open);
        self.store.scope_open();
        self.model.scope_open();
        self.range_before = self.range;
    }

    pub(super) fn scope_close(&mut self, outcome: ScopeOutcome, run: &mut Run) {
        if self.model.scope_is_open() {
            self.scope_close_now(outcome, run);
        } else {
            run.redirected(|| "open".to_owned());
            self.scope_open(run);
        }
    }

    pub(super) fn scope_close_now(&mut self, outcome: ScopeOutcome, run: &mut Run) {
        run.step();
        run.state(states::ScopeWrites, states::size(self.scope_writes));
        let keep = outcome == ScopeOutcome::Persist;
        if keep { Event::ScopePersisted } else { Event::ScopeDiscarded }.count(run);
        self.done(Deed::Close(outcome));
        self.store.scope_close(outcome);
        self.model.scope_close(keep);
        if !keep {
            self.range = self.range_before;
        }
    }
}
