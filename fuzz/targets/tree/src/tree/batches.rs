//! Batches: puts and removals that one call writes in one beat.
//!
//! - A run of keys is written in batches if the store runs its beats itself. A batch has at most as
//!   many keys as a beat accepts.
//! - If the first batch of a run has as many keys as a beat accepts, the same batch with a key more
//!   is tried before. It must be refused.
//! - If the keys of a batch do not fit in the present beat, the call runs a beat first. An open
//!   scope is persisted before.
//! - The plain form of a batch has the beat that the call runs, and then its keys one by one.

use downbeat_lsm::record::Usage;
use downbeat_lsm::store::{Batch, StoreError};

use super::events::Event;
use super::reads::record_of;
use super::tested::Tested;
use super::writes::word;
use downbeat::check::same;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::full::is_far_from_full;

/// The next batch of a run. It keeps its memory.
#[derive(Debug)]
pub(super) struct NextBatch<R> {
    keys: Vec<u64>,
    batch: Batch<R>,
}

impl<R> Default for NextBatch<R> {
    fn default() -> Self {
        Self { keys: Vec::new(), batch: Batch::default() }
    }
}

impl<R: Versioned> Tested<R> {
    /// Whether the next writes of a run are a batch. Near a full store, each write is judged by
    /// itself, because beats make room before one, or it is refused.
    pub(super) fn writes_batches(&self) -> bool {
        let may_write = self.store.failed().is_none() && !self.is_down();
        may_write && is_far_from_full(&self.store, 2) && self.is_whole()
    }

    /// Puts or removes the next keys of a run as a batch. In an index, skips puts of present keys
    /// and removals of absent keys. Returns whether there was a key that was not skipped. `tries`
    /// says whether a batch that is too long may be tried.
    pub(super) fn write_batch(
        &mut self,
        keys: &mut impl Iterator<Item = u64>,
        removes: bool,
        tries: bool,
        run: &mut Run,
    ) -> Checked<bool> {
        let most = self.store.options().tree.beat_value_count_max as usize;
        let mut next = std::mem::take(&mut self.batch);
        next.keys.clear();
        while next.keys.len() < most
            && let Some(key) = keys.next()
        {
            // In an index, a batch does not have a key twice.
            let is_due = R::USAGE == Usage::General
                || (self.model.get(key).is_some() == removes && !next.keys.contains(&key));
            if is_due {
                next.keys.push(key);
            }
        }
        let has_keys = !next.keys.is_empty();
        let mut written = Ok(());
        if next.keys.len() == most && tries {
            written = self.refuse_batch(&mut next, removes, run);
        }
        if has_keys && written.is_ok() {
            written = self.write_now_as_batch(&mut next, removes, run);
        }
        self.batch = next;
        written.map(|()| has_keys)
    }

    /// Checks that a batch with a key more than a beat accepts is refused. The next comparison
    /// shows that nothing was written.
    fn refuse_batch(&mut self, next: &mut NextBatch<R>, removes: bool, run: &mut Run) -> Checked {
        let NextBatch { keys, batch } = next;
        self.fill_batch(batch, keys.iter().chain(keys.first()), removes);
        let most = self.store.options().tree.beat_value_count_max;
        let expected = StoreError::BatchIsTooLong { records: keys.len() + 1, most };
        Event::BatchRefused.count(run);
        let state = |it: &Self| (it.store.beat_number(), it.store.tree().room());
        let before = state(self);
        let got = self.store.write(batch).err();
        same("long-batch-is-refused", Some(expected), got)
            .or("a batch has more records than a beat accepts, and is not refused")?;
        same("long-batch-is-refused", before, state(self))
            .or("a batch that is refused runs a beat or takes room")
    }

    fn write_now_as_batch(
        &mut self,
        next: &mut NextBatch<R>,
        removes: bool,
        run: &mut Run,
    ) -> Checked {
        let NextBatch { keys, batch } = next;
        let before = if (self.store.tree().room() as usize) < keys.len() {
            self.persist_before_beat(run)?;
            run.step();
            run.did(|| "beats count=1 steps=0".to_owned());
            Event::BeatOfWrite.count(run);
            Some(self.whole_begins())
        } else {
            None
        };
        self.fill_batch(batch, keys.iter(), removes);
        Event::Batch.count(run);
        let written = self.store.write(batch);
        match before {
            Some(before) => self.whole_ended(before, written.err(), run)?,
            None => written.or_else(|error| self.refused(error, run))?,
        }
        if written.is_ok() {
            for key in keys {
                run.step();
                run.did(|| format!("{} {key:#x}", word(removes)));
                self.wrote(*key, removes, run);
            }
        }
        Ok(())
    }

    fn fill_batch<'a>(
        &self,
        batch: &mut Batch<R>,
        keys: impl Iterator<Item = &'a u64>,
        removes: bool,
    ) {
        batch.clear();
        for (key, stamp) in keys.zip(self.model.next_stamp()..) {
            if removes {
                batch.remove(R::wide(*key));
            } else {
                batch.put(&record_of(*key, stamp));
            }
        }
    }
}
