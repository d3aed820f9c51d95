//! Accessors of a manifest log, and the check of its invariants.
//!
//! - Nothing here changes the log.

use super::compaction::LogPhase;
use super::{LogPace, ManifestLog, ManifestLogOptions, ManifestLogStatistics, TableExtent};
use crate::grid::GridError;
use crate::grid::free_set::{BlockSet, WORD_BITS};

impl ManifestLog {
    /// The options of the log.
    #[must_use]
    pub fn options(&self) -> &ManifestLogOptions {
        &self.options
    }

    /// The pace of compaction.
    #[must_use]
    pub fn pace(&self) -> &LogPace {
        &self.limits.pace
    }

    /// The number of entries that fit into a block.
    #[must_use]
    pub fn entries_per_block(&self) -> usize {
        self.entries_per_block
    }

    /// Whether the log is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.phase != LogPhase::Closed
    }

    /// Whether trees may append: a half-bar has begun, and its blocks are compacted.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase == LogPhase::Ready
    }

    /// The reason why the log has failed, if it has. A failed log begins no half-bar or checkpoint.
    #[must_use]
    pub fn failed(&self) -> Option<GridError> {
        self.failed
    }

    /// The number of full and closed blocks.
    #[must_use]
    pub fn block_count(&self) -> usize {
        self.closed.len() + self.full.len()
    }

    /// The number of entries in the open block; 0 if there is none.
    #[must_use]
    pub fn open_entry_count(&self) -> usize {
        self.open.as_ref().map_or(0, |open| open.entry_count)
    }

    /// All blocks that the log has acquired and not released, oldest first. The last one may be
    /// open.
    pub fn block_addresses(&self) -> impl Iterator<Item = u64> + '_ {
        let closed = self.closed.iter().map(|block| block.address);
        let others = self.full.iter().chain(&self.open).map(|block| block.address);
        closed.chain(others)
    }

    /// The number of live tables.
    #[must_use]
    pub fn table_count(&self) -> usize {
        self.extents.len()
    }

    /// Where the newest entry of each live table is, in an order that depends only on the calls.
    pub fn extents(&self) -> impl ExactSizeIterator<Item = &TableExtent> + '_ {
        self.extents.iter()
    }

    /// Where the newest entry of a table is. `None` if no live table has this address.
    #[must_use]
    pub fn extent(&self, table: u64) -> Option<&TableExtent> {
        self.extents.get(table)
    }

    /// The number of blocks that a half-bar compacts which begins now.
    pub(super) fn blocks_to_compact(&self) -> u64 {
        let closed = self.closed.len() as u64;
        self.limits.pace.compact_blocks(closed, self.extents.len() as u64).min(closed)
    }

    /// The number of blocks that the log reserves in a half-bar that begins now, in which trees
    /// append at most `entries` entries.
    pub(crate) fn blocks_of_half(&self, entries: u64) -> u64 {
        self.blocks_to_compact() + entries.div_ceil(self.entries_per_block as u64)
    }

    /// The maximum number of blocks that the log acquires in the first half of a bar and reserves
    /// in the second, in each of the next `bars` bars. The compactions of each of these bars append
    /// up to `entries` entries and remove up to `removed` tables.
    pub(crate) fn blocks_of_bar(&self, entries: u64, removed: u64, bars: u64) -> u64 {
        let entries_per_block = self.entries_per_block as u64;
        let appended = self.growth_of_bar(entries);
        let closed = self.block_addresses().count() as u64 + bars * appended;
        let tables = (self.extents.len() as u64).saturating_sub(bars * removed);
        let compacted = self.limits.pace.compact_blocks(closed, tables).min(closed);
        // The first half fills only as many blocks as there are live entries for.
        let live = (self.extents.len() as u64 + bars * entries).div_ceil(entries_per_block) + 1;
        compacted.min(live) + compacted + appended
    }

    /// The same as [`LogPace::growth_of_bar`].
    pub(crate) fn growth_of_bar(&self, entries: u64) -> u64 {
        self.limits.pace.growth_of_bar(entries)
    }

    /// The counters since construction or the latest reset.
    #[must_use]
    pub fn statistics(&self) -> &ManifestLogStatistics {
        &self.statistics
    }

    /// Checks all invariants. Takes time proportional to the number of tables and of entries that
    /// fit into the log's blocks, and to a 64th of the number of blocks of the device.
    ///
    /// # Panics
    ///
    /// If an invariant is broken; the message names it.
    pub fn verify(&self) {
        assert!(
            self.closed.len() <= self.limits.blocks_max || self.failed.is_some(),
            "manifest_log: the log must not exceed its longest length",
        );
        let entry_count = self.open_entry_count();
        assert!(
            entry_count < self.entries_per_block,
            "manifest_log: a full block must not be open ({entry_count} entries)",
        );
        let blocks = Blocks::of(self);
        let open = self.open.as_ref();
        let mut taken = bits(blocks.count() * self.entries_per_block as u64);
        for extent in self.extents.iter() {
            let TableExtent { table, block, entry } = *extent;
            let Some(place) = blocks.place(block) else {
                panic!(
                    "manifest_log: the newest version of a table must be in a block of the log \
                     (table {table}, block {block})",
                );
            };
            let end = match open {
                Some(open) if open.address == block => open.entry_count,
                _ => self.entries_per_block,
            };
            assert!(
                (entry as usize) < end,
                "manifest_log: the newest version of a table must be an entry of its block \
                 (table {table}, block {block}, entry {entry})",
            );
            let place = place * self.entries_per_block + entry as usize;
            assert!(
                !taken.contains(place),
                "manifest_log: two tables must not have the same entry \
                 (table {table}, block {block}, entry {entry})",
            );
            taken.insert(place);
            assert!(
                self.extents.get(table) == Some(extent) && !blocks.contains(table),
                "manifest_log: a table must be found, and be no block of the log (table {table})",
            );
        }
        let between = matches!(self.phase, LogPhase::Idle | LogPhase::Closed);
        assert!(
            !between || (self.reservation.is_none() && self.buffers.is_empty()),
            "manifest_log: nothing must be reserved between half-bars",
        );
        assert!(
            !between || self.full.is_empty(),
            "manifest_log: no full block must wait between half-bars",
        );
    }
}

/// The blocks of the log, as a set of addresses. Each has a place, from 0.
struct Blocks {
    blocks: BlockSet,
    /// For each word of the set, the number of blocks in the words before it.
    before: Vec<u32>,
}

impl Blocks {
    fn of(log: &ManifestLog) -> Self {
        let mut blocks = bits(log.limits.block_count);
        let mut insert = |address: u64| {
            let block = (address - 1) as usize;
            assert!(!blocks.contains(block), "manifest_log: a block must be in the log once");
            blocks.insert(block);
        };
        // Two loops are faster than one over a chain of iterators.
        log.closed.iter().for_each(|block| insert(block.address));
        log.full.iter().chain(&log.open).for_each(|block| insert(block.address));
        let mut count = 0;
        let before = blocks.words().iter().map(|word| {
            let before = count;
            // Few words of a large device have a block of the log.
            if *word != 0 {
                count += word.count_ones();
            }
            before
        });
        let before = before.collect();
        Self { blocks, before }
    }

    fn count(&self) -> u64 {
        self.blocks.count()
    }

    /// Whether the block at this address is of the log.
    fn contains(&self, address: u64) -> bool {
        let Some(block) = address.checked_sub(1) else { return false };
        let (word, bit) = (block as usize / WORD_BITS, block as usize % WORD_BITS);
        self.blocks.words().get(word).is_some_and(|bits| bits >> bit & 1 == 1)
    }

    /// The place of the block at this address; `None` if it is not of the log.
    fn place(&self, address: u64) -> Option<usize> {
        if !self.contains(address) {
            return None;
        }
        let block = (address - 1) as usize;
        let (word, bit) = (block / WORD_BITS, block % WORD_BITS);
        let lower = self.blocks.word(word) & ((1 << bit) - 1);
        Some((self.before[word] + lower.count_ones()) as usize)
    }
}

/// A set of numbers below `count`.
fn bits(count: u64) -> BlockSet {
    BlockSet::new((count as usize).div_ceil(WORD_BITS))
}
