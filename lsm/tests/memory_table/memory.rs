//! Tests of the memtables: puts, beats, scopes, bars, and reads.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::merge::MergeCounts;
use downbeat_lsm::record::Record;
use downbeat_lsm::table::memory::{
    ImmutableStatistics, MemoryCursor, MemoryScan, MutableTable, Run, RunOrigin,
};

use crate::records::{Entry, Numbered, Object, tombstone};
use crate::tables::{OPTIONS, compacted, everything, immutable, mutable, scanned};

fn put_all<R: Numbered>(table: &mut MutableTable<R>, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        table.put(&R::put(number, u64::from(table.len())));
    }
}

fn runs_of(table: &MutableTable<Object>) -> Vec<(u32, u32)> {
    table.view().runs().iter().map(|run| (run.start, run.end)).collect()
}

/// The numbers below `count`, each once, out of order.
fn shuffled(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(move |number| number * 7 % count)
}

#[test]
fn the_newest_version_is_found_wherever_older_ones_are() {
    let mut table = mutable();
    for stamp in 0..3 {
        put_all(&mut table, shuffled(20));
        table.put(&Object::put(5, 1000 + stamp));
        assert_eq!(table.get(5), Some(&Object::put(5, 1000 + stamp)));
        table.end_beat();
        assert_eq!(table.get(5), Some(&Object::put(5, 1000 + stamp)));
    }
    table.put(&tombstone(5));
    assert_eq!(table.get(5), Some(&tombstone(5)));
    assert_eq!(table.get(20), None);
}

#[test]
fn a_key_is_found_in_each_run_and_behind_the_last_beat() {
    let mut table = mutable();
    for (beat, keys) in [[8, 1, 5], [9, 1, 6], [7, 5, 2]].into_iter().enumerate() {
        for key in keys {
            table.put(&Object::put(key, beat as u64));
        }
        table.end_beat();
    }
    // These extend the last run. A discarded scope leaves the version that was found before.
    table.put(&Object::put(8, 10));
    assert_eq!(table.view().tail_len(), 0);
    table.scope_open();
    table.put(&Object::put(9, 11));
    assert_eq!(table.get(9), Some(&Object::put(9, 11)));
    table.scope_close(ScopeOutcome::Discard);
    table.end_beat();
    let newest = [(1, 1), (2, 2), (5, 2), (6, 1), (7, 2), (8, 10), (9, 1)];
    let check = |get: &dyn Fn(u64) -> Option<Object>| {
        for (key, stamp) in newest {
            assert_eq!(get(key), Some(Object::put(key, stamp)));
        }
        assert!([0, 3, 4, 10].into_iter().all(|key| get(key).is_none()));
    };
    check(&|key| table.get(key).copied());
    let mut immutable = immutable();
    immutable.swap(&mut table, 1);
    check(&|key| immutable.get(key).copied());
    assert!(newest.iter().all(|(key, _)| table.get(*key).is_none()));
}

#[test]
fn every_key_is_legal() {
    let mut table = mutable();
    for number in [u64::MAX, 0, u64::MAX] {
        table.put(&Object::put(number, u64::from(table.len())));
    }
    assert_eq!(table.get(u64::MAX), Some(&Object::put(u64::MAX, 2)));
    assert_eq!(table.get(0), Some(&Object::put(0, 1)));
    let all = [Object::put(0, 1), Object::put(u64::MAX, 2)];
    assert_eq!(scanned(&table.view(), &everything(), Direction::Ascending), all);
    table.end_beat();
    assert_eq!(table.view().values(), all);
    assert_eq!(table.key_range(), Some(everything()));
}

#[test]
fn ascending_puts_extend_the_last_run_and_need_no_tail() {
    let mut table = mutable();
    put_all(&mut table, 0..3);
    assert_eq!(table.view().tail_len(), 3);
    table.end_beat();
    put_all(&mut table, 3..6);
    assert_eq!((runs_of(&table), table.view().tail_len()), (vec![(0, 6)], 0));
    table.end_beat();
    assert_eq!(runs_of(&table), [(0, 6)]);
    // An equal key is not above the last one.
    put_all(&mut table, [5, 6]);
    assert_eq!(table.view().tail_len(), 2);
    table.end_beat();
    assert_eq!(runs_of(&table), [(0, 6), (6, 8)]);
    let counted = table.statistics();
    assert_eq!((counted.runs_extended, counted.tail_puts, counted.runs_added), (3, 5, 2));
}

#[test]
fn after_a_tail_no_run_is_extended_until_the_beat_ends() {
    let mut table = mutable();
    put_all(&mut table, [1]);
    table.end_beat();
    put_all(&mut table, [0, 7, 8]);
    assert_eq!((runs_of(&table), table.view().tail_len()), (vec![(0, 1)], 3));
}

#[test]
fn the_end_of_a_beat_sorts_the_tail_and_keeps_the_newest_of_each_key() {
    let mut table = mutable();
    put_all(&mut table, [9, 2]);
    table.end_beat();
    // Older runs do not change.
    for (number, stamp) in [(5, 1), (9, 2), (5, 3), (1, 4), (5, 5)] {
        table.put(&Object::put(number, stamp));
    }
    table.end_beat();
    let expected =
        [(2, 1), (9, 0), (1, 4), (5, 5), (9, 2)].map(|(number, stamp)| Object::put(number, stamp));
    assert_eq!(table.view().values(), expected);
    assert_eq!(runs_of(&table), [(0, 2), (2, 5)]);
    assert_eq!(table.statistics().duplicates_dropped, 2);
}

#[test]
fn in_a_secondary_index_the_end_of_a_beat_cancels_a_put_and_its_tombstone() {
    let mut table = mutable();
    let put = |number| Entry::put(number, 0);
    for record in [put(3), put(1), tombstone(3), tombstone(2), put(2), put(3)] {
        table.put(&record);
    }
    assert_eq!(table.get(Entry::key_of(2)), Some(&put(2)));
    table.end_beat();
    assert_eq!(table.view().values(), [put(1), put(3)]);
    for record in [tombstone(1), put(1)] {
        table.put(&record);
    }
    table.end_beat();
    assert_eq!((table.len(), table.view().runs().len()), (2, 1));
    let counted = table.statistics();
    assert_eq!((counted.pairs_annihilated, counted.tails_annihilated), (3, 1));
}

#[test]
fn the_end_of_a_beat_without_a_tail_does_nothing() {
    let mut table = mutable::<Object>();
    table.end_beat();
    assert!(table.is_empty() && table.is_in_runs());
    put_all(&mut table, [4]);
    table.end_beat();
    table.end_beat();
    assert_eq!(runs_of(&table), [(0, 1)]);
}

#[test]
fn the_tail_has_few_pieces_however_it_is_filled() {
    let mut table = mutable::<Object>();
    let mut piece_count_max = 0;
    for number in shuffled(199) {
        table.put(&Object::put(number, 0));
        table.verify();
        piece_count_max = table.view().piece_count().max(piece_count_max);
    }
    assert!((2..8).contains(&piece_count_max), "{piece_count_max} pieces");
    assert!(table.statistics().pieces_merged > 0);
    let mut descending = mutable::<Object>();
    put_all(&mut descending, (0..200).rev());
    assert!(descending.view().piece_count() < 8);
    let mut ascending = mutable::<Object>();
    put_all(&mut ascending, 0..200);
    assert_eq!(ascending.view().piece_count(), 1);
}

#[test]
fn a_discarded_scope_leaves_the_table_as_it_was() {
    for (before, tail) in [(0, 0), (0, 7), (9, 0), (9, 33), (30, 90)] {
        let mut table = mutable();
        put_all(&mut table, shuffled(before));
        table.end_beat();
        put_all(&mut table, shuffled(tail));
        let state = |table: &MutableTable<Object>| {
            let view = table.view();
            let scan = scanned(&view, &everything(), Direction::Ascending);
            (view.values().to_vec(), view.runs().to_vec(), view.piece_count(), scan)
        };
        let saved = state(&table);
        for count in [0, 1, 5, 35] {
            table.scope_open();
            // First above all keys, then anywhere.
            put_all(&mut table, 100..100 + count);
            put_all(&mut table, shuffled(count));
            table.scope_close(ScopeOutcome::Discard);
            assert_eq!(state(&table), saved);
        }
        assert_eq!(table.statistics().puts_discarded, 2 * 41);
    }
}

#[test]
fn puts_of_a_persisted_scope_are_newer_than_those_before_it() {
    let mut table = mutable();
    put_all(&mut table, [3, 1]);
    table.scope_open();
    put_all(&mut table, [3, 2, 3]);
    assert_eq!(table.get(3), Some(&Object::put(3, 4)));
    table.scope_close(ScopeOutcome::Persist);
    assert_eq!(table.get(3), Some(&Object::put(3, 4)));
    table.end_beat();
    assert_eq!(table.get(3), Some(&Object::put(3, 4)));
    assert_eq!(table.len(), 3);
}

#[test]
fn many_small_scopes_leave_few_pieces() {
    let mut table = mutable::<Object>();
    for round in 0..40 {
        table.scope_open();
        put_all(&mut table, [97 * round % 101, 89 * round % 103, 83 * round % 107]);
        table.scope_close(ScopeOutcome::Persist);
        table.verify();
        assert!(table.view().piece_count() < 8);
    }
}

#[test]
fn a_swap_empties_the_mutable_table() {
    let (mut mutable, mut immutable) = (mutable(), immutable());
    assert!(immutable.is_flushed() && immutable.is_empty());
    put_all(&mut mutable, [2, 1]);
    mutable.end_beat();
    immutable.swap(&mut mutable, 17);
    assert!(mutable.is_empty() && mutable.view().runs().is_empty());
    assert!(!immutable.is_flushed() && !immutable.is_absorbed());
    assert_eq!((immutable.len(), immutable.snapshot_min()), (2, 17));
    assert_eq!(immutable.get(2), Some(&Object::put(2, 0)));
    immutable.mark_flushed();
    // The flushed table can still be read.
    assert_eq!(immutable.get(2), Some(&Object::put(2, 0)));
    immutable.swap(&mut mutable, 21);
    assert!(immutable.is_flushed() && immutable.is_empty());
    assert_eq!(immutable.snapshot_min(), 21);
}

#[test]
fn absorbed_values_are_newer_and_follow_one_run() {
    let (mut mutable, mut immutable) = (mutable(), immutable());
    for numbers in [[4, 2], [3, 2]] {
        put_all(&mut mutable, numbers);
        mutable.end_beat();
    }
    immutable.swap(&mut mutable, 5);
    mutable.put(&Object::put(3, 100));
    mutable.put(&Object::put(1, 101));
    mutable.end_beat();
    immutable.absorb(&mut mutable, 9);
    assert!(mutable.is_empty());
    assert!(immutable.is_absorbed() && !immutable.is_flushed());
    assert_eq!(immutable.snapshot_min(), 9);
    let run = |start, end, origin| Run { start, end, origin };
    let expected = [run(0, 3, RunOrigin::Immutable), run(3, 5, RunOrigin::Mutable)];
    assert_eq!(immutable.view().runs(), expected);
    assert_eq!(immutable.get(3), Some(&Object::put(3, 100)));
    assert_eq!(immutable.get(2), Some(&Object::put(2, 3)));
    immutable.mark_flushed();
    assert!(!immutable.is_absorbed());
}

#[test]
fn a_table_that_absorbs_nothing_stays_as_it_is() {
    let (mut mutable, mut immutable) = (mutable::<Object>(), immutable());
    put_all(&mut mutable, [4]);
    mutable.end_beat();
    immutable.swap(&mut mutable, 5);
    immutable.absorb(&mut mutable, 9);
    assert_eq!((immutable.snapshot_min(), immutable.is_absorbed()), (5, false));
    let expected =
        ImmutableStatistics { swaps: 1, absorbs: 1, absorbs_empty: 1, ..Default::default() };
    assert_eq!(*immutable.statistics(), expected);
}

#[test]
fn a_table_may_become_empty_when_it_absorbs() {
    let (mut mutable, mut immutable) = (mutable(), immutable());
    for record in [Entry::put(1, 0), tombstone(1)] {
        mutable.put(&record);
        mutable.end_beat();
    }
    immutable.swap(&mut mutable, 5);
    mutable.put(&Entry::put(1, 0));
    mutable.end_beat();
    immutable.absorb(&mut mutable, 9);
    assert_eq!(immutable.view().values(), [Entry::put(1, 0)]);
    assert_eq!(immutable.statistics().collapses_annihilated, 1);
    assert_eq!(immutable.view().runs()[0].origin, RunOrigin::Mutable);
}

#[test]
fn runs_fit_however_often_a_table_absorbs() {
    let (mut mutable, mut immutable) = (mutable::<Object>(), immutable());
    for bar in 0..6 {
        for beat in 0..OPTIONS.beats_per_bar {
            put_all(&mut mutable, [9, 5 + u64::from(beat), bar]);
            mutable.end_beat();
        }
        if bar == 0 {
            immutable.swap(&mut mutable, 1);
        } else {
            immutable.absorb(&mut mutable, 1);
        }
        assert!(immutable.view().runs().len() as u32 <= OPTIONS.run_count_max());
    }
    assert_eq!(compacted(&immutable).len(), 10);
}

#[test]
fn compaction_gets_each_key_once_and_counts_every_value() {
    let (mut mutable, mut immutable) = (mutable(), immutable());
    for numbers in [[4, 2], [3, 2], [4, 9]] {
        put_all(&mut mutable, numbers);
        mutable.end_beat();
    }
    immutable.swap(&mut mutable, 1);
    let mut cursor = MemoryCursor::new(&OPTIONS).expect("the options are valid");
    cursor.start(&immutable);
    assert_eq!(cursor.peek(&immutable), Some(2));
    // 4 and 9 of the third beat extend the run of the second beat.
    let expected =
        [(2, 3), (3, 2), (4, 4), (9, 5)].map(|(number, stamp)| Object::put(number, stamp));
    let records: Vec<Object> = std::iter::from_fn(|| cursor.pop(&immutable)).collect();
    assert_eq!(records, expected);
    assert_eq!(*cursor.counts(), MergeCounts { input: 6, dropped: 2, out: 4 });
    assert_eq!(cursor.peek(&immutable), None);
}

#[test]
fn a_compaction_may_get_nothing() {
    let (mut mutable, mut immutable) = (mutable(), immutable());
    for record in [Entry::put(1, 0), tombstone(1)] {
        mutable.put(&record);
        mutable.end_beat();
    }
    immutable.swap(&mut mutable, 1);
    let mut cursor = MemoryCursor::new(&OPTIONS).expect("the options are valid");
    cursor.start(&immutable);
    assert_eq!(cursor.counts().remaining(), 2);
    assert_eq!(cursor.pop(&immutable), None);
    assert_eq!(*cursor.counts(), MergeCounts { input: 2, dropped: 2, out: 0 });
}

#[test]
fn a_scan_gives_the_newest_versions_of_its_range_both_ends_included() {
    let mut table = mutable();
    for number in [30, 10, 20] {
        table.put(&Object::put(number, 0));
    }
    table.end_beat();
    for stamp in 1..4 {
        table.put(&Object::put(20, stamp));
        table.put(&Object::put(10, stamp));
    }
    let view = table.view();
    let (lower, upper) = (Object::put(10, 3), Object::put(20, 3));
    let range = KeyRange::new(10, 20);
    assert_eq!(scanned(&view, &range, Direction::Ascending), [lower, upper]);
    assert_eq!(scanned(&view, &range, Direction::Descending), [upper, lower]);
    assert_eq!(scanned(&view, &KeyRange::new(11, 19), Direction::Ascending), []);
    assert_eq!(scanned(&view, &KeyRange::new(31, u64::MAX), Direction::Descending), []);
}

#[test]
fn a_seek_skips_keys_and_never_moves_back() {
    let mut table = mutable::<Object>();
    put_all(&mut table, (0..10).rev());
    put_all(&mut table, (0..10).rev());
    let view = table.view();
    let mut scan = MemoryScan::new(&OPTIONS).expect("the options are valid");
    scan.start(&view, &KeyRange::new(0, 8), Direction::Ascending);
    assert_eq!(scan.peek(&view), Some(0));
    scan.seek(&view, 3);
    assert_eq!(scan.pop(&view).map(|record| record.key()), Some(3));
    for key in [0, 2, 3] {
        scan.seek(&view, key);
        assert_eq!(scan.peek(&view), Some(4));
    }
    scan.seek(&view, 8);
    assert_eq!(scan.peek(&view), Some(8));
    scan.seek(&view, 9);
    assert_eq!(scan.pop(&view), None);

    scan.start(&view, &KeyRange::new(1, 9), Direction::Descending);
    scan.seek(&view, 7);
    assert_eq!(scan.pop(&view).map(|record| record.key()), Some(7));
    scan.seek(&view, 9);
    assert_eq!(scan.peek(&view), Some(6));
    scan.seek(&view, 0);
    assert_eq!(scan.peek(&view), None);
}

#[test]
fn tables_are_empty_after_a_reset() {
    let (mut mutable, mut immutable) = (mutable(), immutable());
    put_all(&mut mutable, [3, 2]);
    mutable.end_beat();
    immutable.swap(&mut mutable, 7);
    put_all(&mut mutable, [3, 2]);
    mutable.scope_open();
    put_all(&mut mutable, [1]);
    mutable.reset();
    immutable.reset();
    mutable.verify();
    immutable.verify();
    assert!(mutable.is_empty() && !mutable.scope_is_open() && mutable.view().piece_count() == 0);
    assert!(immutable.is_empty() && immutable.is_flushed() && immutable.snapshot_min() == 0);
    assert_eq!(mutable.statistics(), Default::default());
    assert_eq!(*immutable.statistics(), Default::default());
    put_all(&mut mutable, [5, 4]);
    mutable.end_beat();
    assert_eq!(runs_of(&mutable), [(0, 2)]);
}
