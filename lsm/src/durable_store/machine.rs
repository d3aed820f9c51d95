//! A store as a state machine, whose only operation writes a batch.

use std::fmt;
use std::marker::PhantomData;

use super::DurableOptions;
use crate::forest::{BeatProgress, InvalidStore, StoreError};
use crate::record::Record;
use crate::state_machine::{
    Job, JobState, Opened, Operation, StateMachine, VSR_OPERATIONS_RESERVED,
};
use crate::storage::Storage;
use crate::store::{Fullness, Store, most_for};

/// The operation that writes a batch of records `R`.
pub(super) struct Write<R>(PhantomData<fn() -> R>);

impl<R> Write<R> {
    pub(super) const NEW: Self = Self(PhantomData);
}

impl<R> Clone for Write<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Write<R> {}

impl<R> PartialEq for Write<R> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<R> Eq for Write<R> {}

impl<R> fmt::Debug for Write<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Write")
    }
}

impl<R: Record> Operation for Write<R> {
    const ALL: &'static [Self] = &[Self::NEW];

    fn number(self) -> u8 {
        VSR_OPERATIONS_RESERVED
    }

    fn event_size(self) -> usize {
        size_of::<R>()
    }

    /// A zero for each put and removal.
    fn result_size(self) -> usize {
        1
    }

    fn is_batchable(self) -> bool {
        false
    }
}

/// A store as a state machine.
#[derive(Debug)]
pub(super) struct RecordMachine<R: Record, S: Storage> {
    pub(super) store: Store<R, S>,
    options: DurableOptions,
    job: Job,
}

impl<R: Record, S: Storage> RecordMachine<R, S> {
    pub(super) fn new(device: S, options: &DurableOptions) -> Result<Self, StoreError> {
        let DurableOptions { store, batch_records_max } = options;
        let most = store.tree.beat_value_count_max;
        if !(1..=most).contains(batch_records_max) {
            let batch_records_max = *batch_records_max;
            return Err(InvalidStore::BatchRecords { batch_records_max, most }.into());
        }
        Ok(Self { store: Store::new(device, store)?, options: *options, job: Job::Idle })
    }

    fn progress(&mut self, progress: BeatProgress) -> Result<JobState, StoreError> {
        if progress != BeatProgress::Waiting {
            self.job = Job::Idle;
        }
        match progress {
            BeatProgress::Waiting => Ok(JobState::Waiting),
            BeatProgress::Ended { checkpoint } => Ok(JobState::Ended { checkpoint }),
            BeatProgress::Failed(error) => Err(StoreError::ReadOnly(error)),
        }
    }
}

impl<R: Record, S: Storage> StateMachine for RecordMachine<R, S> {
    type Operation = Write<R>;

    fn format(&mut self, number: u64) -> Result<(), StoreError> {
        self.job = Job::Idle;
        self.store.format_again(number)
    }

    fn open(&mut self) -> Result<Opened, StoreError> {
        self.job = Job::Idle;
        self.store.open_again()?;
        let beats_per_bar = self.options.store.tree.beats_per_bar;
        Ok(Opened::at(self.store.beat_number(), beats_per_bar, self.store.number()))
    }

    fn close(&mut self) {
        self.job = Job::Idle;
        self.store.close();
    }

    fn body_size_max(&self) -> usize {
        self.options.body_size_max::<R>()
    }

    fn is_valid(&self, _: Write<R>, body: &[u8]) -> bool {
        !body.is_empty()
            && body.len().is_multiple_of(size_of::<R>())
            && body.len() <= self.body_size_max()
    }

    fn accepts(&self, _: Write<R>, body: &[u8]) -> bool {
        let fullness = self.store.fullness();
        fullness <= Fullness::NearlyFull || fullness <= most_for::<R>(body)
    }

    fn accepts_for(&mut self, count: u64) -> u64 {
        self.store.beats_for_puts(count)
    }

    /// A write reads nothing.
    fn prefetch(&mut self, _: u64, _: Write<R>, _: &[u8]) {}

    fn commit(
        &mut self,
        _: u128,
        op: u64,
        _: u64,
        _: Write<R>,
        body: &[u8],
        reply: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let last = self.store.beat_number();
        assert!(op == last + 1, "durable_store: a batch must follow ({op} after {last})");
        self.store.write_accepted(body)?;
        reply.resize(reply.len() + body.len() / size_of::<R>(), 0);
        Ok(())
    }

    fn compact(&mut self, op: u64) -> Result<(), StoreError> {
        let last = self.store.beat_number();
        assert!(op == last + 1, "durable_store: a beat must follow ({op} after {last})");
        self.store.by_hand().beat_begin()?;
        self.job = Job::Compact(op);
        Ok(())
    }

    fn checkpoint(&mut self) {
        self.store.by_hand().checkpoint_want();
    }

    fn operations_max(&self) -> u64 {
        self.options.operations_max()
    }

    fn job(&self) -> Job {
        self.job
    }

    fn advance(&mut self) -> Result<JobState, StoreError> {
        if self.job == Job::Idle {
            return Ok(JobState::Ended { checkpoint: None });
        }
        let progress = self.store.by_hand().beat_advance();
        self.progress(progress)
    }

    fn step(&mut self) -> Result<JobState, StoreError> {
        if self.job == Job::Idle {
            return Ok(JobState::Ended { checkpoint: None });
        }
        let progress = self.store.by_hand().beat_step();
        self.progress(progress)
    }
}
