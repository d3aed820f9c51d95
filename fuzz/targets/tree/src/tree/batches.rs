//! Batches: puts and removals that one call writes in one beat.
//!
//! - A run of keys is written in batches if the store runs its beats itself. Each batch has as many
//!   keys as a beat accepts.
//! - If more keys are left than that, a batch of one key more is tried first. It must be refused.
//! - If the keys of a batch do not fit in the present beat, the call runs a beat first. An open
//!   scope is persisted before.

use downbeat_lsm::record::Usage;
use downbeat_lsm::store::{Batch, StoreError};

use super::events::Event;
use super::reads::record_of;
use super::tested::Tested;
use super::writes::word;
use downbeat::check::same;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

/// The next batch of a run.
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
    /// Whether the next writes of a run are a batch.
    pub(super) fn writes_batches(&self) -> bool {
        self.store.failed().is_none() && !self.is_down() && self.is_whole()
    }

    /// Puts or removes the next keys of a run as a batch. In an index, skips puts of present keys
    /// and removals of absent keys. Returns whether there was a key that was not skipped.
    pub(super) fn write_batch(
        &mut self,
        keys: &mut impl Iterator<Item = u64>,
        removes: bool,
        run: &mut Run,
    ) -> Checked<bool> {
        let most = self.store.options().tree.beat_value_count_max as usize;
        let mut next = std::mem::take(&mut self.batch);
        next.keys.clear();
        while next.keys.len() <= most
            && let Some(key) = keys.next()
        {
            let is_due = R::USAGE == Usage::General
                || (self.model.get(key).is_some() == removes && !next.keys.contains(&key));
            if is_due {
                next.keys.push(key);
            }
        }
        let has_keys = !next.keys.is_empty();
        let mut written = Ok(());
        if next.keys.len() > most {
            written = self.refuse_batch(&mut next, removes, run);
        }
        // Nearly every batch is one chunk. The key that was too many has one of its own.
        for first in (0..next.keys.len()).step_by(most) {
            let end = next.keys.len().min(first + most);
            if written.is_ok() && self.writes_batches() {
                written = self.write_part(&mut next, first..end, removes, run);
            }
        }
        self.batch = next;
        written.map(|()| has_keys)
    }

    /// Checks that a batch with more keys than a beat accepts is refused. The next comparison shows
    /// that nothing was written.
    fn refuse_batch(&mut self, next: &mut NextBatch<R>, removes: bool, run: &mut Run) -> Checked {
        let NextBatch { keys, batch } = next;
        self.fill_batch(batch, keys, removes);
        let most = self.store.options().tree.beat_value_count_max;
        let expected = StoreError::BatchIsTooLong { records: keys.len(), most };
        run.step();
        Event::BatchRefused.count(run);
        let state = |it: &Self| (it.store.beat_number(), it.store.tree().room());
        let before = state(self);
        let got = self.store.write(batch).err();
        same("long-batch-is-refused", Some(expected), got)
            .or("a batch has more records than a beat accepts, and is not refused")?;
        same("long-batch-is-refused", before, state(self))
            .or("a batch that is refused runs a beat or takes room")
    }

    fn write_part(
        &mut self,
        next: &mut NextBatch<R>,
        part: std::ops::Range<usize>,
        removes: bool,
        run: &mut Run,
    ) -> Checked {
        let NextBatch { keys, batch } = next;
        let keys = &keys[part];
        let before = if (self.store.tree().room() as usize) < keys.len() {
            self.persist_before_beat(run)?;
            Event::BeatOfWrite.count(run);
            Some(self.whole_begins())
        } else {
            None
        };
        self.fill_batch(batch, keys, removes);
        Event::Batch.count(run);
        for key in keys {
            run.step();
            run.did(|| format!("{} {key:#x}", word(removes)));
        }
        let written = self.store.write(batch);
        match before {
            Some(before) => self.whole_ended(before, written.err(), run)?,
            None => written.or_else(|error| self.refused(error, run))?,
        }
        if written.is_ok() {
            for key in keys {
                self.wrote(*key, removes, run);
            }
        }
        Ok(())
    }

    fn fill_batch(&self, batch: &mut Batch<R>, keys: &[u64], removes: bool) {
        batch.clear();
        for (key, stamp) in keys.iter().zip(self.model.next_stamp()..) {
            if removes {
                batch.remove(R::wide(*key));
            } else {
                batch.put(&record_of(*key, stamp));
            }
        }
    }
}
