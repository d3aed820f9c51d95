//! What a log holds: its blocks with their entries, the live tables, and the checkpoints that a crash can lead
//! back to.
//!
//! - An entry of a block that is compacted is appended again if it is the newest of its table, and dropped if
//!   not. Entries that say that a table is gone are dropped.
//! - A block is of the lowest address that is free when its first entry is appended, of those reserved.
//! - A crash leads back to the checkpoint that was acknowledged last, or to the one under way.

use std::collections::VecDeque;

use super::state::State;
use super::{Counts, Entry, Event, Live, LogBlock, Pace, Sizes};
use crate::mutation::{Mutation, is_on};
use crate::store::Store;

/// A log; see the module's documentation.
#[derive(Debug)]
pub struct Log {
    sizes: Sizes,
    pace: Pace,
    now: State,
    acknowledged: State,
    under_way: State,
    /// The last block that was acquired in this half-bar.
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

    /// Becomes a log without blocks, as the last checkpoint holds it, too.
    pub fn format(&mut self) {
        self.now.clear();
        self.acknowledged.clear();
        self.counts = Counts::default();
    }

    /// How fast it is compacted.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Its sizes.
    #[must_use]
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The blocks that are closed, the oldest first.
    #[must_use]
    pub fn closed(&self) -> &VecDeque<LogBlock> {
        &self.now.closed
    }

    /// The block that entries are being put into.
    #[must_use]
    pub fn open(&self) -> Option<LogBlock> {
        self.now.open
    }

    /// The live tables.
    #[must_use]
    pub fn live(&self) -> &[Live] {
        &self.now.live
    }

    /// Addresses that no table has at the moment, and that are kept for some.
    #[must_use]
    pub fn spare(&self) -> &[u64] {
        &self.now.spare
    }

    /// What happened since it was opened.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The entries that may still be appended in this half-bar.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }

    /// How many blocks a half-bar that begins now compacts.
    #[must_use]
    pub fn blocks_to_compact(&self) -> u64 {
        self.pace.blocks(self.now.closed.len() as u64, self.now.live.len() as u64)
    }

    /// A half-bar begins: the oldest blocks are compacted.
    pub fn begin(&mut self, store: &mut Store) {
        self.last = 0;
        self.left = self.pace.entries;
        for _ in 0..self.blocks_to_compact() {
            self.compact_oldest(store);
        }
    }

    fn compact_oldest(&mut self, store: &mut Store) {
        let oldest = self.now.closed.pop_front().expect("no more are compacted than there are");
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

    /// A tree appends an entry.
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

    /// The block that is not full is closed, for a checkpoint.
    pub fn close(&mut self) {
        self.counts.closed_partly += u64::from(self.now.open.is_some());
        self.close_open();
    }

    /// An address is not that of a table any more, and kept for others.
    pub fn keep_spare(&mut self, address: u64) {
        self.now.spare.push(address);
    }

    /// The address that was kept last, if there is one.
    pub fn take_spare(&mut self) -> Option<u64> {
        self.now.spare.pop()
    }

    /// A checkpoint begins: it holds what there is now.
    pub fn begin_checkpoint(&mut self) {
        self.under_way.copy(&self.now);
    }

    /// The checkpoint under way is acknowledged.
    pub fn checkpoint_written(&mut self) {
        std::mem::swap(&mut self.acknowledged, &mut self.under_way);
    }

    /// The store was opened, at the checkpoint under way or at the one before.
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

    /// How many entries there are, and how many of them say that a table is gone.
    #[must_use]
    pub fn entry_counts(&self) -> (u64, u64) {
        let removes = self.now.entries.iter().filter(|entry| entry.event == Event::Remove);
        (self.now.entries.len() as u64, removes.count() as u64)
    }
}
