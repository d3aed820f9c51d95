//! Tests of the messages of errors: each says what is wrong and what to do.

use std::error::Error;
use std::io::ErrorKind;

use downbeat_lsm::forest::{InvalidStore, StoreError};
use downbeat_lsm::request_log::{InvalidRequestLog, LostRequests, RequestLogError};
use downbeat_lsm::state_machine::{ServiceError, WorkloadError};
use downbeat_lsm::storage::{Access, Fault};

#[test]
fn errors_of_logs_and_services_say_what_to_do() {
    let fault = Fault::new(Access::Flush, 0, &ErrorKind::StorageFull.into());
    let cases: [(&dyn Error, &str); 21] = [
        (
            &InvalidRequestLog::RequestSize { request_size_max: 0 },
            "request_size_max is 0: set it to a number from 1 to 16777216",
        ),
        (&InvalidRequestLog::NoRequests, "requests_max is 0: set it to 1 or more"),
        (
            &InvalidRequestLog::SectorTooSmall { sector_size: 32 },
            "a sector of the log has 32 bytes, but an entry begins with 64: use larger sectors",
        ),
        (
            &InvalidRequestLog::DeviceTooSmall { size: 10, needed: 20 },
            "the device of the log has 10 bytes, but 20 are needed: make it larger or the limits \
             lower",
        ),
        (&RequestLogError::Closed, "the request log is closed: open or format it first"),
        (
            &RequestLogError::Failed(fault),
            "the request log has failed: the device cannot make writes durable: no storage space",
        ),
        (&RequestLogError::Gone, "the device of the request log completes no operations"),
        (
            &RequestLogError::Damaged(LostRequests { first: 7, last: 7, intact: 0 }),
            "the log is damaged: request 7 was durable, and is missing or damaged",
        ),
        (
            &RequestLogError::Damaged(LostRequests { first: 7, last: 9, intact: 1 }),
            "the log is damaged: request 7 was durable, and is missing or damaged; of the 2 after \
             it, up to 9, 1 are intact",
        ),
        (
            &RequestLogError::Damaged(LostRequests { first: 7, last: 6, intact: 0 }),
            "the log is damaged: request 7 may have been durable, and is unreadable",
        ),
        (
            &RequestLogError::NotFormatted,
            "the device of the request log has no label: format it, unless it is the wrong device",
        ),
        (
            &RequestLogError::OtherOptions,
            "the request log was formatted with other sizes of sectors or requests: use the same",
        ),
        (
            &RequestLogError::OtherLog { number: 4 },
            "the device is that of log 4, which belongs to another store",
        ),
        (
            &ServiceError::InvalidLog(InvalidRequestLog::NoRequests),
            "requests_max is 0: set it to 1 or more",
        ),
        (
            &ServiceError::Log(RequestLogError::Closed),
            "the request log is closed: open or format it first",
        ),
        (
            &ServiceError::Store(StoreError::Invalid(InvalidStore::Zero { option: "scans_max" })),
            "scans_max is 0: set it to 1 or more",
        ),
        (
            &ServiceError::InvalidRequest { place: 3 },
            "request 3 has an invalid body: none was executed",
        ),
        (
            &ServiceError::Full { place: 2 },
            "the store is full for request 2: those before were executed; remove records, and run \
             beats",
        ),
        (
            &ServiceError::UnknownOperation { number: 200 },
            "the log has a request of operation 200, which is unknown",
        ),
        (
            &WorkloadError::WrongReply { request: 5 },
            "the reply to request 5 differs from the request",
        ),
        (&WorkloadError::UnexpectedReply, "a reply without a request"),
    ];
    for (error, said) in cases {
        assert_eq!(error.to_string(), said);
    }
}
