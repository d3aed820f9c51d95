//! The tables of these tests, and levels of the shapes that the tests need.

use downbeat_lsm::collections::{Direction, NodePool, NodePoolOptions};
use downbeat_lsm::manifest::{
    KeyRange, ManifestLevel, ManifestLevelOptions, SNAPSHOT_OPEN, TableInfo, Visibility,
};

pub(crate) type Table = TableInfo<u64>;

/// A table of these keys with ten values, visible from snapshot 1 on.
pub(crate) fn table(key_min: u64, key_max: u64) -> Table {
    TableInfo {
        key_min,
        key_max,
        checksum: u128::from(key_min) << 64 | u128::from(key_max),
        address: key_min ^ key_max.rotate_left(32),
        snapshot_min: 1,
        snapshot_max: SNAPSHOT_OPEN,
        value_count: 10,
    }
}

/// A table of these keys with ten values, visible to these snapshots.
pub(crate) fn table_at(key_min: u64, key_max: u64, snapshots: (u64, u64)) -> Table {
    let (snapshot_min, snapshot_max) = snapshots;
    let address = snapshot_min << 32 | key_max;
    Table { snapshot_min, snapshot_max, address, ..table(key_min, key_max) }
}

pub(crate) fn range(min: u64, max: u64) -> KeyRange<u64> {
    KeyRange::new(min, max)
}

/// An empty level, and a pool with exactly as many nodes as the level can need.
pub(crate) fn empty(node_size: usize, table_count_max: u32) -> (ManifestLevel<u64>, NodePool) {
    let options = ManifestLevelOptions { table_count_max };
    let level = ManifestLevel::new(options, node_size).expect("the options are valid");
    let node_count = level.keys().node_count_max() + level.table_array().node_count_max();
    let pool = NodePool::new(NodePoolOptions { node_size, node_count });
    (level, pool.expect("the options are valid"))
}

/// A level of these tables, with two tables in a node, and room for 64 tables.
pub(crate) fn filled(tables: &[Table]) -> (ManifestLevel<u64>, NodePool) {
    let (mut level, mut pool) = empty(128, 64);
    for table in tables {
        level.insert_table(&mut pool, table);
        level.verify();
    }
    (level, pool)
}

/// The tables that an iteration over a level returns.
pub(crate) fn listed(
    level: &ManifestLevel<u64>,
    visibility: Visibility<'_>,
    direction: Direction,
    range: Option<KeyRange<u64>>,
) -> Vec<Table> {
    let found: Vec<_> = level.tables(visibility, direction, range).collect();
    assert!(found.iter().all(|found| level.table(found.reference) == found.table));
    found.iter().map(|found| *found.table).collect()
}

/// All tables of a level, ascending.
pub(crate) fn all(level: &ManifestLevel<u64>) -> Vec<Table> {
    listed(level, Visibility::Any, Direction::Ascending, None)
}
