//! Calls on a manifest log that panic.

use downbeat_lsm::manifest_log::{LogEntry, LogEvent};

use crate::log_fixture::{Logged, Table, entry, table};

#[test]
#[should_panic(expected = "manifest_log: trees must append after blocks are compacted")]
fn an_append_between_half_bars_panics() {
    let mut store = Logged::format();
    store.append(entry(LogEvent::Insert, 1));
}

#[test]
#[should_panic(expected = "manifest_log: no more than 12 entries may be appended")]
fn too_many_entries_in_a_half_bar_panic() {
    let mut store = Logged::format();
    store.half_bar((1..=13).map(|address| entry(LogEvent::Insert, address)));
}

#[test]
#[should_panic(expected = "manifest_log: a table must be inserted once")]
fn a_second_insert_of_a_table_panics() {
    let mut store = Logged::format();
    store.half_bar([1, 1].map(|address| entry(LogEvent::Insert, address)));
}

#[test]
#[should_panic(expected = "manifest_log: a table must be inserted once, then updated")]
fn an_update_of_a_removed_table_panics() {
    let mut store = Logged::format();
    let events = [LogEvent::Insert, LogEvent::Remove, LogEvent::Update];
    store.half_bar(events.map(|event| entry(event, 1)));
}

#[test]
#[should_panic(expected = "manifest_log: an entry must be of a tree, a level and a block")]
fn an_entry_of_a_missing_tree_panics() {
    let mut store = Logged::format();
    store.half_bar([LogEntry::new(3, 0, LogEvent::Insert, &table(1))]);
}

#[test]
#[should_panic(expected = "manifest_log: there must not be more tables than 40")]
fn too_many_tables_panic() {
    let mut store = Logged::format();
    for round in 0..=4 {
        store.half_bar((1..=10).map(|number| entry(LogEvent::Insert, 100 + round * 10 + number)));
    }
}

#[test]
#[should_panic(
    expected = "manifest_log: a half-bar must begin in an open log, after the last one has ended"
)]
fn a_half_bar_in_a_half_bar_panics() {
    let mut store = Logged::format();
    store.begin().unwrap();
    let _ = store.begin();
}

#[test]
#[should_panic(expected = "manifest_log: a half-bar must have begun to continue")]
fn an_advance_without_a_half_bar_panics() {
    let mut store = Logged::format();
    let _ = store.log.advance(&mut store.grid);
}

#[test]
#[should_panic(expected = "manifest_log: a half-bar must end after its blocks are compacted")]
fn an_end_before_the_compaction_panics() {
    let mut store = Logged::format();
    store.log.compact_begin(store.log.pace().entries_max(), &mut store.grid).unwrap();
    store.end();
}

#[test]
#[should_panic(expected = "manifest_log: a checkpoint must be between half-bars")]
fn a_checkpoint_in_a_half_bar_panics() {
    let mut store = Logged::format();
    store.begin().unwrap();
    let _ = store.close();
}

#[test]
#[should_panic(expected = "manifest_log: all entries must be in closed blocks")]
fn references_with_an_open_block_panic() {
    let mut store = Logged::format();
    store.insert();
    let _ = store.log.references();
}

#[test]
#[should_panic(expected = "manifest_log: the log must be closed to be opened")]
fn opening_an_open_log_panics() {
    let mut store = Logged::format();
    let _ = store.log.open(&mut store.grid, &Default::default(), |_| Ok(()));
}

#[test]
#[should_panic(expected = "log_entry: trees must be numbered from 1")]
fn an_entry_without_tree_panics() {
    let _ = LogEntry::new(0, 0, LogEvent::Insert, &table(1));
}

#[test]
#[should_panic(expected = "log_entry: a level must have 6 bits")]
fn an_entry_with_a_level_of_seven_bits_panics() {
    let _ = LogEntry::new(1, 64, LogEvent::Insert, &table(1));
}

#[test]
#[should_panic(expected = "log_entry: a table must have an address")]
fn a_table_without_address_panics() {
    let _ = LogEntry::new(1, 0, LogEvent::Insert, &table(0));
}

#[test]
#[should_panic(expected = "table_info: a table must hold a value")]
fn an_inconsistent_table_panics() {
    let _ = LogEntry::new(1, 0, LogEvent::Insert, &Table { value_count: 0, ..table(1) });
}

#[test]
#[should_panic(expected = "log_entry: an entry must have 112 bytes (3)")]
fn an_entry_of_another_length_panics() {
    let _ = LogEntry::decode(&[1, 2, 3]);
}
