//! The content of a log at one moment.

use std::collections::VecDeque;

use super::Entry;

/// A block of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBlock {
    /// Its address.
    pub address: u64,
    /// The number of its entries.
    pub entries: u32,
}

/// A live table: its newest entry, and where that entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// The newest entry of the table.
    pub entry: Entry,
    /// The address of the block that contains the entry.
    pub block: u64,
    /// The index of the entry in that block.
    pub place: u32,
}

/// The content of a log at one moment.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Closed blocks, the oldest first.
    pub(super) closed: VecDeque<LogBlock>,
    pub(super) open: Option<LogBlock>,
    /// The entries of all blocks, the oldest first.
    pub(super) entries: VecDeque<Entry>,
    pub(super) live: Vec<Live>,
    /// Addresses of removed tables. New tables use them again.
    pub(super) spare: Vec<u64>,
}

impl State {
    pub(super) fn clear(&mut self) {
        let State { closed, open, entries, live, spare } = self;
        closed.clear();
        *open = None;
        entries.clear();
        live.clear();
        spare.clear();
    }

    pub(super) fn copy(&mut self, other: &State) {
        let State { closed, open, entries, live, spare } = self;
        closed.clone_from(&other.closed);
        *open = other.open;
        entries.clone_from(&other.entries);
        live.clone_from(&other.live);
        spare.clone_from(&other.spare);
    }
}
