//! Writes: single ones, batches, several batches in a call, and checkpoints.

use downbeat_lsm::durable_store::{Batch, DurableStore, ServiceError};
use downbeat_lsm::store::Fullness;

use super::events::Event;
use super::states;
use super::tested::{Tested, WRITE};
use crate::two_disks::TwoDisks as _;
use crate::two_disks::recovery::ran_beats;
use downbeat::check::{equal, holds, same};
use downbeat::disk::Outcome;
use downbeat::input::version::Version;
use downbeat::records::{General16, Versioned as _};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::durable_store::{Mix, Write};
use downbeat_storage_targets::store::full::is_far_from_full;

/// How many early checkpoints a store remembers.
const EARLY_CHECKPOINTS_MAX: usize = 64;

/// The shape of a batch: how many keys it has, how far they are apart, and what it does to them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) keys: u32,
    pub(super) stride: i64,
    pub(super) mix: Mix,
}

/// The batch of these writes.
fn batch(writes: &[Write]) -> Batch<General16> {
    let mut batch = Batch::new();
    for Write { key, stamp } in writes.iter().copied() {
        match stamp {
            Some(stamp) => {
                batch.put(&General16::of(Version { key, stamp, removed: false }));
            }
            None => batch.remove(General16::wide(key)),
        }
    }
    batch
}

impl Tested {
    /// The put of a key.
    pub(super) fn put(&mut self, key: u64, run: &mut Run) -> Write {
        run.keys.wrote(key);
        self.stamp += 1;
        Write { key, stamp: Some(self.stamp) }
    }

    /// The writes of a batch from `key` up, as many as the store allows, and the key after the
    /// last.
    pub(super) fn writes(&mut self, key: u64, shape: Shape, run: &mut Run) -> (Vec<Write>, u64) {
        let Shape { keys, stride, mix } = shape;
        let most = self.options.batch_records_max as usize;
        let mut writes = Vec::with_capacity(most);
        let mut key = key;
        for place in 0..keys as usize {
            let removes = [mix.removes(place), !mix.removes(place)];
            for removes in &removes[..1 + usize::from(mix.repeats())] {
                if writes.len() < most {
                    writes.push(if *removes {
                        Write { key, stamp: None }
                    } else {
                        self.put(key, run)
                    });
                }
            }
            key = key.wrapping_add_signed(stride);
        }
        Event::Repeated.count_if(mix.repeats() && writes.len() > 1, run);
        (writes, key)
    }

    /// Writes one put or removal without a batch.
    pub(super) fn write_one(&mut self, write: Write, run: &mut Run) -> Checked {
        self.course.phase = WRITE;
        let Write { key, stamp } = write;
        let write_to = |store: &mut DurableStore<_, _, _>| match stamp {
            Some(stamp) => store.put(&General16::of(Version { key, stamp, removed: false })),
            None => store.remove(General16::wide(key)),
        };
        if !self.fits(&[write], run)? {
            let refused = write_to(&mut self.store);
            return self.full_refuses(refused, run);
        }
        self.push(&[write], run);
        let log_since = self.log_disk().completed();
        let written = write_to(&mut self.store);
        self.wrote(written, log_since, run)
    }

    /// Writes batches with one call.
    pub(super) fn write_all(&mut self, all: &[Vec<Write>], run: &mut Run) -> Checked {
        self.course.phase = WRITE;
        let bars = all.len() as u64 / u64::from(self.options.store.tree.beats_per_bar) + 2;
        if !self.course.has_failed() && all.len() > 1 && !is_far_from_full(self.tree(), bars) {
            // The store may be full before the last of them.
            if self.armed() == 0 && !self.is_down() && self.tree().failed().is_none() {
                return self.write_all_that_fit(all, run);
            }
            Event::NearlyFull.count(run);
            for writes in all {
                if !self.course.has_failed() {
                    self.write_all(std::slice::from_ref(writes), run)?;
                }
            }
            return Ok(());
        }
        if let [writes] = all
            && !self.fits(writes, run)?
        {
            let refused = self.store.write(&batch(writes));
            return self.full_refuses(refused, run);
        }
        run.state(states::Call, octave(all.len() as u64) - 1);
        Event::Batches.count_if(all.len() > 1, run);
        let batches: Vec<_> = all.iter().map(|writes| batch(writes)).collect();
        let (mut progress, first) = (self.course.progress.clone(), self.batches.last());
        for writes in all {
            if writes.is_empty() {
                Event::Empty.count(run);
                continue;
            }
            run.state(states::Batch, octave(writes.len() as u64) - 1);
            self.push(writes, run);
        }
        let last = self.batches.last();
        let (log_since, flushed) = (self.log_disk().completed(), self.flushes_of_log());
        let written = match &batches[..] {
            [batch] => self.store.write(batch),
            batches => self.store.write_all(batches),
        };
        // The log makes room for the rest of the batches by executing the first ones, which may
        // take checkpoints early.
        progress.hasten(self.early_checkpoints().into_iter());
        let mut flushes = u64::from(last > self.batches.acknowledged());
        for pushed in first..last {
            let is_split = progress.makes_room(pushed);
            Event::CallSplit.count_if(is_split, run);
            flushes += u64::from(is_split);
        }
        if written.is_ok() {
            equal("batches-are-flushed-together", flushes, self.flushes_of_log() - flushed)
                .or("the batches of a call do not become durable with one flush")?;
        }
        self.wrote(written, log_since, run)
    }

    /// Writes batches with one call, while nothing interferes. The store may become full before the
    /// last of them. It then makes room with beats that take numbers of the log, too.
    fn write_all_that_fit(&mut self, all: &[Vec<Write>], run: &mut Run) -> Checked {
        let batches: Vec<_> = all.iter().map(|writes| batch(writes)).collect();
        let (log_since, written_before) = (self.log_disk().completed(), self.records_written());
        let written = self.store.write_all(&batches);
        let executed = match written {
            Ok(()) => all,
            Err(ServiceError::Full { place }) => all.get(..place).unwrap_or(all),
            Err(_) => all,
        };
        let executed: Vec<_> = executed.iter().filter(|writes| !writes.is_empty()).collect();
        executed.iter().for_each(|writes| self.push(writes, run));
        if let Err(error) = written
            && !matches!(error, ServiceError::Full { .. })
        {
            return self.write_failed(error, run);
        }
        let records: usize = executed.iter().map(|writes| writes.len()).sum();
        equal("batches-are-written-once", records as u64, self.records_written() - written_before)
            .or("a call writes a batch twice, or one after the batch that it refuses")?;
        let last = self.store.log().last();
        let beats = last.saturating_sub(self.batches.last());
        (0..beats).for_each(|_| self.push(&[], run));
        Event::MadeRoomBetween.count_if(beats > 0 && !executed.is_empty(), run);
        if written.is_ok() {
            self.check_bar_accepts(executed.last().map_or(&[], |writes| writes), last)?;
        } else {
            let may_gain = self.tree().may_gain_room();
            holds("full-refuses-batches", executed.len() < all.len() && !may_gain)
                .show(|| ("a batch, and beats that gain nothing", may_gain))
                .or("a call says that the store is full, although beats may make room")?;
            Event::RefusedLater.count_if(!executed.is_empty(), run);
        }
        if self.early_checkpoints().len() == EARLY_CHECKPOINTS_MAX {
            // The store has forgotten some of them.
            self.batches.acknowledge();
            self.course.progress.may_have_hastened(self.early_checkpoints().into_iter(), true);
            return self.reopen(run);
        }
        self.wrote(Ok(()), log_since, run)
    }

    /// Checks that the bar of beat `last`, in which `writes` were written, accepts them.
    fn check_bar_accepts(&self, writes: &[Write], last: u64) -> Checked {
        let bar = u64::from(self.options.store.tree.beats_per_bar);
        let has_puts = writes.iter().any(|write| write.stamp.is_some());
        let fullness = self.tree().fullness();
        // At the end of a bar the store says what the next bar accepts.
        let accepts = fullness.accepts_puts() || !has_puts || (last + 1).is_multiple_of(bar);
        holds("full-refuses-batches", accepts)
            .show(|| ("a bar that accepts puts".to_owned(), fullness.to_string()))
            .or("a call puts records in a bar that accepts none")
    }

    /// How many records were put or removed since the store was opened.
    fn records_written(&self) -> u64 {
        let statistics = self.tree().tree().mutable().statistics();
        statistics.runs_extended + statistics.tail_puts
    }

    /// Whether the store has room for a batch, or has failed. Takes checkpoints first while the
    /// store says that beats may make room.
    fn fits(&mut self, writes: &[Write], run: &mut Run) -> Checked<bool> {
        let most = match writes {
            [] => Fullness::FullForAll,
            writes if writes.iter().any(|write| write.stamp.is_some()) => Fullness::NearlyFull,
            _ => Fullness::FullForPuts,
        };
        while !self.course.has_failed() && self.tree().fullness() > most {
            if !self.tree().may_gain_room() {
                return Ok(false);
            }
            self.checkpoint(run)?;
            Event::MadeRoom.count_if(self.tree().fullness() <= most, run);
        }
        Ok(true)
    }

    /// Checks that a store that is full has refused a batch, and goes on.
    fn full_refuses(&mut self, refused: Result<(), ServiceError>, run: &mut Run) -> Checked {
        run.step();
        same("full-refuses-batches", Err(ServiceError::Full { place: 0 }), refused)
            .or("a store that is full writes a batch, or gives another error")?;
        Event::Refused.count(run);
        self.check_service()
    }

    /// How many flushes of the log's disk succeeded in the run.
    fn flushes_of_log(&self) -> u64 {
        self.log_disk().counts().of(Outcome::Flush)
    }

    /// Writes batches of which the one at `place` is too large. None of them is written.
    pub(super) fn too_large(&mut self, count: u32, place: u32, key: u64, run: &mut Run) -> Checked {
        run.step();
        let most = self.options.batch_records_max as u64;
        let removals =
            |count| (0..count).map(|nth| Write { key: key.wrapping_add(nth), stamp: None });
        // An empty batch counts for the place.
        let batches: Vec<_> = (0..count)
            .map(|other| if other == place { most + 1 } else { u64::from(other % 2) })
            .map(|count| batch(&removals(count).collect::<Vec<_>>()))
            .collect();
        let written = self.store.write_all(&batches);
        let refused = Err(ServiceError::InvalidRequest { place: place as usize });
        same("too-large-is-refused", refused, written)
            .or("a call with a batch that is too large is not refused")?;
        Event::TooLarge.count(run);
        self.check_service()
    }

    /// Takes a checkpoint with all writes so far.
    pub(super) fn checkpoint(&mut self, run: &mut Run) -> Checked {
        self.course.phase = WRITE;
        Event::CheckpointTaken.count(run);
        let last = self.batches.last();
        for _ in last..self.course.progress.want(last) {
            self.push(&[], run);
        }
        let log_since = self.log_disk().completed();
        let taken = self.store.checkpoint();
        self.wrote(taken, log_since, run)?;
        if !self.course.has_failed() {
            let held = self.tree().superblock().working().state().beat;
            holds("checkpoint-has-all-writes", held >= last)
                .show(|| (last, held))
                .or("a checkpoint does not contain the writes before it")?;
        }
        Ok(())
    }

    /// Adds a batch to the model, or a beat without one.
    fn push(&mut self, writes: &[Write], run: &mut Run) {
        (0..writes.len().max(1)).for_each(|_| run.step());
        self.batches.push(writes);
    }

    /// Notes that a call that writes has returned.
    /// `log_since` is how many I/Os of the log's disk had completed before.
    fn wrote(
        &mut self,
        written: Result<(), ServiceError>,
        log_since: u64,
        run: &mut Run,
    ) -> Checked {
        match written {
            Ok(()) => {
                self.check_log_is_sound(log_since)?;
                self.batches.acknowledge();
                ran_beats(self, self.batches.last(), run);
                self.check_service()
            }
            Err(error) => self.write_failed(error, run),
        }
    }
}
