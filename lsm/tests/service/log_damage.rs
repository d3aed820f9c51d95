//! A request log with unreadable sectors, and how it is opened without the requests that are lost.

use downbeat_lsm::request_log::{LostRequests, RequestLog, RequestLogError, RequestLogOptions};
use downbeat_lsm::storage::{Access, MemoryStorage};

use crate::frail::{Frail, Wrong};

const OPTIONS: RequestLogOptions = RequestLogOptions { request_size_max: 300, requests_max: 6 };
const SECTOR: usize = 64;

/// The bytes of the label, before the first entry.
const LABEL: usize = 2 * SECTOR;

/// The bytes of the entry of a request of 100 bytes.
const ENTRY: usize = 3 * SECTOR;

type Log = RequestLog<Frail>;

/// A log on a device with these bytes, which misbehaves.
fn log(bytes: &[u8], wrong: Option<Wrong>) -> Log {
    let mut device = MemoryStorage::new(OPTIONS.device_size(SECTOR) as usize, SECTOR);
    device.bytes_mut()[..bytes.len()].copy_from_slice(bytes);
    let device = Frail { wrong, ..Frail::new(device) };
    RequestLog::new(device, &OPTIONS, 7).expect("valid options")
}

/// The device of a log with four requests of 100 bytes, each flushed before the next.
fn four(byte: impl Fn(u8) -> u8) -> Vec<u8> {
    let mut log = log(&[], None);
    log.format().expect("a sound device");
    for number in 1..=4 {
        log.append(&[byte(number); 100]).expect("a sound device");
        log.flush().expect("a sound device");
    }
    log.into_storage().device.bytes().to_vec()
}

/// Opens a log without these requests, if any. Returns the numbers of its requests.
fn opened(log: &mut Log, lost: Option<LostRequests>) -> Result<Vec<u64>, RequestLogError> {
    let mut found = Vec::new();
    let visit = |op, _: &[u8]| {
        found.push(op);
        Ok::<_, RequestLogError>(())
    };
    match lost {
        None => log.open(0, 0, visit)?,
        Some(lost) => log.open_without(&lost, 0, 0, visit)?,
    }
    Ok(found)
}

/// What a log with four requests has lost if this sector of the ring is unreadable.
fn lost(sector: usize) -> Option<LostRequests> {
    let first = (sector * SECTOR / ENTRY) as u64 + 1;
    match first {
        1..=3 => Some(LostRequests { first, last: 3, intact: 3 - first }),
        // No later entry says that the fourth request was durable.
        4 => Some(LostRequests { first, last: 3, intact: 0 }),
        // A fifth request would begin here.
        5 if sector * SECTOR == 4 * ENTRY => Some(LostRequests { first, last: 4, intact: 0 }),
        _ => None,
    }
}

fn bad(sector: usize) -> Option<Wrong> {
    Some(Wrong::Bad(Access::Read, (LABEL + sector * SECTOR) as u64))
}

#[test]
fn an_unreadable_sector_is_reported_where_it_hides_a_request() {
    let bytes = four(|number| number);
    for sector in 0..(bytes.len() - LABEL) / SECTOR {
        let mut log = log(&bytes, bad(sector));
        match lost(sector) {
            Some(lost) => {
                assert_eq!(opened(&mut log, None), Err(RequestLogError::Damaged(lost)));
                assert_eq!(log.storage().device.bytes(), bytes, "nothing is written");
            }
            None => assert_eq!(opened(&mut log, None), Ok(vec![1, 2, 3, 4]), "sector {sector}"),
        }
    }
}

#[test]
fn a_damaged_log_opens_without_the_requests_that_are_given_up() {
    let bytes = four(|number| number);
    for sector in 0..5 * ENTRY / SECTOR {
        let Some(lost) = lost(sector) else { continue };
        let mut first = log(&bytes, bad(sector));
        let kept: Vec<u64> = (1..lost.first).collect();
        assert_eq!(opened(&mut first, Some(lost)).as_ref(), Ok(&kept), "sector {sector}");
        // The device has replaced the sector.
        first.storage_mut().wrong = None;
        assert_eq!(first.append(&[9; 100]), Ok(lost.first));
        first.flush().expect("a sound device");
        let mut again = log(first.storage().device.bytes(), None);
        let all: Vec<u64> = (1..=lost.first).collect();
        assert_eq!(opened(&mut again, None), Ok(all), "sector {sector}");
    }
}

#[test]
fn a_request_that_was_given_up_does_not_return_if_its_sector_is_readable_again() {
    // A sector that is erased reads as the request did.
    let bytes = four(|_| 0);
    for sector in 0..4 * ENTRY / SECTOR {
        let lost = lost(sector).expect("a sector of a request");
        let mut log = log(&bytes, bad(sector));
        opened(&mut log, Some(lost)).expect("the loss is given up");
        log.storage_mut().wrong = None;
        let kept: Vec<u64> = (1..lost.first).collect();
        assert_eq!(opened(&mut log, None), Ok(kept), "sector {sector}");
    }
}

#[test]
fn a_log_does_not_open_without_more_than_is_given_up() {
    let bytes = four(|number| number);
    let sector = ENTRY / SECTOR;
    let actual = lost(sector).expect("a sector of the second request");
    let less = LostRequests { last: 2, ..actual };
    let later = LostRequests { first: 3, ..actual };
    for given_up in [less, later] {
        let mut log = log(&bytes, bad(sector));
        let refused = Err(RequestLogError::Damaged(actual));
        assert_eq!(opened(&mut log, Some(given_up)), refused, "{given_up:?}");
        assert_eq!(log.storage().device.bytes(), bytes, "nothing is written");
    }
    let more = LostRequests { first: 1, ..actual };
    assert_eq!(opened(&mut log(&bytes, bad(sector)), Some(more)), Ok(vec![1]));
    assert_eq!(opened(&mut log(&bytes, None), Some(more)), Ok(vec![1, 2, 3, 4]));
}

#[test]
fn a_read_that_fails_once_is_tried_again() {
    let bytes = four(|number| number);
    for read in 0..2 {
        let mut log = log(&bytes, Some(Wrong::Fails(Access::Read, read)));
        assert_eq!(opened(&mut log, None), Ok(vec![1, 2, 3, 4]), "read {read}");
    }
}

#[test]
fn a_damaged_copy_of_the_label_is_written_again() {
    let bytes = four(|number| number);
    for copy in 0..2 {
        let at = copy * SECTOR;
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        for (bytes, wrong) in
            [(&damaged, None), (&bytes, Some(Wrong::Bad(Access::Read, at as u64)))]
        {
            let mut log = log(bytes, wrong);
            assert_eq!(opened(&mut log, None), Ok(vec![1, 2, 3, 4]));
            assert_eq!(log.storage().device.bytes()[..LABEL], four(|it| it)[..LABEL]);
        }
    }
}
