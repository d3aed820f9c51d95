//! Queries in which a read fails, and queries that are leaked.

use std::collections::BTreeSet;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::storage::Access;

use crate::accounts::{Account, Accounts, account, on_the_device, prefetch, primary};
use crate::frail::Wrong;

/// The offsets of the reads that it takes to read the object tree.
fn offsets_of_objects(forest: &mut Accounts) -> BTreeSet<u64> {
    forest.trees_and_grid().1.drop_cache();
    let (accounts, mut reader) = forest.read().expect("an open forest");
    reader.grid().storage_mut().reads.clear();
    let direction = Direction::Ascending;
    accounts.for_each_object(direction, &mut reader, |_| {}).expect("a sound device");
    reader.grid().storage_mut().reads.iter().copied().collect()
}

/// The timestamps that a query of owner 1 returns if all reads at an offset fail, and whether it
/// fails.
fn queried(forest: &mut Accounts, bad: Option<u64>, direction: Direction) -> (Vec<u64>, bool) {
    forest.trees_and_grid().1.drop_cache();
    let (accounts, mut reader) = forest.read().expect("an open forest");
    reader.grid().storage_mut().reads.clear();
    reader.grid().storage_mut().wrong = bad.map(|offset| Wrong::Bad(Access::Read, offset));
    let condition = Account::owner.equals(1);
    let mut query = accounts.query(&condition, direction, &mut reader).expect("one scan");
    let mut page = Vec::new();
    let read = query.page(usize::MAX, &mut page);
    assert!(
        matches!(read, Ok(()) | Err(StoreError::Grid(GridError::Fault(_)))),
        "another error: {read:?}"
    );
    assert_eq!(query.next(), Ok(None), "the query has ended");
    drop(query);
    reader.grid().storage_mut().wrong = None;
    (page.iter().map(|account| account.timestamp).collect(), read.is_err())
}

#[test]
fn objects_before_a_failed_read_are_returned() {
    // A forest with one lookup at a time looks up no object ahead.
    let (mut one, mut many) = (on_the_device(1), on_the_device(16));
    for forest in [&mut one, &mut many] {
        // Some accounts are in memory.
        for timestamp in [4, 28, 43] {
            prefetch(forest, &[primary(timestamp)]);
            let new = Account { balance: 1, ..account(timestamp) };
            forest.write().expect("an open forest").update(&new);
        }
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        assert_eq!(queried(&mut one, None, direction), queried(&mut many, None, direction));
        let offsets: BTreeSet<u64> = many.grid().storage().reads.iter().copied().collect();
        for offset in offsets {
            let due = queried(&mut one, Some(offset), direction);
            assert!(due.1, "a read at {offset} fails");
            assert_eq!(queried(&mut many, Some(offset), direction), due, "{direction:?} {offset}");
        }
    }
}

#[test]
fn a_seek_past_an_object_that_cannot_be_read_continues() {
    let mut forest = on_the_device(16);
    let of_objects = offsets_of_objects(&mut forest);
    let mut passed = 0;
    for fails in 0..60 {
        forest.trees_and_grid().1.drop_cache();
        let (accounts, mut reader) = forest.read().expect("an open forest");
        reader.grid().storage_mut().reads.clear();
        reader.grid().storage_mut().wrong = Some(Wrong::Fails(Access::Read, fails));
        let condition = Account::owner.equals(1);
        let mut query =
            accounts.query(&condition, Direction::Ascending, &mut reader).expect("one scan");
        let first = query.next();
        query.seek(58);
        let last = query.next();
        drop(query);
        let device = reader.grid().storage_mut();
        let has_failed = device.wrong.take().is_none();
        let failed = device.reads.get(fails as usize).copied();
        // The error of an object between them is not returned.
        if has_failed && first.is_ok() && last.is_ok() {
            assert!(failed.is_some_and(|offset| of_objects.contains(&offset)));
            assert_eq!(first, Ok(Some(account(1))));
            assert_eq!(last, Ok(Some(account(58))));
            passed += 1;
        }
    }
    assert!(passed > 0, "no failed read was passed");
}

#[test]
fn a_leaked_query_keeps_no_reads() {
    let mut forest = on_the_device(16);
    forest.trees_and_grid().1.drop_cache();
    let buffers = forest.grid().unused_buffers();
    for _ in 0..40 {
        forest.trees_and_grid().1.drop_cache();
        let (accounts, mut reader) = forest.read().expect("an open forest");
        let condition = Account::owner.equals(1);
        let mut query =
            accounts.query(&condition, Direction::Ascending, &mut reader).expect("one scan");
        assert_eq!(query.next(), Ok(Some(account(1))));
        std::mem::forget(query);
    }
    forest.beat().expect("a sound device");
    while forest.step() {}
    forest.trees_and_grid().1.drop_cache();
    assert_eq!(forest.grid().unused_buffers(), buffers);
}
