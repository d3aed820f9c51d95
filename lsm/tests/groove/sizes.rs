//! The sizes of a groove: which are valid, and which are refused.

use downbeat_lsm::collections::{CacheOptions, InvalidOptions};
use downbeat_lsm::forest::{Forest, ForestOptions, InvalidStore, StoreError, TreeSet};
use downbeat_lsm::groove::{Groove, GrooveOptions};
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::tree::InvalidTree;

use crate::objects::{Event, Order, Shop, grooves, options, shop};

fn device() -> MemoryStorage {
    MemoryStorage::new(options().device_size().expect("a valid layout") as usize, 256)
}

/// The error for a forest of orders with these sizes.
fn refused(groove: &GrooveOptions) -> Option<InvalidStore> {
    type Orders = Forest<Groove<Order>, MemoryStorage>;
    let made = Orders::new(device(), &options(), groove).err();
    let error = made.map(StoreError::Invalid);
    assert_eq!(Orders::format(device(), &options(), groove, 1).err(), error);
    assert_eq!(Orders::open(device(), &options(), groove).err(), error);
    made
}

#[test]
fn the_production_sizes_are_valid() {
    let groove = GrooveOptions::production(1);
    let shapes = Groove::<Order>::shapes(&groove);
    assert_eq!(ForestOptions::production(1 << 20).validate(&shapes), Ok(()));
}

#[test]
fn a_forest_and_its_grooves_report_their_sizes() {
    let shop = shop();
    assert_eq!(*shop.options(), options());
    let (orders, events) = shop.trees();
    assert_eq!((*orders.options(), *events.options()), grooves());
}

#[test]
fn sizes_that_cannot_work_are_refused() {
    let tiny = GrooveOptions::tiny(1);
    let invalid = GrooveOptions { prefetch_max: 0, ..tiny };
    assert_eq!(refused(&invalid), Some(InvalidStore::Zero { option: "prefetch_max" }));
    let invalid = GrooveOptions { batch_objects_max: 0, ..tiny };
    assert!(
        matches!(
            refused(&invalid),
            Some(InvalidStore::Tree(InvalidTree::OutOfLimits { number: 0, min: 1, .. }))
        ),
        "{:?}",
        refused(&invalid)
    );
    let cache = CacheOptions { sets: 0, ..tiny.objects_cache };
    let invalid = GrooveOptions { objects_cache: cache, ..tiny };
    let refused = refused(&invalid);
    assert_eq!(refused, Some(InvalidStore::Objects(InvalidOptions::SetsZero)));
}

#[test]
fn each_groove_of_a_forest_is_checked() {
    let (orders, events) = grooves();
    let invalid = (orders, GrooveOptions { prefetch_max: 0, ..events });
    let refused = Shop::new(device(), &options(), &invalid).err();
    assert_eq!(refused, Some(InvalidStore::Zero { option: "prefetch_max" }));
    // The events have a tree number of the orders.
    let tree_id = Groove::<Order>::tree_count();
    let invalid = (orders, GrooveOptions { tree_id, ..events });
    let refused = Shop::new(device(), &options(), &invalid).err();
    assert_eq!(refused, Some(InvalidStore::SameTree { id: tree_id }));
    let invalid = (orders, GrooveOptions { beats_per_bar: 6, ..events });
    let refused = Shop::new(device(), &options(), &invalid).err();
    let due = InvalidStore::DifferentBars { beats_per_bar: orders.beats_per_bar, other: 6 };
    assert_eq!(refused, Some(due));
}

#[test]
fn a_groove_has_a_tree_for_its_objects_and_for_each_field_and_derived_index() {
    assert_eq!(Groove::<Order>::tree_count(), 7);
    assert_eq!(Groove::<Event>::tree_count(), 2);
}
