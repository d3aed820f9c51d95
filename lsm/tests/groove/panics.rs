//! Calls that break the rules of a groove panic.

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::groove::ObjectKey;

use crate::objects::{Order, Shop, order, shop};

/// A shop without orders, in which the key 5 was prefetched.
fn without_order() -> Shop {
    let mut shop = shop();
    let ((orders, _), mut reader) = shop.read().expect("an open forest");
    orders.prefetch(&[ObjectKey::primary(5)], &mut reader).expect("a sound device");
    shop
}

fn with_one_order() -> Shop {
    let mut shop = without_order();
    shop.write().expect("an open forest").0.insert(&order(1, 5));
    shop
}

#[test]
#[should_panic(expected = "groove: prefetch a key before getting it")]
fn a_key_that_was_not_prefetched_is_not_got() {
    let _ = shop().write().expect("an open forest").0.get(9);
}

#[test]
#[should_panic(expected = "groove: an object must not be inserted twice")]
fn an_object_is_not_inserted_twice() {
    with_one_order().write().expect("an open forest").0.insert(&order(2, 5));
}

#[test]
#[should_panic(expected = "groove: an update must not change a unique key")]
fn an_update_keeps_unique_keys() {
    with_one_order().write().expect("an open forest").0.update(&Order { number: 1, ..order(1, 5) });
}

#[test]
#[should_panic(expected = "groove: an update must not change the timestamp")]
fn an_update_keeps_the_timestamp() {
    with_one_order()
        .write()
        .expect("an open forest")
        .0
        .update(&Order { timestamp: 2, ..order(1, 5) });
}

#[test]
#[should_panic(expected = "groove: an updated object must exist (5)")]
fn an_object_that_does_not_exist_is_not_updated() {
    without_order().write().expect("an open forest").0.update(&order(1, 5));
}

#[test]
#[should_panic(expected = "groove: a removed object must exist (5)")]
fn an_object_that_does_not_exist_is_not_removed() {
    without_order().write().expect("an open forest").0.remove(5);
}

#[test]
#[should_panic(expected = "groove: the field must have a tree (field 6)")]
fn a_plain_field_has_no_entries() {
    let mut shop = shop();
    let ((orders, _), mut reader) = shop.read().expect("an open forest");
    let _ = orders.for_each_entry(Order::note, Direction::Ascending, &mut reader, |_, _| {});
}

#[test]
#[should_panic(expected = "groove: the field must be unique (Order.state)")]
fn a_field_that_is_not_unique_is_no_key() {
    let _ = ObjectKey::unique(Order::state, 1);
}

#[test]
#[should_panic(expected = "groove: a timestamp must be from 1")]
fn a_timestamp_is_not_zero() {
    with_one_order().write().expect("an open forest").0.insert(&order(0, 6));
}

#[test]
#[should_panic(expected = "groove: a beat must end after at most 3 writes")]
fn a_batch_has_a_limit() {
    let mut shop = with_one_order();
    for note in 2..=4 {
        shop.write().expect("an open forest").0.update(&Order { note, ..order(1, 5) });
    }
}

#[test]
#[should_panic(expected = "groove: at most 8 keys are prefetched between two beats")]
fn a_prefetch_has_a_limit() {
    let mut shop = shop();
    let ((orders, _), mut reader) = shop.read().expect("an open forest");
    let keys: Vec<_> = (0..9).map(ObjectKey::primary).collect();
    let _ = orders.prefetch(&keys, &mut reader);
}

#[test]
fn discarded_writes_count_so_that_the_stash_never_overflows() {
    let mut shop = with_one_order();
    let (orders, _) = shop.write().expect("an open forest");
    for note in 2..=3 {
        orders.scope_open();
        orders.update(&Order { note, ..order(1, 5) });
        orders.scope_close(ScopeOutcome::Discard);
    }
    assert_eq!(orders.room(), 0);
    assert_eq!(orders.get(5), Some(order(1, 5)));
}
