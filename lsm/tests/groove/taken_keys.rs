//! Inserts under a timestamp or a unique key that an object has.

use downbeat_lsm::block::{Place, Reason};
use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::groove::{Condition, ObjectKey};

use crate::accounts::{Account, Accounts, account, code, on_the_device, prefetch, primary};

/// Inserts account 70, of which a key is taken by account 5.
fn insert_taken(forest: &mut Accounts, new: &Account) {
    prefetch(forest, &[primary(70)]);
    forest.write().expect("an open forest").insert(new);
}

/// Account 70 with the timestamp of account 5.
fn with_the_timestamp() -> Account {
    Account { timestamp: 5, owner: 1, ..account(70) }
}

/// Account 70 with the code of account 5.
fn with_the_code() -> Account {
    Account { code: account(5).code, ..account(70) }
}

/// Writes account 5, so that it is in memory.
fn write_5(forest: &mut Accounts) {
    prefetch(forest, &[primary(5)]);
    let accounts = forest.write().expect("an open forest");
    accounts.remove(account(5).number);
    accounts.insert(&account(5));
}

#[test]
#[should_panic(expected = "groove: no other object may have the timestamp of a new one")]
fn a_timestamp_in_memory_is_taken() {
    let mut forest = on_the_device(1);
    write_5(&mut forest);
    insert_taken(&mut forest, &with_the_timestamp());
}

#[test]
#[should_panic(expected = "groove: no other object may have a unique key of a new one")]
fn a_unique_key_in_memory_is_taken() {
    let mut forest = on_the_device(1);
    write_5(&mut forest);
    insert_taken(&mut forest, &with_the_code());
}

#[test]
#[should_panic(expected = "groove: no other object may have the timestamp of a new one")]
fn a_timestamp_that_was_prefetched_is_taken() {
    let mut forest = on_the_device(1);
    prefetch(&mut forest, &[ObjectKey::timestamp(5)]);
    insert_taken(&mut forest, &with_the_timestamp());
}

#[test]
#[should_panic(expected = "groove: no other object may have a unique key of a new one")]
fn a_unique_key_that_was_prefetched_is_taken() {
    let mut forest = on_the_device(1);
    prefetch(&mut forest, &[code(5)]);
    insert_taken(&mut forest, &with_the_code());
}

#[test]
fn keys_of_a_removed_object_are_free() {
    let mut forest = on_the_device(1);
    prefetch(&mut forest, &[primary(5), ObjectKey::timestamp(5), code(5)]);
    forest.write().expect("an open forest").remove(account(5).number);
    insert_taken(&mut forest, &Account { code: account(5).code, ..with_the_timestamp() });
    forest.beat().expect("a sound device");
}

/// Whether a read found two trees that contradict each other.
fn is_contradiction<T>(read: &Result<T, StoreError>) -> bool {
    matches!(
        read,
        Err(StoreError::Grid(GridError::Corruption(corruption)))
            if matches!(corruption.place, Place::Tree(_))
                && matches!(corruption.reason, Reason::Meaning(_))
    )
}

/// The timestamps that a query returns, and whether it ends with a contradiction.
fn queried(forest: &mut Accounts, condition: &Condition<Account>) -> (Vec<u64>, bool) {
    let (accounts, mut reader) = forest.read().expect("an open forest");
    let query = accounts.query(condition, Direction::Ascending, &mut reader);
    let mut found = Vec::new();
    let read = query.expect("a valid condition").page(usize::MAX, &mut found);
    (found.iter().map(|account| account.timestamp).collect(), is_contradiction(&read))
}

#[test]
fn a_query_does_not_return_an_object_that_does_not_match() {
    let mut forest = on_the_device(4);
    // The timestamp is on the device and was not prefetched, so the insert does not see it.
    insert_taken(&mut forest, &with_the_timestamp());
    // Account 5 had owner 2, and its entry is still there.
    assert_eq!(queried(&mut forest, &Account::owner.equals(2)), (vec![2], true));
}

#[test]
fn a_prefetch_does_not_find_an_object_with_another_key() {
    let mut forest = on_the_device(4);
    insert_taken(&mut forest, &with_the_timestamp());
    for key in [primary(5), code(5)] {
        let (accounts, mut reader) = forest.read().expect("an open forest");
        let read = accounts.prefetch(&[key], &mut reader);
        assert!(is_contradiction(&read), "{read:?}");
    }
}
