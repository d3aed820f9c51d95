//! The request log: what it contains after a crash, and which damage it reports.

use downbeat_lsm::request_log::{
    InvalidRequestLog, LostRequests, RequestLog, RequestLogError, RequestLogOptions,
};
use downbeat_lsm::storage::{MemoryStorage, Storage};

use crate::random::Random;

const OPTIONS: RequestLogOptions = RequestLogOptions { request_size_max: 300, requests_max: 6 };
const SECTOR: usize = 64;

/// The bytes of the label, before the first entry.
const LABEL: usize = 2 * SECTOR;

fn device() -> MemoryStorage {
    MemoryStorage::new(OPTIONS.device_size(SECTOR) as usize, SECTOR)
}

fn log(device: MemoryStorage) -> RequestLog<MemoryStorage> {
    RequestLog::new(device, &OPTIONS, 7).expect("valid options")
}

/// Opens a copy of the log's device. Returns the requests after the checkpoint.
fn opened(bytes: &[u8], checkpoint: u64) -> Result<Vec<(u64, Vec<u8>)>, RequestLogError> {
    let mut copy = device();
    copy.bytes_mut().copy_from_slice(bytes);
    let mut log = log(copy);
    let mut found = Vec::new();
    log.open(checkpoint, checkpoint, |op, request| {
        found.push((op, request.to_vec()));
        Ok::<_, RequestLogError>(())
    })?;
    assert_eq!(log.last(), checkpoint + found.len() as u64);
    assert_eq!(log.durable(), log.last());
    Ok(found)
}

#[test]
fn a_log_returns_the_requests_after_the_checkpoint_over_many_rounds() {
    let mut random = Random(1);
    let mut log = log(device());
    log.format().expect("a sound device");
    let mut requests = Vec::new();
    let mut released = 0;
    for _ in 0..300 {
        let count = random.below(u64::from(log.room()) + 1);
        for _ in 0..count {
            let size = 1 + random.below(300) as usize;
            let request: Vec<u8> = (0..size).map(|_| random.below(256) as u8).collect();
            let op = log.append(&request).expect("a sound device");
            requests.push((op, request));
        }
        log.flush().expect("a sound device");
        // A device that is opened after a crash has a checkpoint from the last release on.
        let checkpoint = released + random.below(log.last() - released + 1);
        let device = log.into_storage();
        let due: Vec<_> = requests.iter().filter(|(op, _)| *op > checkpoint).cloned().collect();
        assert_eq!(opened(device.bytes(), checkpoint), Ok(due));
        log = self::log(device);
        log.open(checkpoint, checkpoint, |_, _| Ok::<_, RequestLogError>(()))
            .expect("a sound device");
        released = checkpoint;
        requests.retain(|(op, _)| *op > checkpoint);
    }
    assert!(log.last() > 200, "the log goes around its device many times ({})", log.last());
}

#[test]
fn a_torn_tail_is_cut_off_and_does_not_return() {
    let mut log = log(device());
    log.format().expect("a sound device");
    log.append(&[1; 100]).expect("a sound device");
    log.flush().expect("a sound device");
    log.append(&[2; 100]).expect("a sound device");
    log.append(&[3; 100]).expect("a sound device");
    let mut device = log.into_storage();
    // Of the requests that were not flushed, only the second survives.
    let second = LABEL + 192;
    device.bytes_mut()[second + 70] ^= 1;
    let mut log = self::log(device);
    log.open(0, 0, |_, _| Ok::<_, RequestLogError>(())).expect("only unflushed requests are torn");
    assert_eq!(log.last(), 1);
    log.append(&[2; 100]).expect("a sound device");
    log.flush().expect("a sound device");
    // The third request was erased, although the same second request precedes it again.
    let found = opened(log.into_storage().bytes(), 0);
    assert_eq!(found, Ok(vec![(1, vec![1; 100]), (2, vec![2; 100])]));
}

#[test]
fn a_request_that_was_cut_off_does_not_return_if_its_damage_passes() {
    // The device has room for seven of these entries, so the eighth is at its start.
    for (last, offset) in [(3, LABEL + 2 * 384), (8, LABEL)] {
        let mut log = log(device());
        log.format().expect("a sound device");
        for op in 1..=last {
            log.append(&[1; 300]).expect("a sound device");
            log.flush().expect("a sound device");
            log.release(op - 1);
        }
        let mut device = log.into_storage();
        device.bytes_mut()[offset] ^= 1;
        let mut log = self::log(device);
        let cut = log.open(last - 2, last - 2, |_, _| Ok::<_, RequestLogError>(()));
        assert_eq!((cut, log.last()), (Ok(()), last - 1));
        let mut device = log.into_storage();
        device.bytes_mut()[offset] ^= 1;
        let found = opened(device.bytes(), last - 2).expect("a sound log");
        assert_eq!(found.len(), 1, "request {last} returns");
    }
}

#[test]
fn a_request_that_contains_the_bytes_of_an_entry_is_only_a_request() {
    // An entry of another device with the same number: request 3, which says that 2 was durable.
    let mut other = log(device());
    other.format().expect("a sound device");
    for _ in 0..3 {
        other.append(&[7; 20]).expect("a sound device");
        other.flush().expect("a sound device");
    }
    let entry = &other.into_storage().bytes()[2 * 128..3 * 128].to_vec();
    // At each distance from the beginning of a sector.
    for before in 0..SECTOR {
        let request = [&vec![0; before], entry.as_slice()].concat();
        let mut log = log(device());
        log.format().expect("a sound device");
        log.append(&request).expect("a sound device");
        log.flush().expect("a sound device");
        assert_eq!(opened(log.into_storage().bytes(), 0), Ok(vec![(1, request)]));
    }
}

#[test]
fn damage_of_a_durable_request_is_reported() {
    let mut log = log(device());
    log.format().expect("a sound device");
    for number in 1..=4 {
        log.append(&[number; 100]).expect("a sound device");
        log.flush().expect("a sound device");
    }
    let sound = log.into_storage();
    for byte in 0..4 * 192 {
        let mut bytes = sound.bytes().to_vec();
        bytes[LABEL + byte] ^= 1;
        let entry = byte / 192;
        let found = opened(&bytes, 0);
        match entry {
            // The checksum covers the header and the request, and not the zeros after it.
            _ if byte % 192 >= 168 => assert_eq!(found.expect("only zeros changed").len(), 4),
            // No later entry says that the last request was durable.
            3 => assert_eq!(found.expect("the last request may be torn").len(), 3),
            _ => {
                let first = entry as u64 + 1;
                let lost = LostRequests { first, last: 3, intact: 3 - first };
                assert_eq!(found, Err(RequestLogError::Damaged(lost)));
            }
        }
    }
}

#[test]
fn a_log_with_fewer_requests_than_the_caller_knows_is_damaged() {
    let mut log = log(device());
    log.format().expect("a sound device");
    for number in 1..=3 {
        log.append(&[number; 100]).expect("a sound device");
    }
    log.flush().expect("a sound device");
    let device = log.into_storage();
    let open = |durable| {
        let mut copy = self::device();
        copy.bytes_mut().copy_from_slice(device.bytes());
        self::log(copy).open(1, durable, |_, _| Ok::<_, RequestLogError>(()))
    };
    assert_eq!(open(3), Ok(()));
    let lost = LostRequests { first: 4, last: 4, intact: 0 };
    assert_eq!(open(4), Err(RequestLogError::Damaged(lost)));
}

#[test]
fn the_device_of_another_log_is_refused() {
    let mut log = log(device());
    log.format().expect("a sound device");
    log.append(b"earlier").expect("a sound device");
    log.flush().expect("a sound device");
    let mut other = RequestLog::new(log.into_storage(), &OPTIONS, 8).expect("valid options");
    let opened = other.open(0, 0, |_, _| Ok::<_, RequestLogError>(()));
    assert_eq!(opened, Err(RequestLogError::OtherLog { number: 7 }));
    other.format().expect("a sound device");
    assert_eq!(other.open(0, 0, |_, _| Ok::<_, RequestLogError>(())), Ok(()));
}

#[test]
fn a_device_without_its_label_is_refused() {
    assert_eq!(opened(device().bytes(), 0), Err(RequestLogError::NotFormatted));
    let mut log = log(device());
    log.format().expect("a sound device");
    log.append(b"request").expect("a sound device");
    log.flush().expect("a sound device");
    let mut device = log.into_storage();
    for (copy, found) in
        [(0, Ok(vec![(1, b"request".to_vec())])), (1, Err(RequestLogError::NotFormatted))]
    {
        device.bytes_mut()[copy * SECTOR + 20] ^= 1;
        assert_eq!(opened(device.bytes(), 0), found, "{copy}");
    }
}

#[test]
fn a_log_with_other_sizes_is_refused_and_keeps_its_requests() {
    let mut log = log(MemoryStorage::new(1 << 14, SECTOR));
    log.format().expect("a sound device");
    for size in [10, 290, 10] {
        log.append(&vec![1; size]).expect("a sound device");
    }
    log.flush().expect("a sound device");
    let device = log.into_storage();
    let open = |options: RequestLogOptions, sector_size: usize| {
        let mut copy = MemoryStorage::new(1 << 14, sector_size);
        copy.bytes_mut().copy_from_slice(device.bytes());
        let mut log = RequestLog::new(copy, &options, 7).expect("valid options");
        let opened = log.open(0, 0, |_, _| Ok::<_, RequestLogError>(()));
        assert!(opened.is_ok() || log.storage().bytes() == device.bytes(), "nothing is erased");
        opened
    };
    let smaller = RequestLogOptions { request_size_max: 100, ..OPTIONS };
    let fewer = RequestLogOptions { requests_max: 3, ..OPTIONS };
    for (options, sector_size) in [(smaller, SECTOR), (fewer, SECTOR), (OPTIONS, 2 * SECTOR)] {
        assert_eq!(open(options, sector_size), Err(RequestLogError::OtherOptions));
    }
    assert_eq!(open(OPTIONS, SECTOR), Ok(()));
}

#[test]
fn many_requests_of_a_group_share_few_buffers() {
    let many = RequestLogOptions { request_size_max: 300, requests_max: 400 };
    let device = MemoryStorage::new(many.device_size(SECTOR) as usize, SECTOR);
    let mut log = RequestLog::new(device, &many, 7).expect("valid options");
    log.format().expect("a sound device");
    for op in 1..=400 {
        assert_eq!(log.append(&[1; 300]), Ok(op));
        assert!(log.storage().queued() <= 32, "{op}");
    }
    log.flush().expect("a sound device");
    assert_eq!(log.durable(), 400);
}

#[test]
fn options_that_cannot_work_are_refused() {
    let new = |options: RequestLogOptions| RequestLog::new(device(), &options, 1).err();
    let empty = RequestLogOptions { request_size_max: 0, ..OPTIONS };
    assert_eq!(new(empty), Some(InvalidRequestLog::RequestSize { request_size_max: 0 }));
    let none = RequestLogOptions { requests_max: 0, ..OPTIONS };
    assert_eq!(new(none), Some(InvalidRequestLog::NoRequests));
    let more = RequestLogOptions { requests_max: 7, ..OPTIONS };
    let (size, needed) = (OPTIONS.device_size(SECTOR), more.device_size(SECTOR));
    assert_eq!(new(more), Some(InvalidRequestLog::DeviceTooSmall { size, needed }));
    let small = RequestLog::new(MemoryStorage::new(4096, 32), &OPTIONS, 1).err();
    assert_eq!(small, Some(InvalidRequestLog::SectorTooSmall { sector_size: 32 }));
}

#[test]
#[should_panic(expected = "request_log: requests must be released before more are appended")]
fn a_full_log_takes_no_request() {
    let mut log = log(device());
    log.format().expect("a sound device");
    for _ in 0..7 {
        let _ = log.append(b"request");
    }
}
