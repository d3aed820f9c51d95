//! A device in memory that fails on demand, and the checks that any storage must pass.

use std::io;

use downbeat_lsm::storage::{
    Buffer, Completion, Device, Fault, Operation, Owner, Span, Storage, Ticket,
};

pub(crate) const OWNER: Owner = Owner { component: 7, slot: 9 };

/// Bytes in memory. Each kind of call fails while its flag is set.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    pub(crate) bytes: Vec<u8>,
    pub(crate) reads_fail: bool,
    pub(crate) writes_fail: bool,
    pub(crate) syncs_fail: bool,
    pub(crate) syncs: u32,
    /// The numbers of slices of the calls that wrote several.
    pub(crate) joined: Vec<usize>,
    /// The offset at which writes fail.
    pub(crate) bad: Option<u64>,
}

impl Bytes {
    pub(crate) fn new(size: usize) -> Self {
        Self { bytes: vec![0; size], ..Self::default() }
    }
}

fn check(fails: bool) -> io::Result<()> {
    if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}

impl Device for Bytes {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        check(self.reads_fail)?;
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        check(self.writes_fail || self.bad == Some(offset))?;
        self.bytes[offset as usize..][..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn write_slices_at(
        &mut self,
        slices: &[io::IoSlice<'_>],
        mut offset: u64,
    ) -> (usize, io::Result<()>) {
        self.joined.push(slices.len());
        for (written, slice) in slices.iter().enumerate() {
            if let Err(error) = self.write_all_at(slice, offset) {
                return (written, Err(error));
            }
            offset += slice.len() as u64;
        }
        (slices.len(), Ok(()))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.syncs += 1;
        check(self.syncs_fail)
    }
}

pub(crate) fn span(offset: u64, length: usize) -> Span {
    Span { offset, length }
}

/// A buffer filled with this byte.
pub(crate) fn filled(length: usize, byte: u8) -> Buffer {
    let mut buffer = Buffer::new(length);
    buffer.bytes_mut().fill(byte);
    buffer
}

pub(crate) fn submit_write(storage: &mut impl Storage, span: Span, byte: u8) -> Ticket {
    let buffer = filled(span.length, byte).share();
    storage.submit(Operation::Write { span, buffer }, OWNER)
}

pub(crate) fn submit_read(storage: &mut impl Storage, span: Span) -> Ticket {
    storage.submit(Operation::Read { span, buffer: Buffer::new(span.length) }, OWNER)
}

/// Completes one operation, which must be the one of this ticket. Returns the bytes of a read.
pub(crate) fn complete(storage: &mut impl Storage, wanted: Ticket) -> Result<Vec<u8>, Fault> {
    let Completion { ticket, owner, operation, result } =
        storage.step().expect("an operation is queued");
    assert_eq!((ticket, owner), (wanted, OWNER));
    result.map(|()| match operation {
        Operation::Read { span, buffer } => buffer.bytes()[..span.length].to_vec(),
        Operation::Write { .. } | Operation::Flush => Vec::new(),
    })
}

pub(crate) fn write(storage: &mut impl Storage, span: Span, byte: u8) -> Result<(), Fault> {
    let ticket = submit_write(storage, span, byte);
    complete(storage, ticket).map(drop)
}

pub(crate) fn read(storage: &mut impl Storage, span: Span) -> Result<Vec<u8>, Fault> {
    let ticket = submit_read(storage, span);
    complete(storage, ticket)
}

pub(crate) fn flush(storage: &mut impl Storage) -> Result<(), Fault> {
    let ticket = storage.submit(Operation::Flush, OWNER);
    complete(storage, ticket).map(drop)
}

/// Checks the behaviour of a sound storage of 4 sectors of 512 bytes, all zero.
pub(crate) fn behaves_as_a_storage(storage: &mut impl Storage) {
    assert_eq!((storage.size(), storage.sector_size()), (2048, 512));
    assert_eq!(storage.queued(), 0);
    assert!(storage.step().is_none() && storage.abandon().is_none());

    // Nothing completes before a step, and each step completes one operation.
    let first = submit_write(storage, span(512, 1024), 1);
    let second = submit_read(storage, span(0, 2048));
    let third = storage.submit(Operation::Flush, OWNER);
    assert!(first != second && second != third && first != third);
    assert_eq!(storage.queued(), 3);
    assert_eq!(complete(storage, first), Ok(Vec::new()));
    assert_eq!(storage.queued(), 2);
    let bytes = complete(storage, second).expect("reads work");
    assert!(bytes[..512].iter().chain(&bytes[1536..]).all(|byte| *byte == 0));
    assert!(bytes[512..1536].iter().all(|byte| *byte == 1));
    assert_eq!(complete(storage, third), Ok(Vec::new()));

    // Of a longer buffer only the span is used.
    let buffer = filled(4096, 2).share();
    let ticket = storage.submit(Operation::Write { span: span(1536, 512), buffer }, OWNER);
    assert_eq!(complete(storage, ticket), Ok(Vec::new()));
    let operation = Operation::Read { span: span(1536, 512), buffer: filled(4096, 3) };
    let ticket = storage.submit(operation, OWNER);
    let completion = storage.step().expect("an operation is queued");
    assert_eq!((completion.ticket, completion.result), (ticket, Ok(())));
    let Operation::Read { buffer, .. } = completion.operation else { panic!("it was a read") };
    assert!(buffer.bytes()[..512].iter().all(|byte| *byte == 2));
    assert!(buffer.bytes()[512..].iter().all(|byte| *byte == 3));

    // An abandoned operation does not complete.
    submit_write(storage, span(0, 512), 4);
    let last = submit_read(storage, span(0, 512));
    let abandoned = storage.abandon().expect("an operation is queued");
    assert_eq!(abandoned.span(), Some(span(0, 512)));
    assert_eq!(storage.queued(), 1);
    let bytes = complete(storage, last).expect("reads work");
    assert!(bytes.iter().all(|byte| *byte == 0));
    assert!(storage.abandon().is_none());
}
