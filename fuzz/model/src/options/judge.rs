//! Judges options by their documentation.
//!
//! A judgement is a list of invalid options. It is empty if all options are valid. If it contains
//! several options, the core may blame any of them.

use std::ops::RangeInclusive;

use crate::mutation::{Mutation, is_on};

/// The names of the invalid options.
pub type Blame = Vec<&'static str>;

fn within(blame: &mut Blame, option: &'static str, number: u64, limits: RangeInclusive<u64>) {
    if !limits.contains(&number) {
        blame.push(option);
    }
}

fn power(blame: &mut Blame, option: &'static str, number: u64, limits: RangeInclusive<u64>) {
    if !limits.contains(&number) || !number.is_power_of_two() {
        blame.push(option);
    }
}

/// Judges the layout of a device.
#[must_use]
pub fn layout(sector: u64, block: u64, copies: u64, blocks: u64) -> Blame {
    let mut blame = Blame::new();
    power(&mut blame, "sector_size", sector, 64..=1 << 16);
    power(&mut blame, "block_size", block, 128..=1 << 24);
    if block < sector {
        blame.push("block_size");
    }
    if ![2, 4, 6, 8].contains(&copies) {
        blame.push("superblock_copies");
    }
    within(&mut blame, "block_count", blocks, 1..=1 << 31);
    blame
}

/// Judges a free set.
#[must_use]
pub fn free_set(blocks: u64, shard: u32, reservations: u32) -> Blame {
    let mut blame = Blame::new();
    within(&mut blame, "block_count", blocks, 1..=1 << 31);
    power(&mut blame, "shard_size", shard.into(), 64..=1 << 16);
    within(&mut blame, "reservation_count_max", reservations.into(), 1..=u64::MAX);
    blame
}

/// Judges a set-associative cache.
#[must_use]
pub fn cache(ways: u32, sets: u32) -> Blame {
    let slots_max = if is_on(Mutation::OptionsAllowMoreSlots) { 1 << 31 } else { 1 << 30 };
    let slots = u64::from(ways) * u64::from(sets);
    let mut blame = Blame::new();
    within(&mut blame, "sets", slots, 1..=slots_max);
    blame
}

/// Judges a cache map. With 0 ways, it has no cache.
#[must_use]
pub fn cache_map(ways: u32, sets: u32, stash: u32, scope: u32) -> Blame {
    let mut blame = if ways == 0 { Blame::new() } else { cache(ways, sets) };
    within(&mut blame, "stash_capacity", stash.into(), 1..=1 << 29);
    within(&mut blame, "scope_capacity", scope.into(), 0..=1 << 29);
    blame
}

/// Judges a log of requests, on a device whose sectors have `sector` bytes.
#[must_use]
pub fn requests(size: u32, count: u32, sector: u64) -> Blame {
    let mut blame = Blame::new();
    within(&mut blame, "request_size_max", size.into(), 1..=1 << 24);
    within(&mut blame, "requests_max", count.into(), 1..=u64::MAX);
    within(&mut blame, "sector", sector, 64..=u64::MAX);
    blame
}

/// The bytes of the device of a log of requests, by the format: two labels, and a ring with room
/// for one entry more than there are requests.
#[must_use]
pub fn requests_size(size: u32, count: u32, sector: u64) -> u64 {
    // The header takes 64 bytes of the first sector, and each further sector has 4 that are zero.
    let further = u64::from(size).saturating_sub(sector - 64).div_ceil(sector - 4);
    (2 + (u64::from(count) + 1) * (1 + further)) * sector
}

/// Judges the size of a node, for elements of up to `element` bytes.
#[must_use]
pub fn node_size(size: u64, element: u64) -> Blame {
    let mut blame = Blame::new();
    let is_valid = size.is_multiple_of(16) && (1..=1 << 24).contains(&size) && size / element >= 2;
    if !is_valid {
        blame.push("node_size");
    }
    blame
}

/// Judges a pool of nodes.
#[must_use]
pub fn nodes(size: u64, count: u32) -> Blame {
    let mut blame = node_size(size, 1);
    within(&mut blame, "node_count", count.into(), 1..=u64::MAX);
    blame
}

/// Judges a list of up to `count` elements of up to `element` bytes, in nodes of `size` bytes.
/// `option` is the name of the option that gives `count`.
#[must_use]
pub fn list(option: &'static str, count: u32, size: u64, element: u64) -> Blame {
    let mut blame = node_size(size, element);
    within(&mut blame, option, count.into(), 1..=1 << 28);
    blame
}

/// The options of a manifest log.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// The number of trees.
    pub trees: u16,
    /// The largest id of a tree.
    pub id: u16,
    /// Levels of a tree.
    pub levels: u8,
    /// The growth factor.
    pub growth: u32,
    /// The maximum number of tables.
    pub tables: u32,
    /// How many more blocks a half-bar compacts than it may fill.
    pub extra: u32,
    /// Bytes of a block.
    pub block: u64,
}

impl Log {
    /// The number of steps in which the core must find the maximum length of the log.
    const STEPS: u32 = 1024;

    /// Judges the options.
    #[must_use]
    pub fn judge(&self) -> Blame {
        let Log { trees, id, levels, growth, tables, extra, block: _ } = *self;
        let mut blame = Blame::new();
        let numbers: [(&'static str, u64, RangeInclusive<u64>); 6] = [
            ("tree_count", trees.into(), 1..=0xffff),
            ("tree_id_max", id.into(), trees.into()..=0xffff),
            ("level_count", levels.into(), 1..=64),
            ("growth_factor", growth.into(), 1..=256),
            ("table_count_max", tables.into(), 1..=u64::from(u32::MAX)),
            ("compact_extra_blocks", extra.into(), 1..=1 << 16),
        ];
        for (option, number, limits) in numbers {
            within(&mut blame, option, number, limits);
        }
        let entries = self.entries();
        if entries == 0 {
            blame.push("block_size");
        }
        if blame.is_empty() && self.is_slow(entries) {
            blame.push("compact_extra_blocks");
        }
        blame
    }

    /// The maximum number of blocks that a half-bar fills, if a block has this many entries.
    fn filled(&self, entries: u64) -> u64 {
        self.half_bar().div_ceil(entries)
    }

    /// The maximum number of blocks that the log writes in a bar. The options must be valid.
    pub(super) fn blocks_of_bar(&self) -> u64 {
        let filled = self.filled(self.entries());
        2 * (2 * filled + u64::from(self.extra)) + 1
    }

    /// The maximum number of blocks that the log fills in a bar with so many entries. Each half-bar
    /// leaves one that is not full. The options must be valid.
    pub(super) fn filled_in_bar(&self, entries: u64) -> u64 {
        entries.div_ceil(self.entries()) + 2
    }

    /// The maximum number of blocks that a log of three bars needs in a bar, if each bar fills so
    /// many. The options must be valid.
    pub(super) fn written_when_new(&self, filled: u64) -> u64 {
        let compacted = self.filled(self.entries()) + u64::from(self.extra);
        2 * compacted.min(3 * filled) + filled
    }

    /// The maximum number of blocks of the log in memory. The options must be valid.
    pub(super) fn buffers(&self) -> u64 {
        1 + 2 * self.filled(self.entries()) + u64::from(self.extra)
    }

    /// The maximum number of blocks of the log between two half-bars, and those that a half-bar
    /// fills. The options must be valid.
    pub(super) fn blocks(&self, blocks_of_device: u64) -> u64 {
        let entries = self.entries();
        let filled = self.filled(entries);
        let compacted = filled + u64::from(self.extra);
        let full = u64::from(self.tables).div_ceil(entries);
        let half_bars = (full + 1).div_ceil(compacted);
        let length = self.length(entries).expect("the log is compacted fast enough");
        // With a checkpoint in every half-bar, each leaves a block with one entry.
        let with_one = self.half_bar() + entries - 1;
        let cycle = u128::from(full * entries + with_one) * u128::from(compacted)
            / u128::from(compacted * entries - with_one);
        let burst = u128::from(half_bars * with_one).div_ceil(u128::from(entries));
        let limit = u64::try_from(cycle + burst + 1).unwrap_or(u64::MAX);
        limit.max(length + filled * half_bars).min(blocks_of_device) + filled + 1
    }

    /// The number of entries of a block.
    fn entries(&self) -> u64 {
        self.block.saturating_sub(64) / 112
    }

    /// The maximum number of entries that a half-bar appends.
    fn half_bar(&self) -> u64 {
        u64::from(self.trees)
            * u64::from(self.levels).div_ceil(2)
            * 3
            * (1 + u64::from(self.growth))
    }

    /// Whether compaction of the log would be too slow.
    fn is_slow(&self, entries: u64) -> bool {
        self.length(entries).is_none()
    }

    /// The length of a log that is compacted as fast as it is filled, in blocks. While the oldest
    /// blocks are compacted, new blocks are filled, which must also be compacted. So the length is
    /// computed step by step, until it no longer grows.
    fn length(&self, entries: u64) -> Option<u64> {
        let filled = self.filled(entries);
        let compacted = filled + u64::from(self.extra);
        let full = u64::from(self.tables).div_ceil(entries);
        let mut blocks = 0;
        for _ in 0..=Self::STEPS {
            let longer = full + filled * u64::div_ceil(blocks, compacted);
            if longer == blocks {
                return Some(blocks);
            }
            blocks = longer;
        }
        None
    }
}

/// Judges the tables of a tree.
#[must_use]
pub fn table(block: u64, record: u64, key: u64, values: u32) -> Blame {
    let mut blame = Blame::new();
    power(&mut blame, "block_size", block, 128..=1 << 24);
    power(&mut blame, "record_size", record, 8..=256);
    if ![8, 16, 32].contains(&key) {
        blame.push("key_size");
    }
    within(&mut blame, "value_count_max", values.into(), 1..=u64::MAX);
    if !blame.is_empty() {
        return blame;
    }
    let of_block = (block - 64) / record;
    if of_block == 0 {
        blame.push("record_size");
        return blame;
    }
    let blocks_max = (block - 64) / (24 + 2 * key);
    if blocks_max == 0 {
        blame.push("block_size");
        return blame;
    }
    let blocks = u64::from(values).div_ceil(of_block);
    if blocks > blocks_max || blocks * of_block > u64::from(u32::MAX) {
        blame.push("value_count_max");
    }
    blame
}

/// Judges the memtables of a tree.
#[must_use]
pub fn memory(values: u32, beats: u32) -> Blame {
    let mut blame = Blame::new();
    within(&mut blame, "value_count_max", values.into(), 1..=1 << 28);
    within(&mut blame, "beats_per_bar", beats.into(), 1..=1 << 12);
    blame
}

/// Judges a grid.
#[must_use]
pub fn grid((ways, sets): (u32, u32), [private, reads, writes, reservations]: [u32; 4]) -> Blame {
    let mut blame = cache(ways, sets);
    for (option, number) in [
        ("private_blocks", private),
        ("reads_in_flight_max", reads),
        ("writes_in_flight_max", writes),
        ("reservation_count_max", reservations),
    ] {
        within(&mut blame, option, number.into(), 1..=u64::MAX);
    }
    blame
}

/// The options of a tree, with their limits.
pub const TREE: [(&str, RangeInclusive<u32>); 6] = [
    ("id", 1..=0xffff),
    ("beat_value_count_max", 1..=1 << 20),
    ("beats_per_bar", 4..=1024),
    ("growth_factor", 2..=16),
    ("level_count", 2..=8),
    ("read_ahead", 1..=1024),
];

/// Judges the options of a tree, in the order of [`TREE`].
#[must_use]
pub fn tree(numbers: [u32; 6]) -> Blame {
    let mut blame = Blame::new();
    for ((option, limits), number) in TREE.iter().zip(numbers) {
        within(
            &mut blame,
            option,
            number.into(),
            (*limits.start()).into()..=(*limits.end()).into(),
        );
    }
    let [_, batch, bar, ..] = numbers;
    if !bar.is_multiple_of(2) && !is_on(Mutation::OptionsAllowOddBars) {
        blame.push("beats_per_bar");
    }
    if blame.is_empty() && batch * bar > 1 << 28 {
        blame.push("value_count_max");
    }
    blame
}
