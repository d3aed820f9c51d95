//! Prefetches.

use downbeat_lsm::groove::{GrooveOptions, ObjectKey};
use downbeat_lsm::storage::Access;

use crate::accounts::{Account, account, accounts, insert};
use crate::frail::Wrong;
use crate::objects::{order, shop};

#[test]
fn a_key_that_was_prefetched_finds_the_object_that_is_inserted_later() {
    let mut forest = accounts(&GrooveOptions::tiny(1));
    let new = account(1);
    let keys = [
        ObjectKey::primary(new.number),
        ObjectKey::unique(Account::code, new.code),
        ObjectKey::timestamp(new.timestamp),
    ];
    let (accounts, mut reader) = forest.read().expect("an open forest");
    accounts.prefetch(&keys, &mut reader).expect("a sound device");
    for key in keys {
        assert_eq!(accounts.get_prefetched(key), None);
    }
    accounts.insert(&new);
    for _ in 0..2 {
        for key in keys {
            assert_eq!(accounts.get_prefetched(key), Some(new), "{key:?}");
        }
        accounts.prefetch(&keys, &mut reader).expect("a sound device");
    }
}

#[test]
fn a_key_that_was_prefetched_does_not_find_an_object_that_lost_the_key() {
    let mut forest = accounts(&GrooveOptions::tiny(1));
    insert(&mut forest, 1..=1);
    let (old, key) = (account(1), ObjectKey::unique(Account::code, account(1).code));
    let (accounts, mut reader) = forest.read().expect("an open forest");
    accounts.prefetch(&[key], &mut reader).expect("a sound device");
    assert_eq!(accounts.get_prefetched(key), Some(old));
    accounts.remove(old.number);
    assert_eq!(accounts.get_prefetched(key), None);
    let new = Account { timestamp: 2, code: 7, ..old };
    accounts.insert(&new);
    assert_eq!(accounts.get_prefetched(key), None, "the new object has another code");
    assert_eq!(accounts.get(old.number), Some(new));
}

#[test]
fn prefetches_that_fail_take_no_memory() {
    let options = GrooveOptions { prefetch_max: 2, ..GrooveOptions::tiny(1) };
    let mut forest = accounts(&options);
    insert(&mut forest, 1..=200);
    for _ in 0..64 {
        forest.beat().expect("a sound device");
    }
    for timestamp in 1..100 {
        forest.trees_and_grid().1.drop_cache();
        let (accounts, mut reader) = forest.read().expect("an open forest");
        // Each key takes two reads or more. The third read fails. If the first key took two reads,
        // it was found, and the read of the second key fails.
        let one = ObjectKey::timestamp(timestamp);
        reader.grid().storage_mut().wrong = Some(Wrong::Fails(Access::Read, 2));
        let other = ObjectKey::timestamp(timestamp + 100);
        let failed = accounts.prefetch(&[one, other], &mut reader);
        assert!(failed.is_err(), "timestamp {timestamp}");
        reader.grid().storage_mut().wrong = None;
    }
}

#[test]
fn a_beat_abandons_a_prefetch_that_is_under_way() {
    let mut shop = shop();
    for timestamp in 1..=40 {
        let id = u128::from(timestamp);
        let ((orders, _), mut reader) = shop.read().expect("an open forest");
        orders.prefetch(&[ObjectKey::primary(id)], &mut reader).expect("a sound device");
        shop.write().expect("an open forest").0.insert(&order(timestamp, id));
        shop.beat().expect("a sound device");
    }
    let _ = shop.checkpoint().expect("a sound device");
    shop.trees_and_grid().1.drop_cache();
    let buffers = shop.grid().unused_buffers();
    let key = ObjectKey::timestamp(3);
    let ((orders, _), mut reader) = shop.read().expect("an open forest");
    orders.prefetch_begin(&[key]);
    assert_eq!(orders.prefetch_advance(&mut reader), Ok(false));
    shop.beat().expect("a sound device");
    let ((orders, _), mut reader) = shop.read().expect("an open forest");
    orders.prefetch(&[key], &mut reader).expect("a sound device");
    assert_eq!(orders.get_prefetched(key), Some(order(3, 3)));
    shop.trees_and_grid().1.drop_cache();
    assert_eq!(shop.grid().unused_buffers(), buffers);
}
