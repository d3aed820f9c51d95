//! Queries.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::groove::{GrooveOptions, TIMESTAMP_MAX};

use crate::accounts::{Account, accounts, insert};

/// The timestamps of the accounts of owner 1 that a query returns after a seek.
fn sought(direction: Direction, timestamp: u64) -> Vec<u64> {
    let mut forest = accounts(&GrooveOptions::tiny(1));
    insert(&mut forest, 1..=9);
    let (accounts, mut reader) = forest.read().expect("an open forest");
    let condition = Account::owner.equals(1);
    let mut query = accounts.query(&condition, direction, &mut reader).expect("a valid condition");
    query.seek(timestamp);
    let mut found = Vec::new();
    while let Some(account) = query.next().expect("a sound device") {
        found.push(account.timestamp);
    }
    found
}

#[test]
fn a_seek_skips_the_objects_before_a_timestamp() {
    assert_eq!(sought(Direction::Ascending, 4), [4, 7]);
    assert_eq!(sought(Direction::Descending, 6), [4, 1]);
}

#[test]
fn a_seek_beyond_the_largest_timestamp_is_a_seek_of_the_end() {
    for timestamp in [TIMESTAMP_MAX, TIMESTAMP_MAX + 1, TIMESTAMP_MAX + 6, u64::MAX] {
        assert_eq!(sought(Direction::Ascending, timestamp), []);
        assert_eq!(sought(Direction::Descending, timestamp), [7, 4, 1]);
    }
    assert_eq!(sought(Direction::Ascending, 0), [1, 4, 7]);
    assert_eq!(sought(Direction::Descending, 0), []);
}
