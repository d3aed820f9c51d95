//! The interface of a state machine.

use super::Operation;
use crate::forest::StoreError;

/// A state machine: operations are prefetched, committed and compacted, one at a time.
///
/// - Prefetches and beats are jobs: they begin, and then [`StateMachine::advance`] and
///   [`StateMachine::step`] alternate until the job has ended. At most one job is under way.
/// - A commit reads and writes only memory.
/// - For each operation the order of calls is: prefetch, commit, compact. A beat without a request
///   is only a compact.
pub trait StateMachine {
    /// The operations.
    type Operation: Operation;

    /// Formats the device as an empty machine. `number` distinguishes it from others.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn format(&mut self, number: u64) -> Result<(), StoreError>;

    /// Opens the machine at its last checkpoint. A job under way is dropped.
    ///
    /// # Errors
    ///
    /// If the device is damaged or fails, or was formatted with other options.
    fn open(&mut self) -> Result<Opened, StoreError>;

    /// Closes the machine: it refuses everything until it is formatted or opened. A job under way
    /// is dropped.
    fn close(&mut self);

    /// The largest body of a request, in bytes.
    fn body_size_max(&self) -> usize;

    /// Whether a body is valid for an operation.
    fn is_valid(&self, operation: Self::Operation, body: &[u8]) -> bool;

    /// Whether the machine has room for an operation, and is not full. A service asks before it
    /// logs the operation, and executes every operation of the log, so this does not change the
    /// state.
    fn accepts(&self, operation: Self::Operation, body: &[u8]) -> bool {
        let _ = (operation, body);
        true
    }

    /// How many of the next `count` operations fit if the machine [accepts](StateMachine::accepts)
    /// them now: 1 or more, if `count` is.
    fn accepts_for(&mut self, count: u64) -> u64 {
        count
    }

    /// Begins to read what an operation needs.
    fn prefetch(&mut self, op: u64, operation: Self::Operation, body: &[u8]);

    /// Executes an operation, and appends its reply to `reply`.
    ///
    /// # Errors
    ///
    /// If the machine is closed or read-only.
    ///
    /// # Panics
    ///
    /// If the operation was not prefetched, or is not the next one.
    fn commit(
        &mut self,
        client: u128,
        op: u64,
        timestamp: u64,
        operation: Self::Operation,
        body: &[u8],
        reply: &mut Vec<u8>,
    ) -> Result<(), StoreError>;

    /// Begins the beat of an operation, which takes a checkpoint if one is due.
    ///
    /// # Errors
    ///
    /// If the machine is closed or read-only.
    ///
    /// # Panics
    ///
    /// If `op` is not the operation after the last beat.
    fn compact(&mut self, op: u64) -> Result<(), StoreError>;

    /// Requests a checkpoint that contains all operations so far. A later beat takes it.
    fn checkpoint(&mut self);

    /// The maximum number of operations that are not in a durable checkpoint.
    fn operations_max(&self) -> u64;

    /// The job that is under way.
    fn job(&self) -> Job;

    /// Continues the job as far as possible without waiting.
    ///
    /// # Errors
    ///
    /// If the job fails. No job is under way then.
    fn advance(&mut self) -> Result<JobState, StoreError>;

    /// Completes one operation of the device.
    ///
    /// # Errors
    ///
    /// If the job fails. No job is under way then.
    fn step(&mut self) -> Result<JobState, StoreError>;

    /// Continues the job to its end, waiting for the device. If it ended with a checkpoint, returns
    /// the last operation that the checkpoint contains.
    ///
    /// # Errors
    ///
    /// If the job fails.
    fn run(&mut self) -> Result<Option<u64>, StoreError> {
        loop {
            let mut state = self.advance()?;
            if state == JobState::Waiting {
                state = self.step()?;
            }
            if let JobState::Ended { checkpoint } = state {
                return Ok(checkpoint);
            }
        }
    }
}

/// The checkpoint at which a state machine was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The last operation that the checkpoint contains; 0 if it is empty.
    pub checkpoint: u64,
    /// The operation whose beat took the checkpoint; 0 if it is empty. This operation and all
    /// operations before it were durable.
    pub taken_at: u64,
    /// The number with which the machine was formatted.
    pub number: u64,
}

impl Opened {
    /// The checkpoint of a store that was opened with the beats up to `checkpoint`, inclusive.
    pub(crate) fn at(checkpoint: u64, beats_per_bar: u32, number: u64) -> Self {
        // The first bar has no checkpoint. Each one contains the beats up to the bar before.
        let taken_at = if checkpoint == 0 { 0 } else { checkpoint + u64::from(beats_per_bar) };
        Self { checkpoint, taken_at, number }
    }
}

/// The maximum number of operations that are not in a durable checkpoint. A checkpoint contains the
/// operations up to a bar before its trigger, and the next one is taken `checkpoint_interval` bars
/// later. Two more bars are for the requests that are under way at a trigger.
pub(crate) fn operations_max(checkpoint_interval: u32, beats_per_bar: u32) -> u64 {
    (u64::from(checkpoint_interval) + 4) * u64::from(beats_per_bar)
}

/// A job of a state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// No job is under way.
    Idle,
    /// The prefetch of this operation.
    Prefetch(u64),
    /// The beat of this operation.
    Compact(u64),
}

/// The state of a job after a call that continues it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a waiting job must be continued"]
pub enum JobState {
    /// The job waits for the device.
    Waiting,
    /// The job has ended, or no job is under way.
    Ended {
        /// The last operation in the checkpoint, if the job ended with a checkpoint.
        checkpoint: Option<u64>,
    },
}
