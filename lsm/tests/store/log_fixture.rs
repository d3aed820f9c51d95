//! A small store with a manifest log, and the tables that the log must report.

use std::collections::BTreeMap;

use downbeat_lsm::checkpoint::Checkpoint;
use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::grid::{Grid, GridError, GridOptions, Stepped};
use downbeat_lsm::manifest::{SNAPSHOT_OPEN, TableInfo};
use downbeat_lsm::manifest_log::{
    LogEntry, LogEvent, ManifestLog, ManifestLogOptions, TableExtent,
};
use downbeat_lsm::storage::{Layout, LayoutOptions, MemoryStorage};
use downbeat_lsm::superblock::{ChangingOptions, CheckpointState, ManifestReferences, Superblock};

pub(crate) type Table = TableInfo<u64>;

/// Options with which a half-bar has at most 12 entries, and the log at most 40 tables.
pub(crate) const OPTIONS: ManifestLogOptions = ManifestLogOptions {
    tree_count: 2,
    tree_id_max: 2,
    level_count: 2,
    growth_factor: 1,
    table_count_max: 40,
    compact_extra_blocks: 2,
};

/// A store with a log in blocks of four entries.
pub(crate) struct Logged {
    pub(crate) grid: Grid<MemoryStorage>,
    pub(crate) superblock: Superblock,
    pub(crate) log: ManifestLog,
    pub(crate) beat: u64,
    /// The newest entry of each live table.
    pub(crate) live: BTreeMap<u64, LogEntry>,
}

pub(crate) fn layout(block_size: usize) -> Layout {
    let options =
        LayoutOptions { sector_size: 64, block_size, superblock_copies: 2, block_count: 256 };
    Layout::new(options).expect("the store works")
}

pub(crate) fn table(address: u64) -> Table {
    TableInfo {
        key_min: address * 10,
        key_max: address * 10 + 9,
        checksum: u128::from(address) << 70 | 5,
        address,
        snapshot_min: 3,
        snapshot_max: SNAPSHOT_OPEN,
        value_count: 7,
    }
}

/// An event of the table at this address, of tree 1 at level 0.
pub(crate) fn entry(event: LogEvent, address: u64) -> LogEntry {
    LogEntry::new(1, 0, event, &table(address))
}

impl Logged {
    pub(crate) fn format() -> Self {
        Self::format_with(&OPTIONS, &layout(512))
    }

    pub(crate) fn format_with(options: &ManifestLogOptions, layout: &Layout) -> Self {
        let log = ManifestLog::new(options, layout).expect("the options are valid");
        let options = GridOptions {
            cache: CacheOptions { ways: Ways::Two, sets: 1 },
            private_blocks: log.pace().buffers() as u32,
            reads_in_flight_max: 1,
            writes_in_flight_max: 2,
            reservation_count_max: 2,
            discard: false,
        };
        let size = layout.size() as usize;
        let storage = MemoryStorage::new(size, layout.sector_size());
        let mut grid = Grid::new(storage, layout, &options).expect("the options are valid");
        let mut superblock = Superblock::new(layout);
        let state = CheckpointState::default();
        superblock.format(grid.storage_mut(), 1, &state).expect("the device works");
        grid.open(&state).expect("the device works");
        grid.mark_checkpoint_durable();
        let mut logged = Self { grid, superblock, log, beat: 0, live: BTreeMap::new() };
        logged.log.open(&mut logged.grid, &state.manifest, |_| Ok(())).expect("the log is empty");
        logged
    }

    /// An address for a table.
    pub(crate) fn acquire(&mut self) -> u64 {
        let mut reservation = self.grid.reserve(1).expect("there is a free block");
        let address = self.grid.acquire(&mut reservation).expect("the block is reserved");
        self.grid.forfeit(reservation);
        address
    }

    /// Begins a half-bar, and waits until trees may append.
    pub(crate) fn begin(&mut self) -> Result<(), GridError> {
        self.log.compact_begin(self.log.pace().entries_max(), &mut self.grid)?;
        loop {
            if let Some(ended) = self.log.advance(&mut self.grid) {
                return ended;
            }
            assert!(matches!(self.grid.step(), Stepped::Progress), "the log waits for nothing");
        }
    }

    pub(crate) fn append(&mut self, entry: LogEntry) {
        self.log.append(&mut self.grid, &entry);
        match entry.event() {
            LogEvent::Remove => self.live.remove(&entry.address()),
            LogEvent::Insert | LogEvent::Update => self.live.insert(entry.address(), entry),
        };
    }

    pub(crate) fn end(&mut self) {
        while !self.log.compact_end(&mut self.grid) {
            assert!(matches!(self.grid.step(), Stepped::Progress), "the log waits for nothing");
        }
    }

    /// Closes the open block, and waits until the queue of writes has room for it.
    pub(crate) fn close(&mut self) -> Result<(), GridError> {
        loop {
            if let Some(closed) = self.log.close(&mut self.grid) {
                return closed;
            }
            assert!(matches!(self.grid.step(), Stepped::Progress), "the log waits for nothing");
        }
    }

    /// Runs a whole half-bar with these entries.
    pub(crate) fn half_bar(&mut self, entries: impl IntoIterator<Item = LogEntry>) {
        self.begin().expect("the device works");
        for entry in entries {
            self.append(entry);
        }
        self.end();
    }

    pub(crate) fn insert(&mut self) -> u64 {
        let address = self.acquire();
        self.half_bar([entry(LogEvent::Insert, address)]);
        address
    }

    pub(crate) fn checkpoint(&mut self) {
        self.close().expect("the device works");
        let references = self.log.references();
        self.write_checkpoint(references);
    }

    /// A checkpoint with these references to the log.
    pub(crate) fn write_checkpoint(&mut self, references: ManifestReferences) {
        self.beat += 1;
        let checkpoint = Checkpoint::begin(self.beat, references, ChangingOptions::default());
        checkpoint.run(&mut self.grid, &mut self.superblock).expect("the device works");
        self.grid.mark_checkpoint_durable();
    }

    /// Opens the store like a process that starts. Returns the entries that the log reports.
    pub(crate) fn reopen(&mut self) -> Result<Vec<LogEntry>, GridError> {
        self.log.reset();
        self.grid.reset();
        self.superblock.reset();
        self.superblock.open(self.grid.storage_mut()).expect("the device works");
        let state = self.superblock.working().state();
        self.grid.open(&state).expect("the device works");
        let mut reported = Vec::new();
        self.log.open(&mut self.grid, &state.manifest, |entry| {
            reported.push(*entry);
            Ok(())
        })?;
        self.grid.mark_checkpoint_durable();
        Ok(reported)
    }

    /// Asserts that the log, when opened again, reports each live table once, in its newest
    /// version.
    pub(crate) fn assert_reopens(&mut self) {
        let before = by_table(&self.log);
        let reported = self.reopen().expect("nothing is damaged");
        let count = reported.len();
        let reported: BTreeMap<u64, LogEntry> =
            reported.into_iter().map(|entry| (entry.address(), entry)).collect();
        assert_eq!(count, reported.len(), "a table is reported once");
        assert_eq!(reported, self.live);
        assert_eq!(by_table(&self.log), before);
    }
}

/// The extents by table.
fn by_table(log: &ManifestLog) -> BTreeMap<u64, TableExtent> {
    log.extents().map(|extent| (extent.table, *extent)).collect()
}
