//! States of a level: where tables are inserted and removed, how many there are of each kind, and
//! what overlaps.

use downbeat::Run;
use downbeat::states::octave;
use downbeat_model::manifest_level::{Level, Table};

downbeat::states! {
    TablesAtSweep "tables of a level: by octave to 63, more, more than 255" 9,
    SortsAtSweep "kinds of tables in a level, as a sum: 1 open, 2 closed and visible to the current snapshot, 4 invisible" 8,
    InvisibleAtSnapshot "tables that a snapshot makes invisible, by octave" 6,
    Insertion "place of an inserted table: the first one; or below all, above all, or inside, by its neighbours without a gap" 8,
    ReachOver "whether the range of a closed table contains that of an inserted table" 2,
    BehindOpen "closed tables of a range that follow an open table above the range" 2,
    SameEnd "tables whose last key is that of an inserted table" 4,
    Closed "place of a table among the open ones when it is closed: the only one, the lowest, the highest, inside" 4,
    Removed "a removed table: invisible; or open, and the only one, the lowest, the highest, inside" 5,
    Overlapping "tables that overlap a range, above 8 by octave" 11,
    Least "least overlap" 6,
    CountedByLevel "how often each of 6 events of the level happened: never, once, more often" 18,
    CountedByKeys "how often each of 5 events of the array of keys happened: never, once, more often" 15,
    CountedByTables "how often each of 5 events of the array of tables happened: never, once, more often" 15,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Going {
    Closed,
    Removed,
}

/// The place of a table among the open ones: the only one, the lowest, the highest, or inside.
fn among_open(model: &Level, place: usize) -> usize {
    let tables = model.tables();
    let below = tables[..place].iter().any(Table::is_open);
    let above = tables[place + 1..].iter().any(Table::is_open);
    2 * usize::from(below) + usize::from(above)
}

pub(super) fn inserted(model: &Level, place: usize, run: &mut Run) {
    let tables = model.tables();
    let table = &tables[place];
    let key = |other: &Table| other.key_max;
    let same = tables[..place].iter().rev().take_while(|other| key(other) == table.key_max).count()
        + tables[place + 1..].iter().take_while(|other| key(other) == table.key_max).count();
    run.state(SameEnd, same);
    let over = |other: &&Table| {
        !other.is_open() && other.key_min <= table.key_min && table.key_max <= other.key_max
    };
    run.state(ReachOver, tables[place + 1..].iter().filter(over).count());
    let below = tables[..place].iter().rev().find(|other| other.is_open());
    let above = tables[place + 1..].iter().find(|other| other.is_open());
    let touches_below = below.is_some_and(|other| other.key_max + 1 == table.key_min);
    let touches_above = above.is_some_and(|other| table.key_max + 1 == other.key_min);
    let touched = usize::from(touches_below) + usize::from(touches_above);
    let place = match (below, above) {
        (None, None) => 0,
        (None, Some(_)) => 1,
        (Some(_), None) => 3,
        (Some(_), Some(_)) => 5,
    };
    run.state(Insertion, place + touched);
}

/// Marks an iteration over the tables from key `first` to key `last`. Tables are in the order of
/// their last keys, so a closed table of the range may follow an open table above the range.
pub(super) fn iterated(model: &Level, first: u64, last: u64, run: &mut Run) {
    let tables = model.tables();
    let above = tables.iter().position(|table| table.is_open() && table.key_min > last);
    let behind = above.map_or(0, |above| {
        tables[above..].iter().filter(|table| table.overlaps(first, last)).count()
    });
    run.state(BehindOpen, behind);
}

pub(super) fn overlapping(count: usize, run: &mut Run) {
    let bucket = if count <= 8 { count } else { 5 + octave(count as u64) };
    run.state(Overlapping, bucket);
}

pub(super) fn going(model: &Level, place: usize, going: Going, run: &mut Run) {
    let open = model.tables()[place].is_open();
    match going {
        Going::Closed => run.state(Closed, among_open(model, place)),
        Going::Removed if open => run.state(Removed, 1 + among_open(model, place)),
        Going::Removed => run.state(Removed, 0),
    }
}

/// Marks a new snapshot. Counts the tables that the snapshot before `current` was the last to see.
pub(super) fn snapshot_taken(model: &Level, current: u64, run: &mut Run) {
    let gone = model.tables().iter().filter(|table| table.snapshot_max == current - 1).count();
    run.state(InvisibleAtSnapshot, octave(gone as u64));
}

pub(super) fn whole(model: &Level, current: u64, run: &mut Run) {
    let tables = model.tables();
    let bucket = match tables.len() {
        count @ 0..64 => octave(count as u64),
        64..256 => 7,
        _ => 8,
    };
    run.state(TablesAtSweep, bucket);
    let open = tables.iter().any(Table::is_open);
    let seen = tables.iter().any(|table| !table.is_open() && table.is_visible(current));
    let invisible = tables.iter().any(|table| table.is_invisible(&[current]));
    let sorts = usize::from(open) + 2 * usize::from(seen) + 4 * usize::from(invisible);
    run.state(SortsAtSweep, sorts);
}
