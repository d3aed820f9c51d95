//! Tests of beats in single steps: a beat must end before any other call, and a failed beat leaves
//! nothing behind that breaks readers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::BeatProgress;
use downbeat_lsm::store::{Store, StoreOptions};

use crate::by_hand::{advance_or_step, end_beat};
use crate::frail::{Frail, Wrong};
use crate::records::Entry;
use crate::stores;

const ENTRY: Entry = Entry { key: 3, stamp: 1 };

fn filled() -> Store<Entry, Frail> {
    let options = StoreOptions::tiny(400);
    stores::filled(Frail::new(stores::memory(&options)), &options)
}

/// A store in the middle of a beat that takes a checkpoint, after this many steps. `None` if the
/// beat has ended before.
fn in_checkpoint(steps: u32) -> Option<Store<Entry, Frail>> {
    let mut store = filled();
    let trigger = store.by_hand().checkpoint_want();
    while store.beat_number() + 1 < trigger {
        store.beat().expect("a sound device");
    }
    store.by_hand().beat_begin().expect("a sound device");
    for _ in 0..steps {
        if advance_or_step(&mut store) != BeatProgress::Waiting {
            return None;
        }
    }
    Some(store)
}

#[test]
fn calls_in_the_middle_of_a_beat_are_refused() {
    let calls: [fn(&mut Store<Entry, Frail>); 8] = [
        |store| _ = store.get(3),
        |store| _ = store.by_hand().lookup_begin(3),
        |store| drop(store.range(0..9)),
        |store| _ = store.by_hand().scan_begin(.., Direction::Ascending),
        |store| _ = store.put(&ENTRY),
        |store| _ = store.remove(3),
        |store| _ = store.by_hand().step(),
        |store| store.scope_open(),
    ];
    for steps in [0, 1, 3, 9] {
        for call in calls {
            let mut store = in_checkpoint(steps).expect("a checkpoint takes longer");
            let refused = catch_unwind(AssertUnwindSafe(|| call(&mut store)));
            let said = refused.expect_err("the call is refused");
            let said = said.downcast_ref::<String>().expect("a message with a number");
            assert!(said.starts_with("forest: end the beat that is under way first"), "{said}");
        }
    }
}

#[test]
fn a_failed_beat_leaves_nothing_that_breaks_readers() {
    let mut failures = 0;
    for steps in 0.. {
        let Some(mut store) = in_checkpoint(steps) else { break };
        store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Gone(0));
        assert!(end_beat(&mut store).is_err());
        failures += 1;
        // The device is back, and completes the operations of the checkpoint.
        store.by_hand().grid_mut().storage_mut().wrong = None;
        store.by_hand().grid_mut().drop_cache();
        assert_eq!(store.get(3), Ok(Some(ENTRY)));
        while store.by_hand().step() {}
        store.open_again().unwrap();
        assert_eq!(store.get(3), Ok(Some(ENTRY)));
    }
    assert!(failures > 10, "{failures}");
}
