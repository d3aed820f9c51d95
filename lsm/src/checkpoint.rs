//! A checkpoint of grid and superblock together: the order that makes it safe.
//!
//! ```text
//! Preparing    memory for the encoded free set is found
//! Writing      all blocks, those of the free set among them, reach the device
//! Flushing     they are made durable
//! Switching    the superblock that refers to them is written, in two halves
//! Ended
//! ```
//!
//! - The superblock is written when all that it refers to is durable, and not before.
//! - Until the second half of the copies is written, a crash may lead back to the checkpoint before: none of its
//!   blocks is written meanwhile, nor free.
//! - After a failure nothing is written until the store is opened anew. Want of free blocks is found before
//!   anything is written, and is no failure.
//!
//! What it does not do: it does not say when a checkpoint is durable to everybody
//! ([`Grid::mark_checkpoint_durable`]), nor write what is in memory alone.

use std::error::Error;
use std::fmt;

use crate::grid::{Grid, GridError, Stepped};
use crate::storage::{Completion, Storage};
use crate::superblock::{CheckpointState, ManifestReferences, Superblock, SuperblockError};

/// A checkpoint under way; see the [module](self).
#[derive(Debug)]
pub struct Checkpoint {
    state: CheckpointState,
    phase: Phase,
}

/// How far a checkpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Preparing,
    Writing,
    Flushing,
    Switching,
    Ended,
}

/// Why there is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// The grid cannot.
    Grid(GridError),
    /// The superblock cannot.
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

/// How a checkpoint ended, once it has.
pub type Ended = Option<Result<(), CheckpointError>>;

impl Checkpoint {
    /// A checkpoint of all effects up to and with `beat`. Call [`Checkpoint::advance`] next, and after every
    /// step of the grid.
    #[must_use]
    pub fn begin(beat: u64, manifest: ManifestReferences) -> Self {
        let state = CheckpointState { beat, manifest, ..CheckpointState::default() };
        Self { state, phase: Phase::Preparing }
    }

    /// What the superblock says once this is written. Where the free set is, is in it when
    /// [`Checkpoint::is_prepared`] says so.
    #[must_use]
    pub fn state(&self) -> &CheckpointState {
        &self.state
    }

    /// Whether it is under way, and the free set is encoded, and has its blocks ([`Grid::trailer_blocks`]).
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        matches!(self.phase, Phase::Writing | Phase::Flushing | Phase::Switching)
    }

    /// Goes on as far as can be without waiting. Returns how it ended, once it has.
    ///
    /// # Panics
    ///
    /// If a reservation is out, the checkpoint before is not durable, or this one has ended.
    pub fn advance<S: Storage>(
        &mut self,
        grid: &mut Grid<S>,
        superblock: &mut Superblock,
    ) -> Ended {
        assert!(self.phase != Phase::Ended, "checkpoint: it must not have ended");
        if let Some(fault) = grid.failed() {
            return Some(self.end(Err(CheckpointError::Grid(GridError::Failed(fault)))));
        }
        if self.phase == Phase::Preparing {
            match grid.write_trailers()? {
                Ok(trailers) => {
                    self.state.acquired = trailers.acquired;
                    self.state.released = trailers.released;
                    self.phase = Phase::Writing;
                }
                Err(error) => return Some(self.end(Err(CheckpointError::Grid(error)))),
            }
        }
        if self.phase == Phase::Writing && grid.pending_writes() == 0 && !grid.is_flushing() {
            if let Err(error) = grid.flush() {
                return Some(self.end(Err(CheckpointError::Grid(error))));
            }
            self.phase = Phase::Flushing;
        }
        if self.phase == Phase::Flushing && grid.take_flushed() {
            superblock.checkpoint(grid.storage_mut(), &self.state);
            self.phase = Phase::Switching;
        }
        None
    }

    /// Takes a completion of the superblock, and goes on. Returns how the checkpoint ended, once it has.
    ///
    /// # Panics
    ///
    /// If the superblock is not being written, or the completion is not its own.
    pub fn complete<S: Storage>(
        &mut self,
        grid: &mut Grid<S>,
        superblock: &mut Superblock,
        completion: Completion,
    ) -> Ended {
        assert!(self.phase == Phase::Switching, "checkpoint: it must wait for the superblock");
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

    /// Goes on to the end, waiting for the device. Reads that others wait for complete meanwhile.
    ///
    /// # Errors
    ///
    /// Why there is no checkpoint. Unless that is [`GridError::Full`], the store is to be opened anew.
    ///
    /// # Panics
    ///
    /// As [`Checkpoint::advance`] does.
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
        self.phase = Phase::Ended;
        result
    }
}
