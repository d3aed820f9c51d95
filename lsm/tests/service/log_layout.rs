//! The request log: entries that lie across the pieces that are read at once, entries of another
//! chain, and calls that are refused.

use std::io::ErrorKind;

use downbeat_lsm::request_log::{RequestLog, RequestLogError, RequestLogOptions};
use downbeat_lsm::storage::{Access, Fault, MemoryStorage};

use crate::frail::{Frail, Wrong};

const OPTIONS: RequestLogOptions = RequestLogOptions { request_size_max: 300, requests_max: 6 };
const SECTOR: usize = 64;

/// The bytes of the label, before the first entry.
const LABEL: usize = 2 * SECTOR;

/// The bytes of an entry with a request of 100 bytes.
const ENTRY: usize = 3 * SECTOR;

fn device(options: &RequestLogOptions) -> MemoryStorage {
    MemoryStorage::new(options.device_size(SECTOR) as usize, SECTOR)
}

fn formatted() -> RequestLog<MemoryStorage> {
    let mut log = RequestLog::new(device(&OPTIONS), &OPTIONS, 7).expect("valid options");
    log.format().expect("a sound device");
    log
}

/// Opens a log, and returns its requests.
fn opened(
    device: MemoryStorage,
    options: &RequestLogOptions,
) -> Result<Vec<Vec<u8>>, RequestLogError> {
    let mut log = RequestLog::new(device, options, 7).expect("valid options");
    let mut found = Vec::new();
    log.open(0, 0, |_, request| {
        found.push(request.to_vec());
        Ok::<_, RequestLogError>(())
    })?;
    Ok(found)
}

#[test]
fn requests_that_lie_across_two_pieces_are_found() {
    // A piece has 1 MiB.
    let options = RequestLogOptions { request_size_max: 300_000, requests_max: 9 };
    let mut log = RequestLog::new(device(&options), &options, 7).expect("valid options");
    log.format().expect("a sound device");
    let requests: Vec<Vec<u8>> = (1..=9_u8)
        .map(|number| vec![number; if number % 2 == 0 { 300_000 } else { 170_001 }])
        .collect();
    for request in &requests {
        log.append(request).expect("a sound device");
    }
    log.flush().expect("a sound device");
    let mut device = log.into_storage();
    // The fifth request lies across the first two pieces. Its damage is found as well.
    let mut damaged = MemoryStorage::new(device.bytes().len(), SECTOR);
    damaged.bytes_mut().copy_from_slice(device.bytes());
    assert_eq!(opened(damaged, &options), Ok(requests.clone()));
    for at in [LABEL + (1 << 20) - SECTOR, LABEL + (1 << 20)] {
        assert_eq!(device.bytes()[at], 5);
    }
    device.bytes_mut()[LABEL + (1 << 20)] = 0;
    assert_eq!(opened(device, &options), Ok(requests[..4].to_vec()));
}

#[test]
fn a_request_that_followed_another_request_is_cut_off() {
    // Two logs with the same first request. The third request follows only one of the second ones.
    let with_second = |second: u8| {
        let mut log = formatted();
        log.append(&[1; 100]).expect("a sound device");
        log.flush().expect("a sound device");
        log.append(&[second; 100]).expect("a sound device");
        log.append(&[3; 100]).expect("a sound device");
        log.flush().expect("a sound device");
        log.into_storage()
    };
    let (one, mut other) = (with_second(2), with_second(9));
    let third = LABEL + 2 * ENTRY..LABEL + 3 * ENTRY;
    other.bytes_mut()[third.clone()].copy_from_slice(&one.bytes()[third]);
    assert_eq!(opened(other, &OPTIONS), Ok(vec![vec![1; 100], vec![9; 100]]));
}

#[test]
fn a_closed_log_refuses_requests() {
    let mut log = RequestLog::new(device(&OPTIONS), &OPTIONS, 7).expect("valid options");
    assert_eq!(log.append(b"request"), Err(RequestLogError::Closed));
    assert_eq!(log.flush(), Err(RequestLogError::Closed));
    log.format().expect("a sound device");
    assert_eq!(log.append(b"request"), Ok(1));
}

#[test]
fn a_log_whose_device_is_gone_is_closed_until_it_is_opened_again() {
    let device = Frail::new(device(&OPTIONS));
    let mut log = RequestLog::new(device, &OPTIONS, 7).expect("valid options");
    log.format().expect("a sound device");
    log.append(b"request").expect("a sound device");
    log.storage_mut().wrong = Some(Wrong::Gone(0));
    assert_eq!(log.flush(), Err(RequestLogError::Gone));
    assert_eq!(log.append(b"request"), Err(RequestLogError::Closed));
    let visit = |_, _: &[u8]| Ok::<_, RequestLogError>(());
    assert_eq!(log.open(0, 0, visit), Err(RequestLogError::Gone));
    log.storage_mut().wrong = None;
    assert_eq!(log.open(0, 0, visit), Ok(()));
}

#[test]
fn a_log_whose_formatting_ended_before_its_label_was_written_is_refused() {
    let opened = [0, 1, 2, 3, 4].map(|operations| {
        let mut device = Frail::new(device(&OPTIONS));
        device.wrong = Some(Wrong::Gone(operations));
        let mut log = RequestLog::new(device, &OPTIONS, 7).expect("valid options");
        assert_eq!(log.format(), Err(RequestLogError::Gone), "after {operations} operations");
        assert_eq!(log.append(b"request"), Err(RequestLogError::Closed));
        log.storage_mut().wrong = None;
        log.open(0, 0, |_, _| Ok::<_, RequestLogError>(()))
    });
    // Zeros and a flush are followed by two copies of the label and a flush.
    let missing = Err(RequestLogError::NotFormatted);
    assert_eq!(opened, [missing, missing, missing, Ok(()), Ok(())]);
}

#[test]
fn a_log_whose_flush_failed_refuses_requests_until_it_is_opened_again() {
    let device = Frail::new(device(&OPTIONS));
    let mut log = RequestLog::new(device, &OPTIONS, 7).expect("valid options");
    log.format().expect("a sound device");
    log.append(b"request").expect("a sound device");
    log.storage_mut().wrong = Some(Wrong::Fails(Access::Flush, 0));
    let fault = Fault::new(Access::Flush, 0, &ErrorKind::Other.into());
    let failed = RequestLogError::Failed(fault);
    assert_eq!(log.flush(), Err(failed));
    assert_eq!(log.append(b"request"), Err(failed));
    assert_eq!(log.flush(), Err(failed));
    let mut found = Vec::new();
    let opened = log.open(0, 0, |op, _| {
        found.push(op);
        Ok::<_, RequestLogError>(())
    });
    assert_eq!((opened, found), (Ok(()), vec![1]));
    assert_eq!(log.append(b"request"), Ok(2));
}

#[test]
#[should_panic(expected = "request_log: a request must have from 1 to 300 bytes (0)")]
fn an_empty_request_is_not_appended() {
    let _ = formatted().append(&[]);
}

#[test]
#[should_panic(expected = "request_log: a request must have from 1 to 300 bytes (301)")]
fn a_request_that_is_too_large_is_not_appended() {
    let _ = formatted().append(&[1; 301]);
}
