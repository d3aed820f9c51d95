//! Tests of lookups that the fuzzing suite does not cover: tickets from before an opening.

use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{LookupProgress, LookupTicket, Store, StoreError, StoreOptions};

use crate::records::Entry;
use crate::stores;

fn filled() -> Store<Entry, MemoryStorage> {
    let options = StoreOptions::tiny(512);
    stores::filled(stores::memory(&options), &options)
}

/// Asserts that the lookup finds this key, and waits for its answer.
fn assert_finds(store: &mut Store<Entry, MemoryStorage>, mut ticket: LookupTicket, key: u64) {
    loop {
        match store.by_hand().lookup_take(ticket) {
            LookupProgress::Ended(found) => {
                return assert_eq!(found, Ok(Some(Entry { key, stamp: 1 })));
            }
            LookupProgress::Pending(waiting) => ticket = waiting,
        }
        assert!(store.by_hand().step(), "key {key}");
    }
}

/// Asserts that the maximum number of lookups can be under way at once, each with its own answer.
fn assert_all_slots_are_free(store: &mut Store<Entry, MemoryStorage>) {
    let lookups_max = u64::from(store.options().lookups_max);
    let tickets: Vec<_> = (0..lookups_max)
        .map(|key| store.by_hand().lookup_begin(key).expect("a free slot"))
        .collect();
    assert_eq!(store.by_hand().lookup_begin(0), None);
    for (key, ticket) in (0..).zip(tickets) {
        assert_finds(store, ticket, key);
    }
    store.beat().expect("a sound device");
}

#[test]
fn a_ticket_from_before_an_opening_has_no_answer_and_keeps_no_slot() {
    let mut store = filled();
    let tickets = [3, 4, 5].map(|key| store.by_hand().lookup_begin(key).unwrap());
    store.open_again().unwrap();
    for ticket in tickets {
        let progress = store.by_hand().lookup_take(ticket);
        assert_eq!(progress, LookupProgress::Ended(Err(StoreError::Reopened)));
    }
    assert_all_slots_are_free(&mut store);
    assert!(StoreError::Reopened.to_string().contains("begin the lookup again"));
}

#[test]
fn a_ticket_from_before_an_opening_leaves_the_lookups_since_as_they_are() {
    let mut store = filled();
    let stale = store.by_hand().lookup_begin(3).unwrap();
    let forgotten = store.by_hand().lookup_begin(4).unwrap();
    store.open_again().unwrap();
    let ticket = store.by_hand().lookup_begin(7).unwrap();
    let other = store.by_hand().lookup_begin(8).unwrap();
    let progress = store.by_hand().lookup_take(stale);
    assert_eq!(progress, LookupProgress::Ended(Err(StoreError::Reopened)));
    store.by_hand().lookup_forget(forgotten);
    assert_finds(&mut store, ticket, 7);
    store.by_hand().lookup_forget(other);
    assert_all_slots_are_free(&mut store);
}
