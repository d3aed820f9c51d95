//! Entries of fields whose object does not exist, or is another one: reads report a contradiction.
//!
//! Two objects share a timestamp, because the insert of the second one did not notice the first
//! one: it was on the device and not prefetched by its timestamp. Then one of them is written
//! again, and the entries of the other one remain.

use downbeat_lsm::block::Reason;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::groove::ObjectKey;

use crate::accounts::{Account, Accounts, account, code, on_the_device, prefetch, primary};

const WITHOUT_OBJECT: &str = "an index has an entry whose object does not exist";
const OTHER_VALUES: &str = "an index and an object have different values";

/// Account 70 with the timestamp of account 5.
fn with_the_timestamp() -> Account {
    Account { timestamp: 5, owner: 1, ..account(70) }
}

/// Both accounts with timestamp 5 are in memory, and account 70 was written last.
fn twice() -> Accounts {
    let mut forest = on_the_device(4);
    prefetch(&mut forest, &[primary(5), primary(70)]);
    forest.write().expect("an open forest").insert(&with_the_timestamp());
    forest
}

/// What the trees contradict each other in.
fn contradiction<T>(read: &Result<T, StoreError>) -> Option<&'static str> {
    match read {
        Err(StoreError::Grid(GridError::Corruption(corruption))) => match corruption.reason {
            Reason::Meaning(what) => Some(what),
            _ => None,
        },
        _ => None,
    }
}

fn prefetched(forest: &mut Accounts, key: ObjectKey<Account>) -> Option<&'static str> {
    let (accounts, mut reader) = forest.read().expect("an open forest");
    contradiction(&accounts.prefetch(&[key], &mut reader))
}

/// What a query for the accounts of an owner reports.
fn queried(forest: &mut Accounts, owner: u64) -> Option<&'static str> {
    let (accounts, mut reader) = forest.read().expect("an open forest");
    let condition = Account::owner.equals(owner);
    let mut query =
        accounts.query(&condition, Direction::Ascending, &mut reader).expect("one scan");
    contradiction(&query.page(usize::MAX, &mut Vec::new()))
}

#[test]
fn an_entry_in_memory_without_its_object_is_a_contradiction() {
    let mut forest = twice();
    forest.write().expect("an open forest").remove(account(5).number);
    // The entries of account 70 are left.
    assert_eq!(prefetched(&mut forest, code(70)), Some(WITHOUT_OBJECT));
    assert_eq!(queried(&mut forest, 1), Some(WITHOUT_OBJECT));
    assert_eq!(prefetched(&mut forest, code(6)), None);
    assert_eq!(queried(&mut forest, 0), None);
}

#[test]
fn an_entry_on_the_device_without_its_object_is_a_contradiction() {
    let mut forest = twice();
    forest.write().expect("an open forest").remove(with_the_timestamp().number);
    // The entries of account 5 are left. The removal is in memory, and so is the object of account
    // 5, in the cache, under its primary key.
    assert_eq!(prefetched(&mut forest, code(5)), Some(WITHOUT_OBJECT));
    assert_eq!(prefetched(&mut forest, primary(5)), None);
    let _ = forest.checkpoint().expect("a sound device");
    forest.open_again().expect("a sound device");
    forest.trees_and_grid().1.drop_cache();
    for key in [primary(5), code(5)] {
        assert_eq!(prefetched(&mut forest, key), Some(WITHOUT_OBJECT), "{key:?}");
    }
    assert_eq!(queried(&mut forest, 2), Some(WITHOUT_OBJECT));
    assert_eq!(prefetched(&mut forest, code(6)), None);
}

#[test]
fn an_entry_in_memory_of_another_object_is_a_contradiction() {
    let mut forest = twice();
    let new = Account { balance: 1, ..account(5) };
    forest.write().expect("an open forest").update(&new);
    assert_eq!(prefetched(&mut forest, code(70)), Some(OTHER_VALUES));
    assert_eq!(queried(&mut forest, 1), Some(OTHER_VALUES));
    assert_eq!(prefetched(&mut forest, code(5)), None);
}
