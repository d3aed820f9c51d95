//! Forests of which a beat fails, and forests that are closed.

use std::io::ErrorKind;

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::{BeatError, BeatProgress, StoreError};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::groove::ObjectKey;
use downbeat_lsm::storage::{Access, Fault};
use downbeat_lsm::superblock::SuperblockError;

use crate::accounts::{Accounts, account, on_the_device, prefetch, primary};
use crate::frail::Wrong;

/// Inserts accounts, and calls `run` after each, until `run` fails.
fn fails(
    forest: &mut Accounts,
    run: impl Fn(&mut Accounts) -> Result<(), StoreError>,
) -> StoreError {
    for timestamp in 61..400 {
        prefetch(forest, &[primary(timestamp)]);
        forest.write().expect("an open forest").insert(&account(timestamp));
        if let Err(error) = run(forest) {
            return error;
        }
    }
    panic!("nothing fails");
}

/// Checks that the forest is read-only because of this error, until it is opened again.
fn is_read_only(forest: &mut Accounts, error: StoreError) {
    let StoreError::ReadOnly(failed) = error else { panic!("not read-only: {error:?}") };
    assert_eq!(forest.failed(), Some(failed));
    assert_eq!(forest.write().err(), Some(error));
    assert_eq!(forest.beat_advance(), BeatProgress::Failed(failed));
    assert_eq!(forest.beat(), Err(error));
    assert_eq!(forest.checkpoint(), Err(error));
    forest.trees_and_grid().1.drop_cache();
    let (accounts, mut reader) = forest.read().expect("an open forest");
    let first = ObjectKey::timestamp(1);
    accounts.prefetch(&[first], &mut reader).expect("the device is sound again");
    assert_eq!(accounts.get_prefetched(first), Some(account(1)));
    forest.open_again().expect("the device is sound again");
    assert_eq!(forest.failed(), None);
    assert!(forest.write().is_ok());
}

#[test]
fn a_forest_is_read_only_after_a_beat_that_failed() {
    let mut forest = on_the_device(1);
    forest.trees_and_grid().1.storage_mut().wrong = Some(Wrong::Fails(Access::Read, 0));
    let error = fails(&mut forest, |forest| forest.beat().map(drop));
    assert!(matches!(error, StoreError::ReadOnly(BeatError::Grid(GridError::Fault(_)))));
    is_read_only(&mut forest, error);
}

#[test]
fn a_forest_is_read_only_after_a_checkpoint_that_failed() {
    let mut forest = on_the_device(1);
    forest.trees_and_grid().1.storage_mut().wrong = Some(Wrong::Fails(Access::Read, 0));
    let error = fails(&mut forest, |forest| forest.checkpoint().map(drop));
    assert!(matches!(error, StoreError::ReadOnly(BeatError::Grid(GridError::Fault(_)))));
    is_read_only(&mut forest, error);
}

#[test]
fn a_forest_is_read_only_after_a_failed_write_of_the_superblock() {
    let mut forest = on_the_device(1);
    // The first copy is at the beginning of the device.
    forest.trees_and_grid().1.storage_mut().wrong = Some(Wrong::Bad(Access::Write, 0));
    let error = fails(&mut forest, |forest| forest.checkpoint().map(drop));
    forest.trees_and_grid().1.storage_mut().wrong = None;
    let fault = Fault::new(Access::Write, 0, &ErrorKind::Other.into());
    let failed = BeatError::Checkpoint(CheckpointError::Superblock(SuperblockError::Fault(fault)));
    assert_eq!(error, StoreError::ReadOnly(failed));
    is_read_only(&mut forest, error);
}

#[test]
fn a_forest_reads_after_its_device_was_gone_at_any_operation_of_a_checkpoint() {
    let mut forest = on_the_device(1);
    let first = ObjectKey::timestamp(1);
    for operations in 0.. {
        forest.trees_and_grid().1.storage_mut().wrong = Some(Wrong::Gone(operations));
        let taken = forest.checkpoint();
        forest.trees_and_grid().1.storage_mut().wrong = None;
        if taken.is_ok() {
            assert!(operations > 10, "a checkpoint takes operations");
            return;
        }
        let StoreError::ReadOnly(gone) = taken.expect_err("not taken") else {
            panic!("{operations}: {taken:?}")
        };
        assert!(gone.to_string().contains("completes no operations"), "{gone}");
        forest.trees_and_grid().1.drop_cache();
        let (accounts, mut reader) = forest.read().expect("an open forest");
        accounts.prefetch(&[first], &mut reader).expect("the device is back");
        assert_eq!(accounts.get_prefetched(first), Some(account(1)));
        forest.open_again().expect("the device is back");
    }
}

#[test]
fn a_forest_is_not_formatted_on_a_device_that_is_gone() {
    let forest = on_the_device(1);
    let (options, groove) = (*forest.options(), *forest.trees().options());
    let mut device = forest.into_storage();
    device.wrong = Some(Wrong::Gone(0));
    let gone = Accounts::format(device, &options, &groove, 2).err();
    assert_eq!(gone, Some(StoreError::Superblock(SuperblockError::Gone)));
}

#[test]
fn a_closed_forest_refuses_everything() {
    let mut forest = on_the_device(1);
    forest.close();
    assert_eq!(forest.beat(), Err(StoreError::Closed));
    assert_eq!(forest.checkpoint(), Err(StoreError::Closed));
    assert_eq!(forest.write().err(), Some(StoreError::Closed));
    assert_eq!(forest.read().err(), Some(StoreError::Closed));
    forest.open_again().expect("a sound device");
    assert!(forest.write().is_ok());
}

#[test]
fn a_scan_of_all_objects_fails_if_the_device_is_gone() {
    let mut forest = on_the_device(1);
    forest.trees_and_grid().1.storage_mut().wrong = Some(Wrong::Gone(0));
    let (accounts, mut reader) = forest.read().expect("an open forest");
    let mut found = 0;
    let read = accounts.for_each_object(Direction::Ascending, &mut reader, |_| found += 1);
    assert_eq!(read, Err(StoreError::Grid(GridError::Gone)));
    assert_eq!(found, 0);
}
