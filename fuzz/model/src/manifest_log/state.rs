//! The content of a log at one time.

use std::collections::VecDeque;

use super::Entry;

/// A block of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBlock {
    /// Its address.
    pub address: u64,
    /// How many entries it has.
    pub entries: u32,
}

/// A live table and the place of its newest entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its newest entry.
    pub entry: Entry,
    /// The address of the block that holds it.
    pub block: u64,
    /// Its place in that block.
    pub place: u32,
}

/// The content of a log at one time.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Closed blocks, the oldest first.
    pub(super) closed: VecDeque<LogBlock>,
    pub(super) open: Option<LogBlock>,
    /// The entries of all blocks, the oldest first.
    pub(super) entries: VecDeque<Entry>,
    pub(super) live: Vec<Live>,
    /// Addresses of removed tables, for new tables.
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
