//! Calls on the memtables that panic.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::table::memory::{
    ImmutableTable, MemoryCursor, MemoryScan, MemoryTableOptions, MutableTable,
};

use crate::records::{Entry, Numbered, Object, tombstone};
use crate::tables::{OPTIONS, everything, immutable, mutable};

/// Runs a beat with `count` puts in descending order, so that the puts go to the tail.
fn beat(table: &mut MutableTable<Object>, count: u64) {
    for number in (0..count).rev() {
        table.put(&Object::put(number, 0));
    }
    table.end_beat();
}

/// A mutable table with the puts of a bar, and an unflushed table with those of the bar before.
fn two_bars(count: u64) -> (MutableTable<Object>, ImmutableTable<Object>) {
    let (mut mutable, mut immutable) = (mutable(), immutable());
    beat(&mut mutable, count);
    immutable.swap(&mut mutable, 1);
    beat(&mut mutable, count);
    (mutable, immutable)
}

#[test]
#[should_panic(expected = "memory_table: the table is full (value_count_max 200)")]
fn a_put_into_a_full_table_panics() {
    beat(&mut mutable(), 201);
}

#[test]
#[should_panic(expected = "memory_table: there must be at most 5 runs: swap the tables")]
fn more_runs_than_the_options_allow_panic() {
    let mut table = mutable();
    for _ in 0..6 {
        beat(&mut table, 2);
    }
}

#[test]
#[should_panic(expected = "merge: keys of an index must be put and removed in turn")]
fn a_beat_that_puts_a_key_twice_into_a_secondary_index_panics() {
    let mut table = mutable();
    table.put(&Entry::put(1, 0));
    table.put(&Entry::put(1, 0));
    table.end_beat();
}

#[test]
#[should_panic(expected = "merge: keys of an index must be put and removed in turn")]
fn an_absorption_that_meets_a_key_removed_twice_in_a_secondary_index_panics() {
    let (mut mutable, mut immutable) = (mutable::<Entry>(), immutable());
    for _ in 0..2 {
        mutable.put(&tombstone(1));
        mutable.end_beat();
    }
    immutable.swap(&mut mutable, 1);
    mutable.put(&tombstone(2));
    mutable.end_beat();
    immutable.absorb(&mut mutable, 2);
}

#[test]
#[should_panic(expected = "memory_table: a scope is open already: scopes do not nest")]
fn a_scope_in_a_scope_panics() {
    let mut table = mutable::<Object>();
    table.scope_open();
    table.scope_open();
}

#[test]
#[should_panic(expected = "memory_table: there is no open scope to close")]
fn closing_no_scope_panics() {
    mutable::<Object>().scope_close(ScopeOutcome::Persist);
}

#[test]
#[should_panic(expected = "memory_table: close the scope before the end of a beat")]
fn the_end_of_a_beat_in_a_scope_panics() {
    let mut table = mutable::<Object>();
    table.scope_open();
    table.end_beat();
}

#[test]
#[should_panic(expected = "memory_table: close the scope before the end of a bar")]
fn a_swap_in_a_scope_panics() {
    let mut table = mutable::<Object>();
    table.scope_open();
    immutable().swap(&mut table, 1);
}

#[test]
#[should_panic(expected = "memory_table: end the beat before the bar")]
fn a_swap_with_a_tail_panics() {
    let mut table = mutable();
    table.put(&Object::put(1, 0));
    immutable().swap(&mut table, 1);
}

#[test]
#[should_panic(expected = "memory_table: an unflushed table must absorb, not swap")]
fn a_swap_of_an_unflushed_table_panics() {
    let (mut mutable, mut immutable) = two_bars(3);
    immutable.swap(&mut mutable, 2);
}

#[test]
#[should_panic(expected = "memory_table: a flushed table must swap, not absorb")]
fn an_absorption_into_a_flushed_table_panics() {
    immutable::<Object>().absorb(&mut mutable(), 1);
}

#[test]
#[should_panic(expected = "memory_table: absorbed values must fit (101 and 101 of 200)")]
fn an_absorption_of_more_than_fits_panics() {
    let (mut mutable, mut immutable) = two_bars(101);
    immutable.absorb(&mut mutable, 2);
}

#[test]
#[should_panic(
    expected = "memory_table: both tables of a tree must be built from the same options"
)]
fn tables_of_other_sizes_do_not_swap() {
    let options = MemoryTableOptions { value_count_max: 201, ..OPTIONS };
    let mut mutable = MutableTable::<Object>::new(options).expect("the options are valid");
    immutable().swap(&mut mutable, 1);
}

#[test]
#[should_panic(expected = "memory_table: a flushed table must not be flushed again")]
fn a_second_flush_panics() {
    immutable::<Object>().mark_flushed();
}

#[test]
#[should_panic(expected = "memory_table: a scan ends with the next change of the table")]
fn a_scan_of_a_table_that_has_changed_panics() {
    let mut table = mutable();
    beat(&mut table, 3);
    let mut scan = MemoryScan::new(&OPTIONS).expect("the options are valid");
    scan.start(&table.view(), &everything(), Direction::Ascending);
    table.put(&Object::put(7, 0));
    scan.pop(&table.view());
}

#[test]
#[should_panic(expected = "memory_table: a cursor ends with the next change of the table")]
fn a_cursor_of_a_table_that_has_changed_panics() {
    let (mut mutable, mut immutable) = two_bars(3);
    let mut cursor = MemoryCursor::new(&OPTIONS).expect("the options are valid");
    cursor.start(&immutable);
    immutable.absorb(&mut mutable, 2);
    cursor.pop(&immutable);
}
