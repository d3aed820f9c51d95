//! Puts and removals.
//!
//! - If the beat has reached its maximum number of writes, it runs before the next write. An open
//!   scope is persisted before the beat.
//! - In an index, a put of a present key becomes a removal, and a removal of an absent key a put.
//! - While the store is read-only, a write becomes a get. After a fault, the next operation that
//!   writes opens the store again first.
//! - When power is lost, the rest of the operation is skipped.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::Usage;

use super::events::Event;
use super::history::Change;
use super::reads::record_of;
use super::states;
use super::tested::Tested;
use downbeat::records::Versioned;
use downbeat::{Checked, Run, run_of_keys};
use downbeat_storage_targets::store::full::is_far_from_full;

impl<R: Versioned> Tested<R> {
    /// Puts or removes a key. In an index, removes a present key and puts an absent one, whatever
    /// `removes` says.
    pub(super) fn write(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked {
        let is_removed = match R::USAGE {
            Usage::General => removes,
            Usage::SecondaryIndex => self.model.get(key).is_some(),
        };
        if is_removed != removes {
            run.redirected(|| format!("{} {key:#x}", word(is_removed)));
        }
        self.write_now(key, is_removed, run)
    }

    fn write_now(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked {
        if self.is_down() {
            return Ok(());
        }
        let has_no_room = self.store.failed().is_none() && self.store.tree().room() == 0;
        // If the store may be full after the beat, the call may run several.
        if has_no_room && is_far_from_full(&self.store, 2) && self.is_whole() {
            return self.write_with_beat(key, removes, run);
        }
        let before = self.store.beat_number();
        if !self.make_room(run)? {
            if self.is_down() {
                return Ok(());
            }
            self.check_reason(run)?;
            Event::WriteRefused.count(run);
            run.redirected(|| format!("get {key:#x}"));
            run.did(|| format!("get {key:#x}"));
            return self.get(key, run);
        }
        if !self.is_accepted(key, removes, run)? {
            for _ in before..self.store.beat_number() {
                run.did(|| "beats count=1 steps=0".to_owned());
            }
            if self.is_down() || self.store.failed().is_some() {
                return Ok(());
            }
            run.redirected(|| format!("get {key:#x}"));
            run.did(|| format!("get {key:#x}"));
            return self.get(key, run);
        }
        run.did(|| format!("{} {key:#x}", word(removes)));
        self.write_with_room(key, removes, run)?;
        if let Some(stamp) = self.model.get(key) {
            run.remark(|| format!("= #{stamp}"));
        }
        Ok(())
    }

    /// Puts or removes a key in a store that has room for the write.
    pub(super) fn write_with_room(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked {
        run.step();
        let stamp = self.model.next_stamp();
        let written = if removes {
            self.store.remove(R::wide(key))
        } else {
            self.store.put(&record_of(key, stamp))
        };
        self.wrote(key, removes, run);
        written.or_else(|error| self.refused(error, run))
    }

    /// Notes that the store has put or removed a key.
    pub(super) fn wrote(&mut self, key: u64, removes: bool, run: &mut Run) {
        run.keys.wrote(key);
        self.scope_writes += usize::from(self.model.scope_is_open());
        if removes {
            self.model.remove(key, self.next_beat());
            self.done(Change::Remove { key });
        } else {
            let stamp = self.model.put(key, self.next_beat());
            let point = KeyRange { min: R::wide(key), max: R::wide(key) };
            self.range = Some(self.range.map_or(point, |range| range.union(&point)));
            self.done(Change::Put { key, stamp });
        }
    }

    /// Puts or removes a key in a store without room: the call runs a beat first.
    fn write_with_beat(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked {
        self.persist_before_beat(run)?;
        run.step();
        run.did(|| format!("{} {key:#x}", word(removes)));
        Event::BeatOfWrite.count(run);
        let before = self.whole_begins();
        let stamp = self.model.next_stamp();
        let written = if removes {
            self.store.remove(R::wide(key))
        } else {
            self.store.put(&record_of(key, stamp))
        };
        self.whole_ended(before, written.err(), run)?;
        if written.is_ok() {
            self.wrote(key, removes, run);
        }
        Ok(())
    }

    /// Runs the beat if it has reached its maximum number of writes. Returns whether a write is
    /// possible.
    fn make_room(&mut self, run: &mut Run) -> Checked<bool> {
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

    /// Puts or removes keys, in batches if the store runs its beats itself. In an index, skips puts
    /// of present keys and removals of absent keys. Returns whether at least one key was not
    /// skipped.
    pub(super) fn write_each(
        &mut self,
        mut keys: impl Iterator<Item = u64>,
        removes: bool,
        run: &mut Run,
    ) -> Checked<bool> {
        let mut writes = false;
        loop {
            if self.writes_batches() {
                if !self.write_batch(&mut keys, removes, !writes, run)? {
                    return Ok(writes);
                }
                writes = true;
                continue;
            }
            let Some(key) = keys.next() else { return Ok(writes) };
            if R::USAGE == Usage::General || self.model.get(key).is_some() == removes {
                self.write_now(key, removes, run)?;
                writes = true;
            }
        }
    }

    /// Puts or removes the keys of every `nth` record, at most `count` keys. In an index, always
    /// removes.
    pub(super) fn each_nth(
        &mut self,
        nth: u32,
        count: u32,
        removes: bool,
        run: &mut Run,
    ) -> Checked {
        let all = self.model.range(0, u64::MAX).step_by(nth as usize);
        let keys: Vec<u64> = all.take(count as usize).map(|(key, _)| key).collect();
        run.idle_if(keys.is_empty());
        let removes = removes || R::USAGE == Usage::SecondaryIndex;
        keys.into_iter().try_for_each(|key| self.write_now(key, removes, run))
    }

    /// Puts keys from `key` on until only `left` more can be put before a beat.
    pub(super) fn fill(&mut self, key: u64, left: u32, run: &mut Run) -> Checked {
        let count = self.store.tree().room().saturating_sub(left);
        let writes = self.write_each(run_of_keys(key, count, 1), false, run)?;
        run.idle_if(!writes);
        Ok(())
    }

    pub(super) fn scope_open(&mut self, run: &mut Run) -> Checked {
        if self.model.scope_is_open() {
            run.redirected(|| "discard\nopen".to_owned());
            self.scope_close_now(ScopeOutcome::Discard, run);
        }
        run.step();
        self.scope_writes = 0;
        self.done(Change::Open);
        self.store.scope_open();
        self.model.scope_open();
        self.range_before = self.range;
        Ok(())
    }

    pub(super) fn scope_close(&mut self, outcome: ScopeOutcome, run: &mut Run) -> Checked {
        if !self.model.scope_is_open() {
            run.redirected(|| "open".to_owned());
            return self.scope_open(run);
        }
        self.scope_close_now(outcome, run);
        Ok(())
    }

    pub(super) fn scope_close_now(&mut self, outcome: ScopeOutcome, run: &mut Run) {
        run.step();
        run.state(states::ScopeWrites, states::size(self.scope_writes));
        let keep = outcome == ScopeOutcome::Persist;
        self.undone += u64::from(!keep);
        if keep { Event::ScopePersisted } else { Event::ScopeDiscarded }.count(run);
        self.done(Change::Close(outcome));
        self.store.scope_close(outcome);
        self.model.scope_close(keep);
        if !keep {
            self.range = self.range_before;
        }
    }
}

pub(super) fn word(removes: bool) -> &'static str {
    if removes { "remove" } else { "put" }
}
