//! Tests of requested checkpoints: each is taken, at the announced beat.

use downbeat_lsm::forest::BeatProgress;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreOptions};

use crate::by_hand::{advance_or_step, end_beat};
use crate::records::Entry;
use crate::stores::memory;

/// A store with a long checkpoint interval.
fn store() -> Store<Entry, MemoryStorage> {
    let mut options = StoreOptions::tiny(512);
    options.checkpoint_interval = 100;
    Store::format(memory(&options), &options, 7).expect("a sound device")
}

/// Runs beats up to and including `last`. Returns each beat that took a checkpoint, with the last
/// beat that the checkpoint holds.
fn beats(store: &mut Store<Entry, MemoryStorage>, last: u64) -> Vec<(u64, u64)> {
    let mut taken = Vec::new();
    while store.beat_number() < last {
        let key = store.beat_number();
        store.put(&Entry { key, stamp: 1 }).expect("a sound device");
        let held = store.beat().expect("a sound device");
        taken.extend(held.map(|held| (store.beat_number(), held)));
    }
    taken
}

#[test]
fn checkpoints_requested_in_two_bars_are_both_taken() {
    let mut store = store();
    assert_eq!(beats(&mut store, 8), []);
    assert_eq!(store.by_hand().checkpoint_want(), 15);
    assert_eq!(beats(&mut store, 12), []);
    assert_eq!(store.by_hand().checkpoint_want(), 19);
    assert_eq!(beats(&mut store, 32), [(15, 11), (19, 15)]);
}

#[test]
fn checkpoints_requested_at_every_step_of_a_beat_leave_the_others_unchanged() {
    for step in 0..64 {
        let mut store = store();
        beats(&mut store, 8);
        assert_eq!(store.by_hand().checkpoint_want(), 15);
        beats(&mut store, 12);
        assert_eq!(store.by_hand().checkpoint_want(), 19);
        assert_eq!(beats(&mut store, 14), []);
        store.by_hand().beat_begin().expect("a sound device");
        let mut steps = 0;
        let ended = loop {
            if steps == step {
                assert_eq!(store.by_hand().checkpoint_want(), 23);
            }
            steps += 1;
            let progress = advance_or_step(&mut store);
            if progress != BeatProgress::Waiting {
                break progress;
            }
        };
        assert_eq!(ended, BeatProgress::Ended { checkpoint: Some(11) });
        let expected: &[(u64, u64)] =
            if step < steps { &[(19, 15), (23, 19)] } else { &[(19, 15)] };
        assert_eq!(beats(&mut store, 32), expected);
    }
}

#[test]
fn a_checkpoint_requested_while_one_is_under_way_is_taken_after_it() {
    let mut store = store();
    beats(&mut store, 8);
    assert_eq!(store.by_hand().checkpoint_want(), 15);
    beats(&mut store, 14);
    store.by_hand().beat_begin().expect("a sound device");
    loop {
        assert_eq!(store.by_hand().beat_advance(), BeatProgress::Waiting);
        if store.grid().is_flushing() {
            break;
        }
        assert_eq!(store.by_hand().beat_step(), BeatProgress::Waiting);
    }
    assert_eq!(store.by_hand().checkpoint_want(), 23);
    assert_eq!(end_beat(&mut store), Ok(Some(11)));
    assert_eq!(beats(&mut store, 32), [(23, 19)]);
}
