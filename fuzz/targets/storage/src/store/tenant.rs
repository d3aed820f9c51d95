//! The interface between a store and the target that uses it, the tenant. The shared code calls the
//! methods of the trait, to ask the target for its state and to report events. The shared code
//! checks the blocks of the store; the tenant checks everything else.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::superblock::{CheckpointState, ManifestReferences};

use super::BlockStore;
use downbeat::{Checked, Run};

/// Something that happens to a store, for tenants that count it or have their own model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The disk is formatted, and the store is about to be opened for the first time.
    Formatted,
    /// The checkpoint with this number begins. It contains the present state.
    CheckpointBegins(u64),
    /// The checkpoint has prepared its state. Its encoded free set fills this many blocks.
    CheckpointPrepared(usize),
    /// The checkpoint is acknowledged.
    CheckpointWritten,
    /// The checkpoint was abandoned, because there were not enough free blocks.
    CheckpointFull,
    /// The checkpoint failed. The store may still open at it.
    CheckpointFailed,
    /// Power was lost in the checkpoint, after this many of its I/Os.
    CheckpointCrashed(u64),
    /// The last checkpoint is about to become durable.
    Durable,
    /// The store is being opened at this checkpoint.
    Opened {
        /// The number of the checkpoint.
        beat: u64,
        /// Whether the checkpoint was not acknowledged before.
        under_way: bool,
        /// Whether power was lost in an attempt to open the store before this one.
        again: bool,
        /// The decrease of the number of acquired blocks by the opening, or 0.
        lost: u64,
        /// The increase of the number of acquired blocks by the opening, or 0.
        back: u64,
    },
    /// Power was lost while the store was opened, after this many I/Os of the opening.
    OpeningCrashed(u64),
    /// The opening failed, and is tried again.
    OpeningFailed,
    /// The store is damaged beyond repair, and is formatted again.
    FormattedAnew,
}

/// A target on a store.
pub trait Tenant {
    /// The store.
    fn store(&self) -> &BlockStore;

    /// The store, mutably.
    fn store_mut(&mut self) -> &mut BlockStore;

    /// Called when I/O may have begun or ended.
    fn after_io(&mut self, run: &mut Run) -> Checked;

    /// Frees memory for which the store may be waiting. Returns whether there was any.
    fn give_memory(&mut self) -> bool;

    /// Describes the reads that still wait although the grid is idle; `None` if there are none.
    fn waits(&self) -> Option<String> {
        None
    }

    /// Describes the work under way.
    fn under_way(&self) -> String;

    /// Returns the manifest log's part of a checkpoint. `None` if the store failed, so that no
    /// checkpoint is possible.
    fn references(&mut self, _run: &mut Run) -> Checked<Option<ManifestReferences>> {
        Ok(Some(ManifestReferences::default()))
    }

    /// Called before the store is opened again, whether or not power was lost.
    fn before_recovery(&mut self, run: &mut Run) -> Checked;

    /// Called when the process ends and loses its memory.
    fn process_ends(&mut self, run: &mut Run);

    /// Called when the grid is open at this checkpoint. Opens the tenant's own state. The inner
    /// error is an error of the core; the caller decides whether it is allowed.
    fn grid_opened(
        &mut self,
        _state: &CheckpointState,
        _run: &mut Run,
    ) -> Checked<Result<(), GridError>> {
        Ok(Ok(()))
    }

    /// Called when something happens to the store.
    fn happens(&mut self, moment: Moment, run: &mut Run);
}
