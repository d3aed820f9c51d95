//! A checkpoint writes the grid and then the superblock, in an order that is safe in a crash.
//!
//! ```text
//! Preparing    wait for memory and for room in the queue of writes, encode the free set, begin to
//!              write its blocks
//! Writing      wait until all blocks, those of the free set included, are written
//! Flushing     make these blocks durable
//! Switching    write the superblock that refers to them: half of its copies, then the others
//! Ended
//! ```
//!
//! - The superblock is written only when all blocks that it refers to are durable.
//! - Until the second half of the superblock's copies is written, a crash may lead back to the
//!   previous checkpoint. None of the previous checkpoint's blocks is overwritten or freed in the
//!   meantime.
//! - After a failure nothing is written until the store is reopened. A lack of free blocks is
//!   detected before anything is written and is not a failure.
//!
//! Before the checkpoint, the caller writes its in-memory state to blocks of the grid. After the
//! checkpoint, the caller calls [`Grid::mark_checkpoint_durable`].

use std::error::Error;
use std::fmt;

use crate::grid::{Grid, GridError, Stepped};
use crate::storage::{Completion, Storage};
use crate::superblock::{
    ChangingOptions, CheckpointState, ManifestReferences, Superblock, SuperblockError,
};

/// A running checkpoint; see the [module](self).
#[derive(Debug)]
pub struct Checkpoint {
    state: CheckpointState,
    phase: CheckpointPhase,
}

/// The progress of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckpointPhase {
    Preparing,
    Writing,
    Flushing,
    Switching,
    Ended,
}

/// The reason why a checkpoint failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// An error of the grid.
    Grid(GridError),
    /// An error of the superblock.
    Superblock(SuperblockError),
}

impl Error for CheckpointError {}

impl fmt::Display for CheckpointError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grid(error) => error.fmt(formatter),
            Self::Superblock(error) => error.fmt(formatter),
        }
    }
}

/// The result of a checkpoint, or `None` while it is running.
pub type Ended = Option<Result<(), CheckpointError>>;

impl Checkpoint {
    /// Begins a checkpoint of the effects of all beats up to `beat`, inclusive. Call
    /// [`Checkpoint::advance`] next, and after every step of the grid.
    #[must_use]
    pub fn begin(beat: u64, manifest: ManifestReferences, options: ChangingOptions) -> Self {
        let state = CheckpointState { beat, manifest, options, ..CheckpointState::default() };
        Self { state, phase: CheckpointPhase::Preparing }
    }

    /// Returns the state that this checkpoint writes to the superblock. The references to the free
    /// set in this state are set once [`Checkpoint::is_prepared`] returns true.
    #[must_use]
    pub fn state(&self) -> &CheckpointState {
        &self.state
    }

    /// Returns whether the checkpoint is running, the free set is encoded, and blocks for the
    /// encoded free set are acquired ([`Grid::trailer_blocks`]).
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        matches!(
            self.phase,
            CheckpointPhase::Writing | CheckpointPhase::Flushing | CheckpointPhase::Switching
        )
    }

    /// Continues as far as possible without waiting. Returns the result once the checkpoint has
    /// ended.
    ///
    /// # Panics
    ///
    /// If a reservation is open, if the previous checkpoint is not durable, or if this checkpoint
    /// has ended.
    pub fn advance<S: Storage>(
        &mut self,
        grid: &mut Grid<S>,
        superblock: &mut Superblock,
    ) -> Ended {
        assert!(self.phase != CheckpointPhase::Ended, "checkpoint: it must not have ended");
        if let Some(fault) = grid.failed() {
            return Some(self.end(Err(CheckpointError::Grid(GridError::Failed(fault)))));
        }
        if self.phase == CheckpointPhase::Preparing {
            match grid.write_trailers()? {
                Ok(trailers) => {
                    self.state.acquired = trailers.acquired;
                    self.state.released = trailers.released;
                    self.phase = CheckpointPhase::Writing;
                }
                Err(error) => return Some(self.end(Err(CheckpointError::Grid(error)))),
            }
        }
        if self.phase == CheckpointPhase::Writing
            && grid.pending_writes() == 0
            && !grid.is_flushing()
        {
            if let Err(error) = grid.flush() {
                return Some(self.end(Err(CheckpointError::Grid(error))));
            }
            self.phase = CheckpointPhase::Flushing;
        }
        if self.phase == CheckpointPhase::Flushing && grid.take_flushed() {
            superblock.checkpoint(grid.storage_mut(), &self.state);
            self.phase = CheckpointPhase::Switching;
        }
        None
    }

    /// Handles the completion of an operation of the superblock, and continues the checkpoint.
    /// Returns the result once the checkpoint has ended.
    ///
    /// # Panics
    ///
    /// If the superblock is not being written, or the completed operation is not of the superblock.
    pub fn complete<S: Storage>(
        &mut self,
        grid: &mut Grid<S>,
        superblock: &mut Superblock,
        completion: Completion,
    ) -> Ended {
        assert!(
            self.phase == CheckpointPhase::Switching,
            "checkpoint: it must wait for the superblock"
        );
        let written = superblock.complete(grid.storage_mut(), completion)?;
        Some(match written {
            Ok(()) => {
                grid.checkpoint_written();
                self.end(Ok(()))
            }
            Err(error) => {
                grid.refuse_writes(error);
                self.end(Err(CheckpointError::Superblock(error)))
            }
        })
    }

    /// Runs the checkpoint to its end, waiting for the device. Pending reads complete in the
    /// meantime.
    ///
    /// # Errors
    ///
    /// Returns the reason why the checkpoint failed. After any error except [`GridError::Full`] the
    /// store must be reopened.
    ///
    /// # Panics
    ///
    /// The same as [`Checkpoint::advance`].
    pub fn run<S: Storage>(
        mut self,
        grid: &mut Grid<S>,
        superblock: &mut Superblock,
    ) -> Result<(), CheckpointError> {
        loop {
            if let Some(ended) = self.advance(grid, superblock) {
                return ended;
            }
            let ended = match grid.step() {
                Stepped::Progress => None,
                Stepped::Foreign(completion) => self.complete(grid, superblock, completion),
                Stepped::Nothing => Some(Err(CheckpointError::Grid(GridError::Gone))),
            };
            if let Some(ended) = ended {
                return ended;
            }
        }
    }

    fn end(&mut self, result: Result<(), CheckpointError>) -> Result<(), CheckpointError> {
        self.phase = CheckpointPhase::Ended;
        result
    }
}
