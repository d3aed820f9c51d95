//! Tests that memtables, their scans and their cursors allocate only in their constructors. This is
//! a test program of its own, because it counts the allocations of the whole process.

// The lint concerns whole crates only.
#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

use allocation_counter::measure;
use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::table::memory::{
    ImmutableTable, MemoryCursor, MemoryScan, MemoryTableOptions, MutableTable,
};
use records::{Entry, Numbered, Object, tombstone};

mod records;

const OPTIONS: MemoryTableOptions = MemoryTableOptions { value_count_max: 500, beats_per_bar: 4 };

/// Puts scattered keys, in scopes and outside of them, until the table has this many values.
fn fill<R: Numbered>(table: &mut MutableTable<R>, count: u32, is_put: bool) {
    while table.len() < count {
        let number = u64::from(table.len() * 7919 % 601);
        let record = if is_put { R::put(number, 1) } else { tombstone(number) };
        if number.is_multiple_of(5) {
            table.scope_open();
            table.put(&record);
            table.scope_close(ScopeOutcome::Discard);
            table.scope_open();
            table.put(&record);
            table.scope_close(ScopeOutcome::Persist);
        } else {
            table.put(&record);
        }
    }
}

fn allocations<R: Numbered>() -> u64 {
    let mut mutable = MutableTable::<R>::new(OPTIONS).expect("the options are valid");
    let mut immutable = ImmutableTable::new(OPTIONS).expect("the options are valid");
    let mut scan = MemoryScan::new(&OPTIONS).expect("the options are valid");
    let mut cursor = MemoryCursor::new(&OPTIONS).expect("the options are valid");
    let range = KeyRange::new(R::key_of(0), R::key_of(u64::MAX));
    let bar = |mutable: &mut MutableTable<R>, is_put: bool| {
        for beat in 1..=4 {
            fill(mutable, beat * 60, is_put);
            mutable.end_beat();
        }
    };
    measure(|| {
        bar(&mut mutable, true);
        immutable.swap(&mut mutable, 1);
        bar(&mut mutable, false);
        immutable.absorb(&mut mutable, 2);
        cursor.start(&immutable);
        while cursor.pop(&immutable).is_some() {}
        immutable.mark_flushed();
        fill(&mut mutable, 500, true);
        for direction in [Direction::Ascending, Direction::Descending] {
            for view in [mutable.view(), immutable.view()] {
                scan.start(&view, &range, direction);
                scan.seek(&view, R::key_of(300));
                while scan.pop(&view).is_some() {}
            }
        }
        mutable.reset();
        immutable.reset();
    })
    .count_total
}

#[test]
fn memtables_allocate_nothing_after_they_are_built() {
    // The checks of whole structures, which the feature adds, may allocate.
    if !cfg!(feature = "verify") {
        assert_eq!(allocations::<Object>(), 0);
        assert_eq!(allocations::<Entry>(), 0);
    }
}
