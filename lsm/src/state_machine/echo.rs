//! The echo machine: each operation stores a [`Thing`], and its reply is its body.

use super::{
    Job, JobState, Opened, Operation, StateMachine, Thing, VSR_OPERATIONS_RESERVED, log_options,
    operations_max,
};
use crate::block::checksum;
use crate::compaction::CompactionPace;
use crate::forest::{BeatProgress, Forest, ForestOptions, InvalidStore, StoreError};
use crate::groove::{Groove, GrooveOptions, ObjectKey};
use crate::storage::Storage;

/// The operations of the echo machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// Returns the body of the request.
    Echo,
}

impl Operation for Echo {
    const ALL: &'static [Self] = &[Self::Echo];

    fn number(self) -> u8 {
        VSR_OPERATIONS_RESERVED
    }

    fn event_size(self) -> usize {
        1
    }

    fn result_size(self) -> usize {
        1
    }

    // The value of a thing depends on the whole body of its request.
    fn is_batchable(self) -> bool {
        false
    }
}

/// The options of an echo machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EchoOptions {
    /// The options of the forest.
    pub forest: ForestOptions,
    /// The options of the groove of [`Thing`]s.
    pub things: GrooveOptions,
    /// The largest body of a request, in bytes. A body may be empty. The label of the log contains
    /// this size, so it must be the same each time the service is opened.
    pub body_size_max: u32,
}

impl EchoOptions {
    /// Options for use: `block_count` blocks of 4 KiB, and bodies of up to 1 KiB.
    #[must_use]
    pub fn production(block_count: u64) -> Self {
        let mut forest = ForestOptions::production(block_count);
        forest.layout.block_size = 4096;
        let things =
            GrooveOptions { batch_objects_max: 1, prefetch_max: 1, ..GrooveOptions::production(1) };
        Self { forest, things, body_size_max: 1024 }
    }

    /// Options for tests and fuzzing: compactions and checkpoints happen within tens of requests.
    #[must_use]
    pub fn tiny(block_count: u64) -> Self {
        let things =
            GrooveOptions { batch_objects_max: 1, prefetch_max: 1, ..GrooveOptions::tiny(1) };
        Self { forest: ForestOptions::tiny(block_count), things, body_size_max: 64 }
    }

    /// The size that the device of the machine needs, in bytes.
    ///
    /// # Errors
    ///
    /// If the layout is invalid.
    pub fn device_size(&self) -> Result<u64, InvalidStore> {
        self.forest.device_size()
    }

    /// The size that the device of the request log needs, in bytes.
    #[must_use]
    pub fn log_device_size(&self, sector_size: usize) -> u64 {
        log_options(self.body_size_max as usize, self.operations_max()).device_size(sector_size)
    }

    fn operations_max(&self) -> u64 {
        operations_max(self.forest.checkpoint_interval, self.things.beats_per_bar)
    }
}

/// The echo machine: each operation stores a [`Thing`], and its reply is its body.
#[derive(Debug)]
pub struct EchoMachine<S: Storage> {
    options: EchoOptions,
    forest: Forest<Groove<Thing>, S>,
    job: Job,
}

impl<S: Storage> EchoMachine<S> {
    /// A machine on a device. It is closed until it is formatted or opened.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or the device is too small for them.
    pub fn new(storage: S, options: &EchoOptions) -> Result<Self, InvalidStore> {
        let forest = Forest::new(storage, &options.forest, &options.things)?;
        Ok(Self { options: *options, forest, job: Job::Idle })
    }

    /// Makes this a machine with other options, on the same device; see [`Forest::renew`]. A job
    /// that is under way is dropped.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or the device is too small for them.
    pub fn renew(&mut self, options: &EchoOptions) -> Result<(), InvalidStore> {
        self.job = Job::Idle;
        self.forest.renew(&options.forest, &options.things)?;
        self.options = *options;
        Ok(())
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &EchoOptions {
        &self.options
    }

    /// The device, for example to change its settings between two operations.
    pub fn storage_mut(&mut self) -> &mut S {
        self.forest.trees_and_grid().1.storage_mut()
    }

    /// The forest.
    #[must_use]
    pub fn forest(&self) -> &Forest<Groove<Thing>, S> {
        &self.forest
    }

    /// The forest, to be read between two operations. The caller must not write to it:
    /// an opening repeats only the requests of the log.
    ///
    /// # Panics
    ///
    /// If a job is under way.
    pub fn forest_mut(&mut self) -> &mut Forest<Groove<Thing>, S> {
        assert!(self.job == Job::Idle, "echo: end the job that is under way first");
        &mut self.forest
    }

    /// Takes the machine apart and returns its device.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.forest.into_storage()
    }

    /// The value of the thing of an operation.
    #[must_use]
    pub fn value(client: u128, op: u64, timestamp: u64, operation: Echo, body: &[u8]) -> u64 {
        let mut bytes = Vec::with_capacity(33 + body.len());
        bytes.extend(client.to_le_bytes());
        bytes.extend(op.to_le_bytes());
        bytes.extend(timestamp.to_le_bytes());
        bytes.push(operation.number());
        bytes.extend(body);
        checksum(&bytes) as u64
    }

    /// Ends the job with an error. Abandons a prefetch.
    fn fail(&mut self, error: StoreError) -> StoreError {
        self.job = Job::Idle;
        let (things, grid) = self.forest.trees_and_grid();
        things.prefetch_abandon(grid);
        error
    }

    fn beat(&mut self, progress: BeatProgress) -> Result<JobState, StoreError> {
        match progress {
            BeatProgress::Waiting => Ok(JobState::Waiting),
            BeatProgress::Ended { checkpoint } => {
                self.job = Job::Idle;
                Ok(JobState::Ended { checkpoint })
            }
            BeatProgress::Failed(error) => Err(self.fail(StoreError::ReadOnly(error))),
        }
    }
}

impl<S: Storage> StateMachine for EchoMachine<S> {
    type Operation = Echo;

    fn format(&mut self, number: u64) -> Result<(), StoreError> {
        self.job = Job::Idle;
        self.forest.format_again(number)
    }

    fn open(&mut self) -> Result<Opened, StoreError> {
        self.job = Job::Idle;
        self.forest.open_again()?;
        let beats_per_bar = self.options.things.beats_per_bar;
        Ok(Opened::at(self.forest.beat_number(), beats_per_bar, self.forest.number()))
    }

    fn close(&mut self) {
        self.fail(StoreError::Closed);
        self.forest.close();
    }

    fn body_size_max(&self) -> usize {
        self.options.body_size_max as usize
    }

    fn is_valid(&self, operation: Echo, body: &[u8]) -> bool {
        body.len().is_multiple_of(operation.event_size()) && body.len() <= self.body_size_max()
    }

    fn accepts(&self, _: Echo, _: &[u8]) -> bool {
        self.forest.fullness().accepts_puts()
    }

    fn accepts_for(&mut self, count: u64) -> u64 {
        self.forest.beats_for_puts(count)
    }

    fn prefetch(&mut self, op: u64, _: Echo, _: &[u8]) {
        assert!(self.job == Job::Idle, "echo: one job at a time ({:?})", self.job);
        let (things, _) = self.forest.trees_and_grid();
        things.prefetch_begin(&[ObjectKey::primary(u128::from(op))]);
        self.job = Job::Prefetch(op);
    }

    fn commit(
        &mut self,
        client: u128,
        op: u64,
        timestamp: u64,
        operation: Echo,
        body: &[u8],
        reply: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        assert!(self.job == Job::Idle, "echo: end the job that is under way first");
        assert!(op != 0, "echo: operations must be numbered from 1");
        let things = self.forest.write()?;
        let id = u128::from(op);
        assert!(things.get(id).is_none(), "echo: an operation must not be executed twice ({op})");
        let value = Self::value(client, op, timestamp, operation, body);
        things.insert(&Thing { timestamp, value, id });
        reply.extend_from_slice(body);
        Ok(())
    }

    fn compact(&mut self, op: u64) -> Result<(), StoreError> {
        assert!(self.job == Job::Idle, "echo: one job at a time ({:?})", self.job);
        let last = self.forest.beat_number();
        assert!(op == last + 1, "echo: the beat of an operation must follow ({op} after {last})");
        self.forest.beat_begin_at(CompactionPace::EVEN)?;
        self.job = Job::Compact(op);
        Ok(())
    }

    fn checkpoint(&mut self) {
        self.forest.checkpoint_want();
    }

    fn operations_max(&self) -> u64 {
        self.options.operations_max()
    }

    fn job(&self) -> Job {
        self.job
    }

    fn advance(&mut self) -> Result<JobState, StoreError> {
        match self.job {
            Job::Idle => Ok(JobState::Ended { checkpoint: None }),
            Job::Prefetch(_) => {
                let ended = self
                    .forest
                    .read()
                    .and_then(|(things, mut reader)| things.prefetch_advance(&mut reader));
                match ended {
                    Ok(false) => Ok(JobState::Waiting),
                    Ok(true) => {
                        self.job = Job::Idle;
                        Ok(JobState::Ended { checkpoint: None })
                    }
                    Err(error) => Err(self.fail(error)),
                }
            }
            Job::Compact(_) => {
                let progress = self.forest.beat_advance();
                self.beat(progress)
            }
        }
    }

    fn step(&mut self) -> Result<JobState, StoreError> {
        match self.job {
            Job::Idle => Ok(JobState::Ended { checkpoint: None }),
            Job::Prefetch(_) => {
                let stepped = self.forest.read().and_then(|(_, mut reader)| Ok(reader.step()?));
                match stepped {
                    Ok(_) => Ok(JobState::Waiting),
                    Err(error) => Err(self.fail(error)),
                }
            }
            Job::Compact(_) => {
                let progress = self.forest.beat_step();
                self.beat(progress)
            }
        }
    }
}
