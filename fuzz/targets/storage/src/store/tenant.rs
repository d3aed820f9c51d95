//! What lives on a store: what the shared parts ask of a target, and what they tell it. What is
//! right or wrong beyond the store's blocks is for the tenant to check.

use downbeat_lsm::grid::GridError;
use downbeat_lsm::superblock::{CheckpointState, ManifestReferences};

use super::BlockStore;
use downbeat::{Checked, Run};

/// What happens to a store, for tenants that count it or have a model of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The disk is formatted, and the store is about to be opened for the first time.
    Formatted,
    /// The checkpoint of this number begins: it holds what there is now.
    CheckpointBegins(u64),
    /// It has so many blocks for its free set.
    CheckpointPrepared(usize),
    /// It is acknowledged.
    CheckpointWritten,
    /// There were not enough free blocks for it, so it was given up.
    CheckpointFull,
    /// It failed: it may be found when the store is opened.
    CheckpointFailed,
    /// The power went in it, when so many I/Os of it had completed.
    CheckpointCrashed(u64),
    /// It is about to be durable.
    Durable,
    /// The store is being opened at this checkpoint.
    Opened {
        /// Its number.
        beat: u64,
        /// Whether it was not acknowledged before.
        under_way: bool,
        /// Whether the power went in an attempt to open it before this one.
        again: bool,
        /// How many more blocks were in use before.
        lost: u64,
        /// How many more blocks are in use now.
        back: u64,
    },
    /// The power went while it was opened, when so many I/Os of that had completed.
    OpeningCrashed(u64),
    /// It was not opened, and is tried again.
    OpeningFailed,
    /// It is damaged beyond repair, and is formatted anew.
    FormattedAnew,
}

/// What lives on a store.
pub trait Tenant {
    /// The store.
    fn store(&self) -> &BlockStore;

    /// The store, to be changed.
    fn store_mut(&mut self) -> &mut BlockStore;

    /// I/O may have begun or ended.
    fn after_io(&mut self, run: &mut Run) -> Checked;

    /// Gives up memory that the store may wait for. Returns whether there was some.
    fn give_memory(&mut self) -> bool;

    /// What still waits although the grid is idle, in words.
    fn waits(&self) -> Option<String> {
        None
    }

    /// What it does now, in words.
    fn under_way(&self) -> String;

    /// What a checkpoint shall say of the manifest log. `None` if the store failed, so that no
    /// checkpoint is possible.
    fn references(&mut self, _run: &mut Run) -> Checked<Option<ManifestReferences>> {
        Ok(Some(ManifestReferences::default()))
    }

    /// The store is about to be opened again, after a loss of power or without one.
    fn before_recovery(&mut self, run: &mut Run) -> Checked;

    /// The process ends, with all that it has in memory.
    fn process_ends(&mut self, run: &mut Run);

    /// The grid is open at this checkpoint: opens what lies on it. The inner error is that of the
    /// core, which the caller judges.
    fn grid_opened(
        &mut self,
        _state: &CheckpointState,
        _run: &mut Run,
    ) -> Checked<Result<(), GridError>> {
        Ok(Ok(()))
    }

    /// Something happens.
    fn happens(&mut self, moment: Moment, run: &mut Run);
}
