//! The options of a store.

use super::judge::{self, Blame, Log};

/// The maximum number of bytes of memory that valid options add up to.
const MEMORY_SIZE_MAX: u64 = 1 << 47;

/// An option of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants have the names of the options")]
pub enum Field {
    SectorSize,
    BlockSize,
    Copies,
    Blocks,
    Id,
    Batch,
    Bar,
    Growth,
    Levels,
    Ahead,
    Interval,
    Extra,
    NodeSize,
    Ways,
    Sets,
    Reads,
    Writes,
    Lookups,
    Scans,
}

impl Field {
    /// All options, in the order of their numbers.
    pub const ALL: [Field; 19] = [
        Field::SectorSize,
        Field::BlockSize,
        Field::Copies,
        Field::Blocks,
        Field::Id,
        Field::Batch,
        Field::Bar,
        Field::Growth,
        Field::Levels,
        Field::Ahead,
        Field::Interval,
        Field::Extra,
        Field::NodeSize,
        Field::Ways,
        Field::Sets,
        Field::Reads,
        Field::Writes,
        Field::Lookups,
        Field::Scans,
    ];

    /// Whether a store can only be opened with the value of this option that it was formatted with.
    #[must_use]
    pub fn is_on_disk(self) -> bool {
        !matches!(
            self,
            Field::Blocks
                | Field::Interval
                | Field::Ahead
                | Field::NodeSize
                | Field::Ways
                | Field::Sets
                | Field::Reads
                | Field::Writes
                | Field::Lookups
                | Field::Scans
        )
    }
}

/// The options of a store, as numbers. Each fits the type of its option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreNumbers {
    /// The options in the order of [`Field::ALL`].
    numbers: [u64; Field::ALL.len()],
    /// Bytes of a record.
    pub record: u64,
    /// Bytes of a key.
    pub key: u64,
}

impl StoreNumbers {
    /// Options of a small store, for records and keys of these sizes in bytes.
    #[must_use]
    pub fn tiny(record: u64, key: u64) -> Self {
        let block = if record > 32 { 1024 } else { 256 };
        let numbers = [256, block, 2, 512, 1, 2, 4, 2, 4, 1, 1, 4, 1024, 2, 4, 2, 2, 4, 2];
        StoreNumbers { numbers, record, key }
    }

    /// The value of an option.
    #[must_use]
    pub fn get(&self, field: Field) -> u64 {
        self.numbers[field as usize]
    }

    /// The value of an option whose type has 32 bits or fewer.
    #[must_use]
    pub fn short(&self, field: Field) -> u32 {
        self.get(field) as u32
    }

    /// Sets an option to the lowest bits of `number` that fit its type. For the ways of the cache,
    /// `number` chooses 2, 4 or 16.
    pub fn set(&mut self, field: Field, number: u64) {
        self.numbers[field as usize] = match field {
            Field::SectorSize
            | Field::BlockSize
            | Field::Copies
            | Field::Blocks
            | Field::NodeSize => number,
            Field::Id => number & 0xffff,
            Field::Ways => [2, 4, 16][number as usize % 3],
            _ => number & 0xffff_ffff,
        };
    }

    /// Bytes of the device.
    #[must_use]
    pub fn device_size(&self) -> u64 {
        let [sector, block, copies, blocks] =
            [Field::SectorSize, Field::BlockSize, Field::Copies, Field::Blocks]
                .map(|field| self.get(field));
        (copies * 512_u64.next_multiple_of(sector)).next_multiple_of(block) + blocks * block
    }

    /// How many blocks are left beside the free sets of two checkpoints, each of which has two
    /// encoded sets of the maximum size; negative if these need more.
    fn usable(&self) -> i128 {
        let blocks = i128::from(self.get(Field::Blocks));
        let words = self.get(Field::Blocks).div_ceil(64) + 1;
        let of_set = (8 * words).div_ceil((self.get(Field::BlockSize) - 64) / 8 * 8);
        blocks - 4 * i128::from(of_set)
    }

    /// Whether a store with so many blocks may get as many as these options say: it is not smaller,
    /// does not have less room, and does not lose its reserve. The options must be valid.
    #[must_use]
    pub fn may_grow_from(&self, stored: u64) -> bool {
        let mut before = *self;
        before.set(Field::Blocks, stored);
        stored <= self.get(Field::Blocks)
            && before.usable() <= self.usable()
            && (!before.has_reserve() || self.has_reserve())
    }

    /// The maximum number of tables. A table has at least two blocks.
    fn tables(&self) -> u64 {
        let (growth, levels) = (self.get(Field::Growth), self.get(Field::Levels));
        let of_levels: u64 = (1..=levels).map(|level| growth.pow(level as u32)).sum();
        let most = of_levels + 2 * (1 + growth) * levels;
        most.min(self.get(Field::Blocks) / 2 + 1).min(u32::MAX.into())
    }

    /// Judges the options.
    #[must_use]
    pub fn judge(&self) -> Blame {
        use Field::*;
        let [sector, block, copies, blocks] =
            [SectorSize, BlockSize, Copies, Blocks].map(|field| self.get(field));
        let mut blame = judge::layout(sector, block, copies, blocks);
        for (option, field, most) in [
            ("checkpoint_interval", Interval, u64::MAX),
            ("reads_in_flight_max", Reads, u64::MAX),
            ("writes_in_flight_max", Writes, u64::MAX),
            ("lookups_max", Lookups, 1 << 16),
            ("scans_max", Scans, 1 << 10),
        ] {
            if !(1..=most).contains(&self.get(field)) {
                blame.push(option);
            }
        }
        blame.extend(judge::cache(self.short(Ways), self.short(Sets)));
        let tree =
            judge::tree([Id, Batch, Bar, Growth, Levels, Ahead].map(|field| self.short(field)));
        if tree.is_empty() {
            blame.extend(self.judge_tables());
        }
        blame.extend(tree);
        if blame.is_empty() && self.memory_size() > MEMORY_SIZE_MAX {
            blame.push("memory_size");
        }
        blame
    }

    /// Judges the options that depend on the sizes of the tree. The options of the tree must be
    /// valid.
    fn judge_tables(&self) -> Blame {
        use Field::*;
        let block = self.get(BlockSize);
        let values = self.short(Batch) * self.short(Bar);
        let mut blame = judge::table(block, self.record, self.key, values);
        blame.extend(self.log().judge());
        // A node must have room for two tables. A table is two keys, a checksum, an address, two
        // snapshots and the number of its records.
        let table = 2 * self.key + 16 + 8 + 16 + 4;
        blame.extend(judge::node_size(self.get(NodeSize), table));
        let growth = self.get(Growth);
        let last = growth.pow(self.short(Levels)) + 2 * (1 + growth);
        if last.min(self.tables()) > 1 << 28 {
            blame.push("table_count_max");
        }
        blame
    }

    fn log(&self) -> Log {
        Log {
            trees: 1,
            id: self.get(Field::Id) as u16,
            levels: self.get(Field::Levels) as u8,
            growth: self.short(Field::Growth),
            tables: self.tables() as u32,
            extra: self.short(Field::Extra),
            block: self.get(Field::BlockSize),
        }
    }

    /// Whether the last level of a new store can be full after this many puts and removals. Each
    /// table has a record.
    #[must_use]
    pub fn can_fill_tree(&self, writes: u64) -> bool {
        writes >= self.get(Field::Growth).pow(self.short(Field::Levels))
    }

    /// Whether the device of a new store can be full in this beat. All blocks that the store may
    /// have written, and those that it reserves for the next bar, are in use. The options must be
    /// valid.
    #[must_use]
    pub fn can_fill_device(&self, beat: u64) -> bool {
        use Field::*;
        let [block, blocks, growth, levels] =
            [BlockSize, Blocks, Growth, Levels].map(|field| self.get(field));
        let of_block = (block - 64) / self.record;
        let table = 1 + (self.get(Batch) * self.get(Bar)).div_ceil(of_block);
        // A merge reads a table and up to `growth` tables below it, and writes one table more.
        let merges = levels * (growth + 2) * table;
        let sets = 2 * (8 * (blocks.div_ceil(64) + 1)).div_ceil(block - 64);
        let of_bar = merges + self.log().blocks_of_bar() + sets;
        let bars = beat / self.get(Bar) + 1;
        blocks <= (bars + 1).saturating_mul(of_bar)
    }

    /// Whether the device is large enough for a reserve, so that the store is never full in a beat.
    /// The options must be valid.
    #[must_use]
    pub fn has_reserve(&self) -> bool {
        let blocks = self.get(Field::Blocks);
        2 * self.needed(1) <= blocks && self.needed(2) <= blocks
    }

    /// The blocks that a store with a table in each of the first `filled` levels needs to accept
    /// puts: those of its tables after the next bar, and as many for removals and for a bar.
    fn needed(&self, filled: u64) -> u64 {
        use Field::*;
        let [block, blocks, growth, levels] =
            [BlockSize, Blocks, Growth, Levels].map(|field| self.get(field));
        let of_block = (block - 64) / self.record;
        let table = 1 + (self.get(Batch) * self.get(Bar)).div_ceil(of_block);
        let count = |level| u64::from(level < filled);
        // The flush of a memtable, while another waits.
        let (mut merges, mut written, mut tables) = (1, 2 * table, 3);
        for level in 1..levels {
            let most = growth.pow(level as u32);
            if count(level - 1) + 2 >= most {
                let is_full = count(level) + 1 >= most.saturating_mul(growth);
                let average = growth.min((count(level) + most) / most);
                let read = 1 + if is_full { growth } else { average };
                (merges, written, tables) = (merges + 1, written + read * table, tables + read);
            }
        }
        if filled > 1 {
            // Merges that make room, in a bar without a flush.
            (written, tables) = (written.max((1 + growth) * table), tables.max(1 + growth));
        }
        let log = self.log();
        let filled_by_log = log.filled_in_bar(3 * tables);
        let set = (8 * (blocks.div_ceil(64) + 1)).div_ceil((block - 64) / 8 * 8);
        let grown = table + 2 * filled_by_log;
        let bar = written + log.written_when_new(filled_by_log) + 2 * merges + 2;
        grown + grown / (growth - 1) + bar + 4 * set
    }

    /// The bytes of memory that the options add up to, according to the documentation of the core.
    /// The options must be valid.
    #[must_use]
    pub fn memory_size(&self) -> u64 {
        use Field::*;
        let wide = |field| u128::from(self.get(field));
        let [block, blocks, levels, values, scans] =
            [wide(BlockSize), wide(Blocks), wide(Levels), wide(Batch) * wide(Bar), wide(Scans) + 1];
        let log = self.log();
        let buffer = |size: u128| {
            let unit = if size < 4096 { 512 } else { 4096 };
            size.next_multiple_of(unit) + 128
        };
        // The encoded set has a word for each 64 blocks, and one more.
        let set = (8 * (blocks.div_ceil(64) + 1)).div_ceil((block - 64) / 8 * 8);
        let compaction = 2 * (2 + wide(Ahead)) + 2;
        let private = compaction
            + 2 * levels * scans
            + wide(Lookups)
            + u128::from(log.buffers()).min(blocks)
            + 1;
        let buffers = wide(Ways) * wide(Sets) + wide(Reads) + private + 2 * set;
        let of_node = |size: u64| (self.get(NodeSize) / size / 2).max(1);
        let nodes = self.tables().div_ceil(of_node(2 * self.key + 44))
            + self.tables().div_ceil(of_node(self.key))
            + 4 * self.get(Levels);
        let nodes = u128::from(nodes);
        let slices = wide(Bar) + 2 * (u128::from(values.ilog2()) + 2);
        let sum = 65_536
            + buffers * (buffer(block) + 640)
            + wide(Reads) * 256
            + wide(Copies) * (buffer(512_u128.next_multiple_of(wide(SectorSize))) + 512)
            + blocks
            + u128::from(self.tables()).min(blocks) * 96
            + u128::from(log.blocks(self.get(Blocks))) * 32
            + nodes * (wide(NodeSize) + 64)
            + wide(Lookups) * 1024
            + buffer(block)
            + 4096
            + values * (2 * u128::from(self.record) + 32)
            + levels * (256 * (wide(Growth) + 2) + 32 * nodes)
            + wide(Ahead) * 256
            + scans * 512 * (levels + slices);
        u64::try_from(sum).unwrap_or(u64::MAX)
    }
}
