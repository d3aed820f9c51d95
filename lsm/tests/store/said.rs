//! Tests of the messages of errors and invalid options: each says what to do.

use std::io::ErrorKind;

use downbeat_lsm::block::{Corruption, Place, Reason};
use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::grid::free_set::InvalidFreeSet;
use downbeat_lsm::grid::{Grid, GridError, GridOptions, InvalidGrid};
use downbeat_lsm::storage::{Access, Fault, MemoryStorage};
use downbeat_lsm::superblock::SuperblockError;

use crate::fixture::{OPTIONS, Store, layout};

#[test]
fn invalid_options_are_refused_with_their_name() {
    assert_eq!(OPTIONS.validate(), Ok(()));
    for (options, said) in [
        (GridOptions { private_blocks: 0, ..OPTIONS }, "private_blocks is 0"),
        (GridOptions { reads_in_flight_max: 0, ..OPTIONS }, "reads_in_flight_max is 0"),
        (GridOptions { writes_in_flight_max: 0, ..OPTIONS }, "writes_in_flight_max is 0"),
        (GridOptions { reservation_count_max: 0, ..OPTIONS }, "reservation_count_max is 0"),
        (GridOptions { cache: CacheOptions { ways: Ways::Two, sets: 0 }, ..OPTIONS }, "sets is 0"),
    ] {
        let refused = options.validate().expect_err(said);
        assert!(refused.to_string().starts_with(said), "{refused}");
        let layout = layout(8);
        let storage = MemoryStorage::new(usize::try_from(layout.size()).unwrap(), 128);
        assert_eq!(Grid::new(storage, &layout, &options).err(), Some(refused));
    }
}

#[test]
fn errors_say_where_and_why() {
    let fault = Fault::new(Access::Write, 4096, &ErrorKind::StorageFull.into());
    let corruption = Corruption { place: Place::Block(7), reason: Reason::Checksum };
    for (error, said) in [
        (GridError::Corruption(corruption), "block 7: its checksum does not match its bytes"),
        (GridError::Fault(fault), "the device cannot write at byte 4096"),
        (GridError::Failed(fault), "nothing is written until the store is reopened"),
        (GridError::Full, "make the store larger"),
        (GridError::Gone, "completes no operations"),
    ] {
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(CheckpointError::Grid(error).to_string(), error.to_string());
    }
    for (error, said) in [
        (SuperblockError::Corruption(corruption), "block 7"),
        (SuperblockError::Fault(fault), "byte 4096"),
        (SuperblockError::Unverified, "replace the device"),
        (SuperblockError::Gone, "completes no operations"),
    ] {
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(CheckpointError::Superblock(error).to_string(), error.to_string());
    }
}

#[test]
fn a_grid_reports_its_options_and_an_invalid_free_set() {
    assert_eq!(*Store::format(8).grid.options(), OPTIONS);
    let refused = InvalidGrid::FreeSet(InvalidFreeSet::ReservationCountMaxZero);
    assert!(refused.to_string().starts_with("reservation_count_max is 0"), "{refused}");
}

#[test]
fn every_reason_of_a_corruption_has_its_own_words() {
    let reasons = [
        Reason::Size,
        Reason::Checksum,
        Reason::OtherBlock,
        Reason::Address,
        Reason::Version,
        Reason::Kind,
        Reason::Padding,
        Reason::Meaning("no more than this"),
        Reason::QuorumLost,
        Reason::NotFormatted,
        Reason::Fork,
        Reason::ParentNotConnected,
        Reason::Layout,
    ];
    let mut words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), reasons.len());
}
