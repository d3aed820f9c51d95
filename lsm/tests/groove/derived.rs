//! Derived indexes: which entries they have after inserts, updates, removals, scopes and openings,
//! and what queries find by them.

use downbeat_lsm::block::Reason;
use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::forest::{Forest, ForestOptions, StoreError};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::groove::{Condition, Field, FieldValue, Groove, GrooveOptions, ObjectKey};
use downbeat_lsm::storage::MemoryStorage;

downbeat_lsm::object! {
    /// A task with a deadline.
    pub struct Task {
        pub timestamp: u64 => timestamp,
        pub deadline: u32,
        pub done: u32,
        pub effort: u64 => optional,
        pub text: u64,
    }

    derived {
        /// The week of the deadline of a task that is not done.
        due: u32 => Task::due_week,
        /// A value of 128 bits: the effort that is left, scaled.
        left: u128 => |task| (task.effort > u64::from(task.done))
            .then(|| u128::from(task.effort - u64::from(task.done)) << 100),
    }
}

impl Task {
    fn due_week(&self) -> Option<u32> {
        (self.done == 0).then_some(self.deadline / 7)
    }
}

type Tasks = Forest<Groove<Task>, MemoryStorage>;

fn options() -> ForestOptions {
    let mut options = ForestOptions { scans_max: 6, ..ForestOptions::tiny(4096) };
    options.layout.block_size = 512;
    options
}

/// An empty forest of tasks.
fn tasks() -> Tasks {
    let options = options();
    let size = options.device_size().expect("a valid layout") as usize;
    let device = MemoryStorage::new(size, options.layout.sector_size);
    let groove = GrooveOptions { batch_objects_max: 8, prefetch_max: 8, ..GrooveOptions::tiny(1) };
    Tasks::format(device, &options, &groove, 1).expect("a sound device")
}

/// A task that is not done.
fn task(timestamp: u64, deadline: u32) -> Task {
    Task { timestamp, deadline, done: 0, effort: 0, text: 0 }
}

fn prefetch(forest: &mut Tasks, timestamp: u64) -> &mut Groove<Task> {
    let (tasks, mut reader) = forest.read().expect("an open forest");
    tasks.prefetch(&[ObjectKey::timestamp(timestamp)], &mut reader).expect("a sound device");
    forest.write().expect("an open forest")
}

fn insert(forest: &mut Tasks, task: Task) {
    prefetch(forest, task.timestamp).insert(&task);
}

fn update(forest: &mut Tasks, task: Task) {
    prefetch(forest, task.timestamp).update(&task);
}

/// Ends the bar, so that what was written is on the device after a few calls.
fn bar(forest: &mut Tasks) {
    for _ in 0..GrooveOptions::tiny(1).beats_per_bar {
        forest.beat().expect("a sound device");
    }
}

/// The entries of the tree of a field or derived index.
fn entries<V: FieldValue>(forest: &mut Tasks, field: Field<Task, V>) -> Vec<(u128, u64)> {
    let (tasks, mut reader) = forest.read().expect("an open forest");
    let mut entries = Vec::new();
    let take = |value, timestamp| entries.push((value, timestamp));
    tasks.for_each_entry(field, Direction::Ascending, &mut reader, take).expect("a sound device");
    entries
}

fn query(
    forest: &mut Tasks,
    condition: &Condition<Task>,
    direction: Direction,
) -> Result<Vec<u64>, StoreError> {
    let (tasks, mut reader) = forest.read().expect("an open forest");
    let mut query = tasks.query(condition, direction, &mut reader).expect("few scans");
    let mut page = Vec::new();
    query.page(usize::MAX, &mut page)?;
    Ok(page.iter().map(|task| task.timestamp).collect())
}

#[test]
fn an_insert_adds_an_entry_only_for_a_value() {
    let mut forest = tasks();
    insert(&mut forest, task(1, 20));
    insert(&mut forest, Task { done: 1, ..task(2, 20) });
    // The value 0 is a value.
    insert(&mut forest, task(3, 6));
    insert(&mut forest, Task { effort: 3, done: 1, ..task(4, 20) });
    assert_eq!(entries(&mut forest, Task::due), [(0, 3), (2, 1)]);
    assert_eq!(entries(&mut forest, Task::left), [(2 << 100, 4)]);
    // The value 0 of an optional field is none.
    assert_eq!(entries(&mut forest, Task::effort), [(3, 4)]);
}

#[test]
fn an_update_changes_the_entry_as_its_value_changes() {
    let mut forest = tasks();
    let started = Task { effort: 3, ..task(1, 20) };
    type Entries<'a> = &'a [(u128, u64)];
    let steps: [(Task, Entries<'_>, Entries<'_>); 7] = [
        (started, &[(2, 1)], &[(3 << 100, 1)]),
        // The fields of the derived values change, and one of the values does not.
        (Task { deadline: 19, effort: 4, ..started }, &[(2, 1)], &[(4 << 100, 1)]),
        (Task { deadline: 21, effort: 4, ..started }, &[(3, 1)], &[(4 << 100, 1)]),
        (Task { done: 3, ..started }, &[], &[]),
        (Task { done: 4, deadline: 40, ..started }, &[], &[]),
        (Task { deadline: 2, ..started }, &[(0, 1)], &[(3 << 100, 1)]),
        (Task { effort: 0, ..started }, &[(2, 1)], &[]),
    ];
    // Each update is in a beat, in a bar or in a run of the device of its own.
    for apart in 0..3 {
        for (number, (task, due, left)) in steps.iter().enumerate() {
            match number {
                0 => insert(&mut forest, *task),
                _ => update(&mut forest, *task),
            }
            assert_eq!(entries(&mut forest, Task::due), *due, "update {number}");
            assert_eq!(entries(&mut forest, Task::left), *left, "update {number}");
            match apart {
                0 => {}
                1 => bar(&mut forest),
                _ => {
                    let _ = forest.checkpoint().expect("a sound device");
                    forest.open_again().expect("a sound device");
                }
            }
            assert_eq!(entries(&mut forest, Task::due), *due, "after update {number}");
            assert_eq!(entries(&mut forest, Task::left), *left, "after update {number}");
        }
        prefetch(&mut forest, 1).remove(1);
        assert_eq!(entries(&mut forest, Task::due), []);
        assert_eq!(entries(&mut forest, Task::left), []);
        bar(&mut forest);
    }
}

#[test]
fn a_removal_removes_the_entry_that_the_object_has() {
    let mut forest = tasks();
    for bars in 0..6 {
        insert(&mut forest, task(1, 20));
        insert(&mut forest, Task { done: 1, ..task(2, 20) });
        (0..bars).for_each(|_| bar(&mut forest));
        assert_eq!(entries(&mut forest, Task::due), [(2, 1)]);
        prefetch(&mut forest, 1).remove(1);
        prefetch(&mut forest, 2).remove(2);
        assert_eq!(entries(&mut forest, Task::due), []);
        bar(&mut forest);
        assert_eq!(entries(&mut forest, Task::due), []);
    }
}

#[test]
fn a_scope_undoes_the_entries_too() {
    let mut forest = tasks();
    insert(&mut forest, task(1, 20));
    insert(&mut forest, Task { done: 1, ..task(2, 20) });
    let _ = prefetch(&mut forest, 3);
    let tasks = forest.write().expect("an open forest");
    tasks.scope_open();
    tasks.update(&Task { done: 1, ..task(1, 20) });
    tasks.update(&task(2, 0));
    tasks.insert(&task(3, 30));
    assert_eq!(entries(&mut forest, Task::due), [(0, 2), (4, 3)]);
    forest.write().expect("an open forest").scope_close(ScopeOutcome::Discard);
    assert_eq!(entries(&mut forest, Task::due), [(2, 1)]);
    bar(&mut forest);
    assert_eq!(entries(&mut forest, Task::due), [(2, 1)]);
}

#[test]
fn queries_find_the_objects_with_a_value_or_a_value_of_a_range() {
    let mut forest = tasks();
    let of = |timestamp| {
        let (done, effort) = (u32::from(timestamp % 3 == 0), timestamp % 4);
        Task { done, effort, ..task(timestamp, timestamp as u32 % 35) }
    };
    for timestamp in 1..=60 {
        insert(&mut forest, of(timestamp));
        forest.beat().expect("a sound device");
    }
    let _ = forest.checkpoint().expect("a sound device");
    forest.open_again().expect("a sound device");
    let is_in = |timestamp, week| timestamp % 3 != 0 && timestamp % 35 / 7 == week;
    type Holds<'a> = &'a dyn Fn(u64) -> bool;
    let cases: [(Condition<Task>, Holds<'_>); 6] = [
        (Task::due.equals(0), &|it| is_in(it, 0)),
        (Task::due.equals(5), &|_| false),
        (Task::due.within(1, 3), &|it| (1..=3).any(|week| is_in(it, week))),
        (Task::due.within(3, 1), &|_| false),
        (Task::due.equals(2).and(Task::effort.equals(1)), &|it| is_in(it, 2) && it % 4 == 1),
        (Task::left.equals(3 << 100).and_not(Task::due.within(0, 2)), &|it| {
            it % 3 != 0 && it % 4 == 3 && !(0..=2).any(|week| is_in(it, week))
        }),
    ];
    for (condition, holds) in cases {
        let due: Vec<u64> = (1..=60).filter(|it| holds(*it)).collect();
        let found = query(&mut forest, &condition, Direction::Ascending);
        assert_eq!(found, Ok(due.clone()), "{condition:?}");
        let back = due.into_iter().rev().collect();
        assert_eq!(query(&mut forest, &condition, Direction::Descending), Ok(back));
    }
}

/// Declares a type of notes with this function for its derived index.
macro_rules! note {
    ($module:ident, $function:expr) => {
        mod $module {
            downbeat_lsm::object! {
                /// A note.
                pub(super) struct Note {
                    pub(super) timestamp: u64 => timestamp,
                    pub(super) text: u64,
                }

                derived {
                    part: u64 => $function,
                }
            }
        }
    };
}

note!(halves, |note| Some(note.text / 2));
note!(thirds, |note| Some(note.text / 3));

#[test]
fn a_function_that_changes_under_its_name_contradicts_the_index() {
    let mut forest = Forest::<Groove<halves::Note>, _>::format(
        MemoryStorage::new(options().device_size().expect("a valid layout") as usize, 256),
        &options(),
        &GrooveOptions::tiny(1),
        1,
    )
    .expect("a sound device");
    let (notes, mut reader) = forest.read().expect("an open forest");
    notes.prefetch(&[ObjectKey::timestamp(1)], &mut reader).expect("a sound device");
    notes.insert(&halves::Note { timestamp: 1, text: 12 });
    let _ = forest.checkpoint().expect("a sound device");

    let (device, options, groove) = (forest.into_storage(), options(), GrooveOptions::tiny(1));
    let mut forest =
        Forest::<Groove<thirds::Note>, _>::open(device, &options, &groove).expect("the same names");
    let (notes, mut reader) = forest.read().expect("an open forest");
    let condition = thirds::Note::part.equals(6);
    let mut query = notes.query(&condition, Direction::Ascending, &mut reader).expect("one scan");
    let Err(StoreError::Grid(GridError::Corruption(corruption))) = query.next() else {
        panic!("it is a corruption")
    };
    let Reason::Meaning(what) = corruption.reason else { panic!("{corruption:?}") };
    assert_eq!(what, "an index and an object have different values");
}

#[test]
#[should_panic(expected = "groove: the field must be unique (Task.due)")]
fn a_derived_index_is_no_unique_key() {
    let _ = ObjectKey::unique(Task::due, 1);
}
