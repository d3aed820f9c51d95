//! Tests of the maximum number of tables, of each level and of a whole tree.

use downbeat_lsm::manifest::{table_count_max, table_count_max_of_tree};

#[test]
fn levels_of_growth_eight_have_eight_to_two_million_tables() {
    let counts: Vec<u64> = (0..7).map(|level| table_count_max(8, level)).collect();
    assert_eq!(counts, [8, 64, 512, 4_096, 32_768, 262_144, 2_097_152]);
}

#[test]
fn a_tree_has_as_many_tables_as_its_levels_together() {
    assert_eq!(table_count_max_of_tree(8, 7), 2_396_744);
    assert_eq!(table_count_max_of_tree(8, 1), 8);
    assert_eq!(table_count_max_of_tree(2, 2), 6);
    assert_eq!(table_count_max_of_tree(16, 8), 4_581_298_448);
}

#[test]
#[should_panic(expected = "manifest: 1 is an invalid growth factor")]
fn a_growth_factor_of_one_panics() {
    let _ = table_count_max(1, 0);
}

#[test]
#[should_panic(expected = "manifest: 8 is an invalid level")]
fn a_ninth_level_panics() {
    let _ = table_count_max(2, 8);
}
