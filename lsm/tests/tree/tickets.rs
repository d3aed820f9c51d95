//! Tickets of lookups and scans: which of them are equal.

use downbeat_lsm::store::StoreOptions;

use crate::stores::{filled, memory};

#[test]
fn tickets_of_two_stores_or_openings_differ_although_their_places_are_the_same() {
    let options = StoreOptions::tiny(512);
    let mut one = filled(memory(&options), &options);
    let mut other = filled(memory(&options), &options);
    let lookup = one.by_hand().lookup_begin(3).expect("no lookup is under way");
    let scan = one.by_hand().scan_begin(.., downbeat_lsm::collections::Direction::Ascending);
    let scan = scan.expect("no scan is open");
    let of_other = other.by_hand().lookup_begin(3).expect("no lookup is under way");
    assert_ne!(lookup, of_other);
    one.open_again().expect("a sound device");
    assert_ne!(lookup, one.by_hand().lookup_begin(3).expect("no lookup is under way"));
    let later = one.by_hand().scan_begin(.., downbeat_lsm::collections::Direction::Ascending);
    assert_ne!(scan, later.expect("no scan is open"));
}
