//! The record: what the calls changed and made durable, in order.

use std::sync::Arc;

/// The number of a file or directory. It is never used again.
pub(crate) type NodeId = usize;

/// The number of the folder that is recorded.
pub(crate) const ROOT: NodeId = 0;

/// A name in a directory.
pub(crate) type Name = Arc<[u8]>;

/// A place in the record: the number of an event, from 1. At time 0 nothing has happened.
pub(crate) type Time = usize;

/// A directory and a name in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) directory: NodeId,
    pub(crate) name: Name,
}

/// What a call did.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Bytes of a file were written.
    Write { file: NodeId, offset: u64, bytes: Box<[u8]> },
    /// A file was cut or extended by a call that says its size.
    Resize { file: NodeId, size: u64 },
    /// A name appeared: a file or directory was made, or linked.
    Link { entry: Entry, node: NodeId },
    /// A name went away.
    Unlink { entry: Entry },
    /// A name moved. `replaced` says that the new name was there before.
    Rename { from: Entry, to: Entry, node: NodeId, replaced: bool },
    /// What was written to a file with its size, or the names in a directory, became durable.
    Sync { node: NodeId },
    /// Everything became durable.
    SyncAll,
    /// A sync failed. What was not durable may stay so, even after a later sync.
    SyncFailed { node: NodeId },
    /// A file that was cut to nothing and written again was closed.
    Rewritten { file: NodeId },
}

impl Change {
    /// The file that the change is about, if it is about the data of a file.
    pub(crate) fn file(&self) -> Option<NodeId> {
        match self {
            Change::Write { file, .. }
            | Change::Resize { file, .. }
            | Change::Rewritten { file } => Some(*file),
            Change::Sync { node } | Change::SyncFailed { node } => Some(*node),
            // The bytes of a file that replaces another one are special in some file systems.
            Change::Rename { node, .. } => Some(*node),
            Change::Link { .. } | Change::Unlink { .. } | Change::SyncAll => None,
        }
    }
}

/// A change, and the number of the call that made it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) call: u64,
    pub(crate) change: Change,
}
