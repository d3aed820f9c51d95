//! Calls in the wrong order, or at the wrong time: each gives an answer or an error, and the store
//! stays of use.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::forest::{BeatError, BeatProgress};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::{Access, MemoryStorage};
use downbeat_lsm::store::{LookupProgress, Store, StoreError, StoreOptions};

use crate::by_hand::end_beat;
use crate::frail::{Frail, Wrong};
use crate::records::Entry;
use crate::stores::{filled, memory};

fn sound() -> Store<Entry, MemoryStorage> {
    let options = StoreOptions::tiny(512);
    filled(memory(&options), &options)
}

#[test]
fn a_step_of_no_beat_says_that_it_has_ended() {
    let mut store = sound();
    while store.by_hand().step() {}
    for _ in 0..3 {
        assert_eq!(store.by_hand().beat_step(), BeatProgress::Ended { checkpoint: None });
    }
    assert_eq!(store.failed(), None);
    assert_eq!(store.beat(), Ok(None));
}

#[test]
fn a_beat_can_be_driven_by_steps_alone() {
    let mut store = sound();
    for _ in 0..3 {
        let trigger = store.by_hand().checkpoint_want();
        let mut checkpoint = None;
        while store.beat_number() < trigger {
            store.by_hand().beat_begin().unwrap();
            checkpoint = loop {
                match store.by_hand().beat_step() {
                    BeatProgress::Waiting => {}
                    BeatProgress::Ended { checkpoint } => break checkpoint,
                    BeatProgress::Failed(error) => panic!("a sound device: {error}"),
                }
            };
        }
        assert!(checkpoint.is_some());
        store.put(&Entry { key: 3, stamp: 2 }).unwrap();
    }
}

#[test]
fn a_store_is_read_only_from_the_write_on_that_failed() {
    let options = StoreOptions::tiny(512);
    let mut store = filled(Frail::new(memory(&options)), &options);
    // A beat whose writes are still in the queue when it ends.
    let mut key = 100;
    while store.grid().pending_writes() == 0 {
        store.put(&Entry { key, stamp: 2 }).unwrap();
        key += 1;
    }
    assert_eq!(store.failed(), None);
    store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Fails(Access::Write, 0));
    while store.by_hand().step() {}
    let Some(BeatError::Grid(GridError::Failed(fault))) = store.failed() else {
        panic!("{:?}", store.failed());
    };
    assert_eq!(fault.access, Access::Write);
    let refused = StoreError::ReadOnly(store.failed().unwrap());
    assert_eq!(store.put(&Entry { key: 0, stamp: 3 }), Err(refused));
    assert_eq!(store.remove(0), Err(refused));
    assert_eq!(store.beat(), Err(refused));
    assert_eq!(store.by_hand().beat_begin(), Err(refused));
    assert_eq!(store.checkpoint(), Err(refused));
    assert_eq!(store.by_hand().beat_step(), BeatProgress::Failed(store.failed().unwrap()));
    assert_eq!(store.get(0), Ok(Some(Entry { key: 0, stamp: 1 })));
    store.open_again().unwrap();
    assert_eq!((store.failed(), store.get(0)), (None, Ok(Some(Entry { key: 0, stamp: 1 }))));
}

#[test]
fn a_scope_refuses_the_write_that_needs_a_beat_and_keeps_the_others() {
    let mut store = sound();
    store.beat().unwrap();
    store.scope_open();
    let mut written = Vec::new();
    let refused = (200..).find_map(|key| {
        let refused = store.put(&Entry { key, stamp: 2 }).err();
        written.extend(refused.is_none().then_some(key));
        refused
    });
    assert_eq!(refused, Some(StoreError::ScopeIsOpen));
    assert_eq!(written.len(), 2);
    assert_eq!(store.remove(3), Err(StoreError::ScopeIsOpen));
    assert_eq!(store.beat(), Err(StoreError::ScopeIsOpen));
    assert_eq!(store.checkpoint(), Err(StoreError::ScopeIsOpen));
    let said = StoreError::ScopeIsOpen.to_string();
    assert!(said.ends_with("close the scope first"), "{said}");
    store.scope_close(ScopeOutcome::Persist);
    store.put(&Entry { key: 202, stamp: 2 }).unwrap();
    for key in [3, 200, 201, 202] {
        assert!(store.get(key).unwrap().is_some(), "{key}");
    }
}

#[test]
fn lookups_whose_tickets_are_dropped_give_their_slots_back() {
    let mut store = sound();
    let most = store.options().lookups_max;
    for round in 0..5 {
        store.by_hand().grid_mut().drop_cache();
        let kept = store.by_hand().lookup_begin(7).unwrap();
        for key in 1..u64::from(most) {
            drop(store.by_hand().lookup_begin(key).unwrap());
        }
        // Half of the lookups have got their blocks.
        (0..round).for_each(|_| _ = store.by_hand().step());
        let tickets: Vec<_> = (1..most).map(|_| store.by_hand().lookup_begin(9)).collect();
        assert!(tickets.iter().all(Option::is_some));
        assert_eq!(store.by_hand().lookup_begin(9), None);
        let mut ticket = kept;
        let found = loop {
            match store.by_hand().lookup_take(ticket) {
                LookupProgress::Ended(found) => break found.unwrap(),
                LookupProgress::Pending(waiting) => ticket = waiting,
            }
            assert!(store.by_hand().step());
        };
        assert_eq!(found, Some(Entry { key: 7, stamp: 1 }));
        drop(tickets);
        store.by_hand().beat_begin().unwrap();
        end_beat(&mut store).unwrap();
    }
}

#[test]
fn scans_whose_tickets_are_dropped_give_their_slots_back() {
    let mut store = sound();
    let most = store.options().scans_max as usize;
    for _ in 0..3 {
        store.by_hand().grid_mut().drop_cache();
        let mut tickets = Vec::new();
        for _ in 0..most {
            let ticket = store.by_hand().scan_begin(.., Direction::Ascending).unwrap();
            assert!(store.by_hand().scan_next(&ticket).is_ok());
            tickets.push(ticket);
        }
        assert_eq!(store.by_hand().scan_begin(.., Direction::Ascending), None);
        drop(tickets.pop());
        let ticket = store.by_hand().scan_begin(.., Direction::Descending).unwrap();
        assert_eq!(store.by_hand().scan_begin(.., Direction::Ascending), None);
        drop(tickets);
        // A ticket of an earlier opening does not keep the slot of a later one.
        store.open_again().unwrap();
        for _ in 0..most {
            drop(store.by_hand().scan_begin(.., Direction::Ascending).unwrap());
        }
        assert!(store.by_hand().scan_begin(.., Direction::Ascending).is_some());
        assert_eq!(store.by_hand().scan_next(&ticket), Err(StoreError::Reopened));
    }
}
