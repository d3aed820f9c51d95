//! Tests of lookups by hand: what they answer after the store changed, and tickets from before an
//! opening.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::forest::{BeatError, BeatProgress};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{LookupProgress, LookupTicket, Store, StoreError, StoreOptions};

use crate::by_hand::{advance_or_step, end_beat};
use crate::frail::{Frail, Wrong};
use crate::records::Entry;
use crate::stores;

fn filled() -> Store<Entry, MemoryStorage> {
    let options = StoreOptions::tiny(512);
    stores::filled(stores::memory(&options), &options)
}

/// Waits for the answer of a lookup.
fn wait(
    store: &mut Store<Entry, MemoryStorage>,
    mut ticket: LookupTicket,
) -> Result<Option<Entry>, StoreError> {
    loop {
        match store.by_hand().lookup_take(ticket) {
            LookupProgress::Ended(found) => return found,
            LookupProgress::Pending(waiting) => ticket = waiting,
        }
        assert!(store.by_hand().step(), "the device completes what it was asked for");
    }
}

/// Waits for the answer of a lookup, and asserts that it is the first record of this key.
fn assert_finds(store: &mut Store<Entry, MemoryStorage>, ticket: LookupTicket, key: u64) {
    assert_eq!(wait(store, ticket), Ok(Some(Entry { key, stamp: 1 })));
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
    assert!(StoreError::Reopened.to_string().contains("begin it again"));
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

#[test]
fn two_lookups_of_one_key_have_the_same_answer() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let tickets = [7, 7].map(|key| store.by_hand().lookup_begin(key).unwrap());
    for ticket in tickets {
        assert_finds(&mut store, ticket, 7);
    }
}

#[test]
fn to_wait_for_one_lookup_continues_the_others() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let tickets = [0, 13, 26, 39].map(|key| store.by_hand().lookup_begin(key).unwrap());
    let [first, second, third, last] = tickets;
    assert_finds(&mut store, last, 39);
    for (ticket, key) in [(first, 0), (second, 13), (third, 26)] {
        let found = LookupProgress::Ended(Ok(Some(Entry { key, stamp: 1 })));
        assert_eq!(store.by_hand().lookup_take(ticket), found);
    }
}

#[test]
fn a_lookup_answers_as_of_its_beginning_whatever_the_store_does_before() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let known = store.by_hand().lookup_begin(8).unwrap();
    let removed = store.by_hand().lookup_begin(9).unwrap();
    store.put(&Entry { key: 8, stamp: 2 }).unwrap();
    store.remove(9).unwrap();
    // This needs beats, which wait for the lookups.
    store.checkpoint().unwrap();
    let newest = store.by_hand().lookup_begin(8).unwrap();
    assert_finds(&mut store, known, 8);
    assert_finds(&mut store, removed, 9);
    assert_eq!(wait(&mut store, newest), Ok(Some(Entry { key: 8, stamp: 2 })));
    assert_all_slots_are_free(&mut store);
}

#[test]
fn a_beat_begins_without_the_device_and_waits_for_the_lookups_in_steps() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let ticket = store.by_hand().lookup_begin(8).unwrap();
    let pending = store.grid().pending_reads();
    assert!(pending > 0);
    store.put(&Entry { key: 8, stamp: 2 }).unwrap();
    store.by_hand().beat_begin().unwrap();
    assert_eq!(store.grid().pending_reads(), pending, "no read was completed");
    assert_eq!(advance_or_step(&mut store), BeatProgress::Waiting);
    end_beat(&mut store).unwrap();
    let found = LookupProgress::Ended(Ok(Some(Entry { key: 8, stamp: 1 })));
    assert_eq!(store.by_hand().lookup_take(ticket), found);
    assert_all_slots_are_free(&mut store);
}

#[test]
fn a_lookup_goes_on_after_a_beat_that_waited_for_it_failed() {
    let options = StoreOptions::tiny(512);
    let mut store = stores::filled(Frail::new(stores::memory(&options)), &options);
    store.by_hand().grid_mut().drop_cache();
    let ticket = store.by_hand().lookup_begin(8).unwrap();
    store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Gone(0));
    store.by_hand().beat_begin().unwrap();
    assert_eq!(end_beat(&mut store), Err(BeatError::Grid(GridError::Gone)));
    let LookupProgress::Pending(ticket) = store.by_hand().lookup_take(ticket) else {
        panic!("the device has completed nothing")
    };
    // The device is back.
    store.by_hand().grid_mut().storage_mut().wrong = None;
    while store.by_hand().step() {
        // The lookup asks for its next block.
        let _ = store.by_hand().lookup_begin(9).map(|it| store.by_hand().lookup_forget(it));
    }
    let found = LookupProgress::Ended(Ok(Some(Entry { key: 8, stamp: 1 })));
    assert_eq!(store.by_hand().lookup_take(ticket), found);
}

#[test]
fn a_lookup_in_a_scope_that_is_undone_keeps_its_answer() {
    let mut store = filled();
    store.scope_open();
    store.put(&Entry { key: 3, stamp: 2 }).unwrap();
    let ticket = store.by_hand().lookup_begin(3).unwrap();
    store.scope_close(ScopeOutcome::Discard);
    assert_eq!(wait(&mut store, ticket), Ok(Some(Entry { key: 3, stamp: 2 })));
}

#[test]
fn lookups_that_are_begun_and_forgotten_leave_no_read_for_the_next_beat() {
    let mut store = filled();
    store.by_hand().grid_mut().drop_cache();
    let in_flight = u64::from(store.options().reads_in_flight_max);
    let before = store.grid().statistics().read_from_device;
    for _ in 0..10 {
        for key in 0..40 {
            let ticket = store.by_hand().lookup_begin(key).expect("a free slot");
            store.by_hand().lookup_forget(ticket);
            assert!(store.grid().pending_reads() as u64 <= in_flight);
        }
    }
    while store.by_hand().step() {}
    assert_eq!(store.grid().statistics().read_from_device - before, in_flight);
    assert_all_slots_are_free(&mut store);
}

/// A store, and the ticket of another store, whose slot has a lookup in both stores.
fn with_the_ticket_of_another() -> (Store<Entry, MemoryStorage>, LookupTicket) {
    let [mut store, mut other] = [filled(), filled()];
    let ticket = other.by_hand().lookup_begin(3).expect("a free slot");
    let _ = store.by_hand().lookup_begin(4).expect("a free slot");
    (store, ticket)
}

#[test]
#[should_panic(expected = "store: a ticket must be of the store that returned it")]
fn the_ticket_of_another_store_is_not_taken() {
    let (mut store, ticket) = with_the_ticket_of_another();
    let _ = store.by_hand().lookup_take(ticket);
}

#[test]
#[should_panic(expected = "store: a ticket must be of the store that returned it")]
fn the_ticket_of_another_store_is_not_forgotten() {
    let (mut store, ticket) = with_the_ticket_of_another();
    store.by_hand().lookup_forget(ticket);
}

#[test]
#[should_panic(expected = "store: a ticket must be of the store that returned it")]
fn a_new_store_on_the_same_device_is_another_store() {
    let mut store = filled();
    let ticket = store.by_hand().lookup_begin(3).expect("a free slot");
    let options = *store.options();
    let mut store =
        Store::<Entry, _>::open(store.into_storage(), &options).expect("a sound device");
    let _ = store.by_hand().lookup_begin(4).expect("a free slot");
    let _ = store.by_hand().lookup_take(ticket);
}
