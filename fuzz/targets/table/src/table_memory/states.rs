//! States of the tables: how their values are spread over runs and pieces, and in which part an
//! operation finds or puts a value.

use downbeat_lsm::table::memory::MemoryView;

use downbeat::Run;
use downbeat::input::version::Usage;
use downbeat::records::Versioned;
use downbeat::states::octave;
use downbeat_model::fold::Folded;
use downbeat_model::table_memory::{Counts, Side, Table, Tables};

downbeat::states! {
    Put "a put: without runs and tail; above the end of the last run, at the end, below it; with a tail" 5,
    Found "where a key is found: the last value of the tail, an earlier one, the last run, another run, nowhere; by table" 8,
    Parts "runs and pieces that a lookup searches, by table and octave" 10,
    Tail "values of a tail at the end of its beat, by octave" 10,
    Pieces "pieces of a tail at the end of its beat" 6,
    Folded "values that the end of a beat drops from the tail, by usage and octave" 10,
    HandedOver "a swap of no runs, one run, more; an absorption of no runs, into a table of one run, of more" 6,
    RunsHandedOver "runs that the mutable table hands over" 9,
    RunsAbsorbed "runs of a mutable table that is absorbed, by octave" 3,
    ScopeClosed "puts of a closed scope (none, in the run, in the tail, in both), discarded or kept" 8,
    ScopeOver "pieces of the tail when a scope is discarded, and when one is kept" 14,
    ScanParts "runs and pieces of a scanned table, by direction and octave" 10,
    Sought "keys that a seek skips, by direction and octave" 10,
    Compacted "values that compaction drops, by octave" 8,
    AtTheEnd "values of each table at the end, by octave" 20,
}

/// Marks a put, before it happens.
pub(super) fn put(model: &Tables, key: u64, run: &mut Run) {
    let table = model.table(Side::Mutable);
    let last = table.runs().last().and_then(|run| run.versions.last());
    let bucket = match last {
        _ if !table.tail().is_empty() => 4,
        None => 0,
        Some(last) if last.key < key => 1,
        Some(last) if last.key == key => 2,
        Some(_) => 3,
    };
    run.state(Put, bucket);
}

pub(super) fn looked_up<R: Versioned>(
    view: &MemoryView<'_, R>,
    table: &Table,
    side: Side,
    key: u64,
    run: &mut Run,
) {
    let runs = table.runs();
    let in_run = runs
        .iter()
        .rev()
        .position(|run| run.versions.binary_search_by_key(&key, |version| version.key).is_ok());
    let in_tail = table.tail().iter().rev().position(|version| version.key == key);
    let place = match (in_tail, in_run) {
        (Some(0), _) => 0,
        (Some(_), _) => 1,
        (None, Some(0)) => 2,
        (None, Some(_)) => 3,
        (None, None) => 4,
    };
    // An immutable table has no tail.
    let bucket = match side {
        Side::Mutable => place,
        Side::Immutable => 3 + place,
    };
    run.state(Found, bucket);
    let parts = view.runs().len() + view.piece_count() as usize;
    run.state(Parts, 5 * side as usize + octave(parts as u64).min(4));
}

pub(super) fn folded(before: &Counts, model: &Tables, tail: usize, pieces: u32, run: &mut Run) {
    run.state(Tail, octave(tail as u64) - 1);
    run.state(Pieces, pieces as usize - 1);
    let (usage, dropped) = match model.usage() {
        Usage::General => (0, model.counts.tail_duplicates - before.tail_duplicates),
        Usage::Index => (5, model.counts.tail_pairs - before.tail_pairs),
    };
    run.state(Folded, usage + octave(dropped).min(4));
}

/// Marks a swap or an absorption, before it happens.
pub(super) fn handed_over(model: &Tables, run: &mut Run) {
    let taken = model.table(Side::Mutable).runs().len();
    run.state(RunsHandedOver, taken);
    let waiting = model.table(Side::Immutable).runs().len();
    let bucket = match (model.is_flushed, taken) {
        (true, taken) => taken.min(2),
        (false, 0) => 3,
        (false, _) => 4 + usize::from(waiting > 1),
    };
    run.state(HandedOver, bucket);
    if !model.is_flushed && taken > 0 {
        run.state(RunsAbsorbed, octave(taken as u64) - 1);
    }
}

/// Marks the end of a scope, before it happens.
pub(super) fn scope_closed(model: &Tables, keep: bool, pieces: u32, run: &mut Run) {
    let (in_tail, in_run) = model.scope_puts();
    let place = usize::from(in_run > 0) + 2 * usize::from(in_tail > 0);
    run.state(ScopeClosed, 2 * place + usize::from(keep));
    run.state(ScopeOver, 7 * usize::from(keep) + (pieces as usize).min(6));
}

pub(super) fn scan_started(parts: u32, descending: bool, run: &mut Run) {
    run.state(ScanParts, 5 * usize::from(descending) + octave(u64::from(parts)).min(4));
}

pub(super) fn sought(descending: bool, passed: usize, run: &mut Run) {
    run.state(Sought, 5 * usize::from(descending) + octave(passed as u64).min(4));
}

pub(super) fn compacted(expected: &Folded, run: &mut Run) {
    run.state(Compacted, octave(expected.dropped));
}

pub(super) fn whole(model: &Tables, run: &mut Run) {
    for side in Side::BOTH {
        let len = model.table(side).len() as u64;
        run.state(AtTheEnd, 10 * side as usize + octave(len).min(9));
    }
}
