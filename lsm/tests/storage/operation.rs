//! Tests of operations that a storage refuses.

use downbeat_lsm::storage::{Access, SharedBuffer};
use downbeat_lsm::storage::{Buffer, Fault, MemoryStorage, Operation, Span, Storage};

use crate::device::{OWNER, span};

fn submit(span: Span, buffer: Buffer) {
    MemoryStorage::new(2048, 512).submit(Operation::Read { span, buffer }, OWNER);
}

#[test]
fn the_largest_span_is_valid() {
    submit(span(0, 2048), Buffer::new(2048));
}

#[test]
#[should_panic(expected = "storage: a span must not be empty (offset 512)")]
fn an_empty_span_is_refused() {
    submit(span(512, 0), Buffer::new(512));
}

#[test]
#[should_panic(expected = "storage: a span must be of whole sectors (offset 512, length 500)")]
fn a_part_of_a_sector_is_refused() {
    submit(span(512, 500), Buffer::new(512));
}

#[test]
#[should_panic(expected = "storage: a span must be of whole sectors (offset 100, length 512)")]
fn a_span_between_sectors_is_refused() {
    submit(span(100, 512), Buffer::new(512));
}

#[test]
#[should_panic(expected = "storage: a span must end within the device (offset 1536, length 1024)")]
fn a_span_over_the_end_is_refused() {
    submit(span(1536, 1024), Buffer::new(1024));
}

#[test]
#[should_panic(expected = "storage: a span must end within the device")]
fn a_span_whose_end_overflows_is_refused() {
    submit(span(u64::MAX - 511, 512), Buffer::new(512));
}

#[test]
#[should_panic(expected = "storage: a buffer must be at least as long as its span (512, 1024)")]
fn a_buffer_that_is_too_short_is_refused() {
    let buffer: SharedBuffer = Buffer::new(512).share();
    let write = Operation::Write { span: span(0, 1024), buffer };
    MemoryStorage::new(2048, 512).submit(write, OWNER);
}

#[test]
fn reads_and_writes_have_a_span_and_flushes_have_none() {
    let read = Operation::Read { span: span(512, 1024), buffer: Buffer::new(1024) };
    assert_eq!(read.span(), Some(span(512, 1024)));
    let buffer = Buffer::new(512).share();
    assert_eq!(Operation::Write { span: span(0, 512), buffer }.span(), Some(span(0, 512)));
    assert_eq!(Operation::Flush.span(), None);
}

#[test]
fn a_fault_names_the_operation_and_its_place() {
    let fault = |access| Fault::new(access, 512, &std::io::ErrorKind::StorageFull.into());
    let said = [Access::Read, Access::Write, Access::Flush].map(|access| fault(access).to_string());
    assert_eq!(
        said,
        [
            "the device cannot read at byte 512: no storage space",
            "the device cannot write at byte 512: no storage space",
            "the device cannot make writes durable: no storage space",
        ]
    );
}

#[test]
fn a_fault_keeps_the_number_of_the_systems_error() {
    let error = std::io::Error::from_raw_os_error(28);
    let fault = Fault::new(Access::Write, 512, &error);
    assert_eq!((fault.kind, fault.code), (error.kind(), Some(28)));
    assert_eq!(fault.error().raw_os_error(), Some(28));
    assert_eq!(fault.to_string(), format!("the device cannot write at byte 512: {error}"));
    assert!(fault.to_string().contains("os error 28"), "{fault}");
}
