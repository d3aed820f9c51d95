//! A log, its store and its model. They are created once for each geometry and formatted for each
//! run.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::grid::GridOptions;
use downbeat_lsm::grid::free_set::Reservation;
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::manifest_log::{
    LOG_ENTRY_SIZE, LogEntry, LogEvent, ManifestLog, ManifestLogOptions,
};
use downbeat_lsm::record::{Key, Key256};
use downbeat_lsm::storage::{Buffer, LayoutOptions};

use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{Checked, Run};
use downbeat_model::manifest_log::{
    BLOCK, CACHE_SETS, EXTRA, Entry, Event, GROWTH, IN_FLIGHT, LEVELS, Log, Number, Operation,
    Sizes, TABLES, TREES, Table, WIDTH, WIDTHS,
};
use downbeat_storage_targets::store::BlockStore;

/// The maximum number of buffers that the world holds back from the log.
pub(super) const HELD_MAX: usize = 12;

/// A log, its store and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) store: BlockStore,
    pub(super) log: ManifestLog,
    pub(super) model: Log,
    /// The index of the first tree's key width among all widths.
    width: usize,
    /// Whether a half-bar is under way.
    pub(super) is_begun: bool,
    /// Whether trees may append in the half-bar.
    pub(super) may_append: bool,
    /// The reserved blocks for new tables of this half-bar.
    pub(super) tables: Option<Reservation>,
    /// The last block that was acquired for a table in this half-bar. Before the first, the last
    /// block that the log may take in the half-bar.
    pub(super) last_table: u64,
    /// Buffers that the world holds back from the log.
    pub(super) held: Vec<Buffer>,
    pub(super) stamp: u64,
    /// The number of I/Os that had completed when the half-bar began.
    pub(super) completed_before: u64,
}

impl Tested {
    pub(super) fn new(geometry: &Header) -> Self {
        let number = |setting| geometry.number(Operation::SETTINGS, setting);
        let block_size = number(BLOCK) as usize;
        let entries_per_block = ((block_size - 64) / LOG_ENTRY_SIZE) as u64;
        let (trees, levels) = (number(TREES) as u16, number(LEVELS) as u8);
        let growth = u64::from(number(GROWTH));
        let tables = u64::from(number(TABLES));
        // Enough extra blocks that a log with one entry per block does not take seconds to reach
        // its bound.
        let entries = u64::from(trees) * u64::from(levels).div_ceil(2) * 3 * (1 + growth);
        let extra = u64::from(number(EXTRA)).max(entries.div_ceil(entries_per_block) / 8);
        let sizes = Sizes { entries_per_block, trees, levels, growth, tables, extra };
        let model = Log::new(sizes);
        let pace = model.pace();
        // Blocks for the longest log, twice the tables, the work of two half-bars, and the free
        // sets.
        let blocks = pace.limit + 2 * tables + 2 * (pace.compact + pace.append) + 12;
        let layout = LayoutOptions {
            sector_size: 128,
            block_size,
            superblock_copies: 2,
            block_count: blocks,
        };
        let memory = GridOptions {
            cache: CacheOptions { ways: Ways::Two, sets: number(CACHE_SETS) },
            private_blocks: (1 + pace.compact + pace.append) as u32,
            reads_in_flight_max: number(IN_FLIGHT),
            writes_in_flight_max: number(IN_FLIGHT),
            reservation_count_max: 2,
            discard: false,
        };
        let options = ManifestLogOptions {
            tree_count: trees,
            tree_id_max: trees,
            level_count: levels,
            growth_factor: growth as u32,
            table_count_max: tables as u32,
            compact_extra_blocks: extra as u32,
        };
        let store = BlockStore::new(layout, &memory);
        let log = ManifestLog::new(&options, &store.layout);
        Tested {
            log: log.expect("the sizes of the target's settings are valid"),
            store,
            model,
            width: geometry.index(WIDTH),
            is_begun: false,
            may_append: false,
            tables: None,
            last_table: 0,
            held: Vec::with_capacity(HELD_MAX),
            stamp: 0,
            completed_before: 0,
        }
    }

    /// The size of a key of this tree in bytes.
    pub(super) fn width(&self, tree: u16) -> u32 {
        WIDTHS[(self.width + usize::from(tree) - 1) % WIDTHS.len()]
    }

    /// Holds buffers back from the log.
    pub(super) fn hold(&mut self, count: usize, run: &mut Run) -> Checked {
        let before = self.held.len();
        while self.held.len() < (before + count).min(HELD_MAX) {
            let Some(buffer) = self.store.grid.take_buffer() else { break };
            self.held.push(buffer);
        }
        run.idle_if(self.held.len() == before);
        Ok(())
    }

    pub(super) fn give_all(&mut self) {
        while let Some(buffer) = self.held.pop() {
            self.store.grid.give_buffer(buffer);
        }
    }
}

/// Converts an entry of the model to one of the log.
pub(super) fn log_entry(entry: &Entry) -> LogEntry {
    let Entry { event, table } = entry;
    let (tree, level) = (table.tree, table.level);
    let event = match event {
        Event::Insert => LogEvent::Insert,
        Event::Update => LogEvent::Update,
        Event::Remove => LogEvent::Remove,
    };
    match table.width {
        8 => LogEntry::new::<u64>(tree, level, event, &info(table)),
        16 => LogEntry::new::<u128>(tree, level, event, &info(table)),
        _ => LogEntry::new::<Key256>(tree, level, event, &info(table)),
    }
}

/// Whether an entry of the log equals an entry of the model. Reads each field through the core's
/// getters. Comparing with an entry that the core encodes would hide a mistake of the encoding,
/// because both sides would have it.
pub(super) fn is_same(entry: &Entry, said: &LogEntry) -> bool {
    fn table<K: WideKey>(table: &Table, said: &LogEntry) -> bool {
        said.table::<K>().is_ok_and(|got| got == info(table))
    }
    let Entry { event, table: wanted } = entry;
    let table = match wanted.width {
        8 => table::<u64>(wanted, said),
        16 => table::<u128>(wanted, said),
        _ => table::<Key256>(wanted, said),
    };
    let event = matches!(
        (event, said.event()),
        (Event::Insert, LogEvent::Insert)
            | (Event::Update, LogEvent::Update)
            | (Event::Remove, LogEvent::Remove)
    );
    table && event && (said.tree(), said.level()) == (wanted.tree, wanted.level)
}

/// A type of keys that are made from numbers, without the core's encoding of keys. The numbers must
/// fit into the type.
trait WideKey: Key {
    fn of(number: Number) -> Self;
}

impl WideKey for u64 {
    fn of(number: Number) -> Self {
        number.low as u64
    }
}

impl WideKey for u128 {
    fn of(number: Number) -> Self {
        number.low
    }
}

impl WideKey for Key256 {
    fn of(Number { high, low }: Number) -> Self {
        Key256 { high, low }
    }
}

fn info<K: WideKey>(table: &Table) -> TableInfo<K> {
    let (min, max) = table.key_range();
    TableInfo {
        key_min: K::of(min),
        key_max: K::of(max),
        checksum: table.checksum(),
        address: table.address,
        snapshot_min: table.snapshot_min(),
        snapshot_max: table.snapshot_max,
        value_count: table.value_count(),
    }
}
