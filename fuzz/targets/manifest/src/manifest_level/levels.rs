//! Two levels, the pool from which both take their nodes, and their models.

use downbeat_lsm::collections::{Direction, NodePool, NodePoolOptions};
use downbeat_lsm::manifest::{KeyRange, ManifestLevel, ManifestLevelOptions, TableInfo};

use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::manifest_level::{
    LARGE, Level, NODE, Operation, POOL, SIZE, SNAPSHOT_LATEST, SNAPSHOT_OPEN, Seen, Side, TABLES,
    TABLES_LARGE, Table,
};

/// A level and its model.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) level: ManifestLevel<u64>,
    pub(super) model: Level,
}

/// Both levels, with the same geometry, and the current snapshot.
#[derive(Debug)]
pub(super) struct Levels {
    /// Whether the levels have room for [`TABLES_LARGE`] tables.
    is_large: bool,
    pub(super) pool: NodePool,
    /// Whether the pool has as many nodes as both levels together can use, so that it never runs
    /// out.
    pub(super) pool_is_exact: bool,
    pub(super) pairs: [Pair; 2],
    /// The snapshot at which tables are created and closed.
    pub(super) current: u64,
    /// The number of tables created so far. It is the address of the newest table.
    pub(super) tables: u64,
    /// The key ranges of the tables that are being inserted.
    pub(super) ranges: Vec<(u64, u64)>,
}

impl Levels {
    /// Makes the levels of a geometry. [`Levels::open_run`] makes them large for the runs that ask
    /// for it, so that the other choices of [`SIZE`] share a world.
    pub(super) fn new(geometry: &Header) -> Self {
        let number = |setting| geometry.number(Operation::SETTINGS, setting);
        let node_size = number(NODE) as usize;
        let table_count_max =
            if geometry.index(SIZE) == LARGE { TABLES_LARGE } else { number(TABLES) };
        let options = ManifestLevelOptions { table_count_max };
        let valid = "the settings describe only valid geometries";
        let level = || ManifestLevel::new(options, node_size).expect(valid);
        let pairs = [(); 2].map(|()| Pair { level: level(), model: Level::new() });
        let most = |pair: &Pair| {
            pair.level.keys().node_count_max() + pair.level.table_array().node_count_max()
        };
        let exact: u32 = pairs.iter().map(most).sum();
        // Each level needs at least one node for its keys and one for its tables.
        let node_count = (exact * number(POOL)).div_ceil(100).max(4);
        let pool_is_exact = node_count >= exact;
        let pool = NodePool::new(NodePoolOptions { node_size, node_count }).expect(valid);
        let is_large = geometry.index(SIZE) == LARGE;
        Levels { is_large, pool, pool_is_exact, pairs, current: 1, tables: 0, ranges: Vec::new() }
    }

    /// Empties both levels and their models, and makes `current` the current snapshot.
    pub(super) fn open_run(&mut self, header: &Header, current: u64) {
        if self.is_large != (header.index(SIZE) == LARGE) {
            *self = Self::new(header);
        }
        for Pair { level, model } in &mut self.pairs {
            // The reset has changed the level's generation. The model continues from there.
            level.reset(&mut self.pool);
            model.clear();
            model.start_generation(level.generation());
        }
        self.current = current;
        self.tables = 0;
    }

    #[inline]
    pub(super) fn pair(&self, side: Side) -> &Pair {
        &self.pairs[side.get() as usize]
    }

    /// The number of tables that still fit into a level, or fewer if the pool may run out.
    /// Inserting a table acquires at most two nodes.
    pub(super) fn room(&self, side: Side) -> u32 {
        let pair = self.pair(side);
        let room = pair.level.table_count_max() - pair.model.tables().len() as u32;
        if self.pool_is_exact { room } else { room.min(self.pool.free_count() / 2) }
    }

    /// Converts `seen` to a snapshot: 0 means [`SNAPSHOT_LATEST`], 1 the current snapshot, 2 the
    /// snapshot before the current one, and so on.
    pub(super) fn snapshot(&self, seen: Seen) -> u64 {
        match seen.get() {
            0 => SNAPSHOT_LATEST,
            ago => self.current.saturating_sub(ago - 1),
        }
    }

    /// Creates a table with the next number.
    pub(super) fn made(&mut self, (key_min, key_max): (u64, u64)) -> Table {
        self.tables += 1;
        let number = self.tables;
        Table {
            key_min,
            key_max,
            checksum: u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
            address: number,
            snapshot_min: self.current,
            snapshot_max: SNAPSHOT_OPEN,
            // Spread over 32 bits, so that the sum over a few tables exceeds 32 bits.
            value_count: (number as u32).wrapping_mul(0x9e37_79b1) | 1,
        }
    }
}

/// Every key.
pub(super) const ALL: KeyRange<u64> = KeyRange { min: 0, max: u64::MAX };

/// The key of a table that an iteration in this direction reaches first: the smallest or the
/// largest.
pub(super) fn near_end(table: &Table, direction: Direction) -> u64 {
    match direction {
        Direction::Ascending => table.key_min,
        Direction::Descending => table.key_max,
    }
}

/// The next item of an iterator in a direction.
pub(super) fn next_in<T>(
    mut iterator: impl DoubleEndedIterator<Item = T>,
    direction: Direction,
) -> Option<T> {
    match direction {
        Direction::Ascending => iterator.next(),
        Direction::Descending => iterator.next_back(),
    }
}

/// The keys of a table.
pub(super) fn range_of(table: &Table) -> KeyRange<u64> {
    KeyRange { min: table.key_min, max: table.key_max }
}

/// Converts a table of the model to one of the core.
pub(super) fn info(table: &Table) -> TableInfo<u64> {
    let Table { key_min, key_max, checksum, address, snapshot_min, snapshot_max, value_count } =
        *table;
    TableInfo { key_min, key_max, checksum, address, snapshot_min, snapshot_max, value_count }
}

/// Converts a table of the core to one of the model.
pub(super) fn table(info: &TableInfo<u64>) -> Table {
    let TableInfo { key_min, key_max, checksum, address, snapshot_min, snapshot_max, value_count } =
        *info;
    Table { key_min, key_max, checksum, address, snapshot_min, snapshot_max, value_count }
}
