//! The model of a manifest log: its blocks with their entries, the live tables, and the checkpoints
//! that a crash can lead back to.
//!
//! - When a block is compacted, an entry is appended again if it is the newest of its table, and
//!   dropped if not. Entries that say that a table was removed are dropped.
//! - A block takes the lowest reserved address that is free when its first entry is appended.
//! - A crash leads back to the checkpoint that was acknowledged last, or to the one under way.

use std::collections::VecDeque;

use super::state::State;
use super::{Counts, Entry, Event, Live, LogBlock, Pace, Sizes};
use crate::mutation::{Mutation, is_on};
use crate::store::Store;

/// A manifest log.
#[derive(Debug)]
pub struct Log {
    sizes: Sizes,
    pace: Pace,
    now: State,
    acknowledged: State,
    under_way: State,
    /// The last address that was acquired in this half-bar.
    last: u64,
    /// Entries that may still be appended in this half-bar.
    left: u64,
    counts: Counts,
}

impl Log {
    /// A log without blocks.
    #[must_use]
    pub fn new(sizes: Sizes) -> Self {
        Log {
            sizes,
            pace: Pace::new(&sizes),
            now: State::default(),
            acknowledged: State::default(),
            under_way: State::default(),
            last: 0,
            left: 0,
            counts: Counts::default(),
        }
    }

    /// Becomes a log without blocks, now and in the last checkpoint.
    pub fn format(&mut self) {
        self.now.clear();
        self.acknowledged.clear();
        self.counts = Counts::default();
    }

    /// The pace of its compaction.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The sizes of the log.
    #[must_use]
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The closed blocks, the oldest first.
    #[must_use]
    pub fn closed(&self) -> &VecDeque<LogBlock> {
        &self.now.closed
    }

    /// The block that entries are appended to, if there is one.
    #[must_use]
    pub fn open(&self) -> Option<LogBlock> {
        self.now.open
    }

    /// The live tables.
    #[must_use]
    pub fn live(&self) -> &[Live] {
        &self.now.live
    }

    /// Addresses of removed tables that are kept for new tables.
    #[must_use]
    pub fn spare(&self) -> &[u64] {
        &self.now.spare
    }

    /// The counts since the log was opened.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many entries may still be appended in this half-bar.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }

    /// How many blocks a half-bar that begins now compacts.
    #[must_use]
    pub fn blocks_to_compact(&self) -> u64 {
        self.pace.blocks(self.now.closed.len() as u64, self.now.live.len() as u64)
    }

    /// Begins a half-bar: compacts the oldest blocks.
    pub fn begin(&mut self, store: &mut Store) {
        self.last = 0;
        self.left = self.pace.entries;
        for _ in 0..self.blocks_to_compact() {
            self.compact_oldest(store);
        }
    }

    fn compact_oldest(&mut self, store: &mut Store) {
        let oldest =
            self.now.closed.pop_front().expect("a log compacts no more blocks than it has");
        for place in 0..oldest.entries {
            let entry = self.now.entries.pop_front().expect("a block has its entries");
            let here = |live: &Live| {
                live.entry.table.address == entry.table.address
                    && (live.block, live.place) == (oldest.address, place)
            };
            if entry.event == Event::Remove {
                self.counts.removes_dropped += 1;
            } else if self.now.live.iter().any(here) {
                self.counts.kept += 1;
                self.push(entry, store);
            } else {
                self.counts.versions_dropped += 1;
            }
        }
        self.counts.compacted += 1;
        store.release(oldest.address);
    }

    /// Appends an entry of a tree.
    pub fn append(&mut self, entry: Entry, store: &mut Store) {
        self.left -= 1;
        self.push(entry, store);
    }

    fn push(&mut self, entry: Entry, store: &mut Store) {
        let open = self.now.open.get_or_insert_with(|| {
            self.last = store.next_free(self.last).unwrap_or(0);
            store.acquire(self.last);
            LogBlock { address: self.last, entries: 0 }
        });
        let live = Live { entry, block: open.address, place: open.entries };
        open.entries += 1;
        let is_full = u64::from(open.entries) == self.sizes.entries_per_block;
        self.now.entries.push_back(entry);
        let mut tables = self.now.live.iter_mut();
        match (entry.event, tables.find(|live| live.entry.table.address == entry.table.address)) {
            (Event::Remove, _) => {
                let gone = |live: &Live| live.entry.table.address == entry.table.address;
                self.now.live.retain(|live| !gone(live));
            }
            (_, Some(before)) if is_on(Mutation::ManifestLogForgetsMoves) => {
                let level = before.entry.table.level;
                *before = live;
                before.entry.table.level = level;
            }
            (_, Some(before)) => *before = live,
            (_, None) => self.now.live.push(live),
        }
        if is_full {
            self.counts.closed_full += 1;
            self.close_open();
        }
    }

    fn close_open(&mut self) {
        self.now.closed.extend(self.now.open.take());
    }

    /// Closes the block that is not full, for a checkpoint.
    pub fn close(&mut self) {
        self.counts.closed_partly += u64::from(self.now.open.is_some());
        self.close_open();
    }

    /// Keeps the address of a removed table for others.
    pub fn keep_spare(&mut self, address: u64) {
        self.now.spare.push(address);
    }

    /// Takes the address that was kept last, if there is one.
    pub fn take_spare(&mut self) -> Option<u64> {
        self.now.spare.pop()
    }

    /// Begins a checkpoint, which contains the present state.
    pub fn begin_checkpoint(&mut self) {
        self.under_way.copy(&self.now);
    }

    /// Notes that the checkpoint under way is acknowledged.
    pub fn checkpoint_written(&mut self) {
        std::mem::swap(&mut self.acknowledged, &mut self.under_way);
    }

    /// Notes that the store was opened: at the checkpoint under way if `under_way` is set,
    /// otherwise at the one before.
    pub fn opened(&mut self, under_way: bool) {
        if under_way {
            self.checkpoint_written();
        }
        if !is_on(Mutation::ManifestLogForgetsCrashes) {
            self.now.copy(&self.acknowledged);
        }
        self.counts = Counts::default();
        self.left = 0;
    }

    /// How many entries there are, and how many of them say that a table was removed.
    #[must_use]
    pub fn entry_counts(&self) -> (u64, u64) {
        let removes = self.now.entries.iter().filter(|entry| entry.event == Event::Remove);
        (self.now.entries.len() as u64, removes.count() as u64)
    }
}
