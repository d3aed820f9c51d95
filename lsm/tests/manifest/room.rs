//! Tests of the tables that a merge reads to make room.

use downbeat_lsm::collections::{NodePool, NodePoolOptions};
use downbeat_lsm::manifest::{CompactionInputs, Journal, KeyRange, Manifest, TableInfo};

use crate::table::{Table, range, table};

/// The maximum number of values of a table.
const VALUES_MAX: u32 = 12;

/// Ignores the changes of a manifest.
struct Nowhere;

impl Journal<u64> for Nowhere {
    fn inserted(&mut self, _: u32, _: &TableInfo<u64>) {}
    fn updated(&mut self, _: u32, _: &TableInfo<u64>) {}
    fn removed(&mut self, _: u32, _: &TableInfo<u64>) {}
}

/// A manifest with growth factor 2 and tables of these ranges and numbers of values in levels 0 and
/// 1.
fn filled(levels: [&[(u64, u64, u32)]; 2]) -> Manifest<u64> {
    let options = NodePoolOptions { node_size: 128, node_count: 64 };
    let mut pool = NodePool::new(options).expect("the options are valid");
    let mut manifest = Manifest::new(2, 3, 128, 14).expect("the options are valid");
    for (level, tables) in (0..).zip(levels) {
        for (min, max, value_count) in tables {
            let table = Table { value_count: *value_count, ..table(*min, *max) };
            manifest.insert(&mut pool, &mut Nowhere, level, &table);
        }
    }
    manifest
}

/// The smallest key of the first table, the range, and the number of the other tables.
fn said(
    manifest: &Manifest<u64>,
    level: usize,
    inputs: &CompactionInputs<u64>,
) -> (u64, KeyRange<u64>, usize) {
    let table = manifest.levels()[level].table(inputs.table);
    (table.key_min, inputs.overlap.range, inputs.overlap.tables.len())
}

#[test]
fn a_merge_without_growth_reads_a_neighbour_that_has_room() {
    let level_1 = [(0, 9, 12), (20, 29, 11), (40, 49, 5), (60, 69, 12)];
    let manifest = filled([&[(22, 25, 4)], &level_1]);
    let inputs = manifest.inputs_without_growth(0, VALUES_MAX).expect("a merge without growth");
    assert_eq!(said(&manifest, 0, &inputs), (22, range(20, 49), 2));
}

#[test]
fn a_merge_without_growth_takes_the_first_table_whose_records_fit() {
    let level_1 = [(0, 9, 12), (20, 29, 12), (40, 49, 5), (60, 69, 12)];
    let manifest = filled([&[(1, 5, 4), (41, 42, 7)], &level_1]);
    let inputs = manifest.inputs_without_growth(0, VALUES_MAX).expect("a merge without growth");
    assert_eq!(said(&manifest, 0, &inputs), (41, range(40, 49), 1));
}

#[test]
fn no_merge_without_growth_reads_more_tables_than_the_growth_factor() {
    let full = [(0, 9, 12), (20, 29, 12), (40, 49, 12), (60, 69, 1)];
    let manifest = filled([&[(22, 25, 4)], &full]);
    assert_eq!(manifest.inputs_without_growth(0, VALUES_MAX), None);
}

#[test]
fn neighbours_of_a_level_are_merged_into_fewer_tables() {
    let manifest = filled([&[], &[(0, 9, 12), (20, 29, 8), (40, 49, 6), (60, 69, 9), (80, 89, 1)]]);
    // Two tables do not fit in one: 8 and 6. Three fit in two: 8, 6 and 9.
    let inputs = manifest.coalescing_inputs(1, VALUES_MAX).expect("small tables");
    assert_eq!(said(&manifest, 1, &inputs), (20, range(20, 69), 2));
}

#[test]
fn neighbours_that_need_as_many_tables_are_not_merged() {
    let manifest = filled([&[], &[(0, 9, 12), (20, 29, 7), (40, 49, 6), (60, 69, 12)]]);
    assert_eq!(manifest.coalescing_inputs(1, VALUES_MAX), None);
    assert_eq!(manifest.coalescing_inputs(0, VALUES_MAX), None);
}
