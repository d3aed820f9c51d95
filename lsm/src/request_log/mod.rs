//! A log of requests on a device of its own: the requests since the last checkpoint, which a
//! service repeats after a crash.
//!
//! ```text
//! append .. append --> flush        the requests of a group become durable together
//! checkpoint of op C --> release(C) the space of the requests up to C is used again
//! open(C) --> C + 1, C + 2, ..      the durable requests after the checkpoint
//!
//! device   [ label ][ 7 ][ 8  ][ 9 ][   free   ][ 5 ][ 6 ]
//!                   a ring; each entry begins at a sector
//! ```
//!
//! - Requests are numbered without gaps. Each entry contains the checksum of the entry before it.
//!   No bytes of a request look like an entry.
//! - An entry that was not flushed may be torn. Opening ends at the first entry that is missing or
//!   torn, and erases what comes after it, so that no unacknowledged request can return later.
//! - Each entry contains the number of the last request that was durable when the entry was
//!   written. If that request is missing, or one that the caller knows to be durable, the log is
//!   damaged: opening returns an error instead of fewer requests. Damage of the entries of the last
//!   group cannot be distinguished from a crash during its flush, unless a sector is unreadable: a
//!   crash does not cause that.
//! - An unreadable sector matters only where it hides a request after the checkpoint. Opening reads
//!   around it, and writes it again. The error of a damaged log says which requests are lost, and
//!   [`RequestLog::open_without`] opens the log without them.
//! - Formatting erases the device, and then writes the label: the number of the log and its sizes.
//!   A device without this label is refused: it was not formatted, belongs to another log, or was
//!   formatted with other sizes.
//! - Space is used again only after [`RequestLog::release`], which the caller calls when the
//!   superblock that covers the requests is durable.
//! - After a failed write or flush, nothing is written until the log is opened again.
//!
//! Files: `entry` and `label` are the formats, `open` finds the entries, `sectors` reads around
//! unreadable sectors, `lost` is what a damaged log has lost, and `error` has the errors. The log
//! itself is here.

mod entry;
mod error;
mod label;
mod lost;
mod open;
mod sectors;

pub use error::{InvalidRequestLog, RequestLogError};
pub use lost::LostRequests;

use std::collections::VecDeque;

use crate::storage::{Buffer, Completion, Fault, Operation, Owner, Span, Storage};

use entry::{EntryHeader, HEADER_SIZE, entry_size};

/// The component number of request logs in [`Owner`].
pub const REQUEST_LOG_OWNER: u16 = 3;

/// The maximum number of writes that wait for the device. Each has a buffer.
const WRITES_MAX: usize = 32;

/// The sizes of a request log. They must be the same each time the log is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLogOptions {
    /// The largest request, in bytes, from 1 to 2^24.
    pub request_size_max: u32,
    /// The maximum number of requests that are neither released nor erased, 1 or more. They fit on
    /// the device, whatever their sizes.
    pub requests_max: u32,
}

impl RequestLogOptions {
    /// The maximum of `request_size_max`, inclusive.
    pub const REQUEST_SIZE_MAX: u32 = 1 << 24;

    /// The size that a device with these sectors needs, in bytes.
    #[must_use]
    pub fn device_size(&self, sector_size: usize) -> u64 {
        // An entry does not cross the end of the device, so one entry more may be left free.
        let ring = (u64::from(self.requests_max) + 1) * self.entry_size_max(sector_size);
        ring + (label::COPIES * sector_size) as u64
    }

    /// The size of the largest entry: a number of whole sectors.
    fn entry_size_max(&self, sector_size: usize) -> u64 {
        entry_size(self.request_size_max as usize, sector_size)
    }

    fn validate<S: Storage>(&self, storage: &S) -> Result<(), InvalidRequestLog> {
        let Self { request_size_max, requests_max } = *self;
        if !(1..=Self::REQUEST_SIZE_MAX).contains(&request_size_max) {
            return Err(InvalidRequestLog::RequestSize { request_size_max });
        }
        if requests_max == 0 {
            return Err(InvalidRequestLog::NoRequests);
        }
        if storage.sector_size() < HEADER_SIZE {
            return Err(InvalidRequestLog::SectorTooSmall { sector_size: storage.sector_size() });
        }
        let (size, needed) = (storage.size(), self.device_size(storage.sector_size()));
        if size < needed {
            return Err(InvalidRequestLog::DeviceTooSmall { size, needed });
        }
        Ok(())
    }
}

/// A log of requests; see the [module](self).
#[derive(Debug)]
pub struct RequestLog<S: Storage> {
    options: RequestLogOptions,
    storage: S,
    /// Distinguishes the entries of this log from those of other logs.
    number: u64,
    /// The entries that are not released, oldest first.
    entries: VecDeque<Place>,
    /// The number of the last request.
    last: u64,
    /// The checksum of the last entry.
    checksum: u128,
    /// Where the next entry begins in the ring.
    end: u64,
    /// The number of the last request that is durable.
    durable: u64,
    buffers: Vec<Buffer>,
    /// The number of operations that were submitted and have not completed.
    waiting: usize,
    state: State,
}

/// Where an entry is in the ring.
#[derive(Clone, Copy, Debug)]
struct Place {
    op: u64,
    offset: u64,
    size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open,
    Failed(Fault),
}

impl<S: Storage> RequestLog<S> {
    /// A log on a device. It is closed until [`RequestLog::format`] or [`RequestLog::open`]
    /// succeeds. `number` distinguishes the log from others.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or the device is too small for them.
    pub fn new(
        storage: S,
        options: &RequestLogOptions,
        number: u64,
    ) -> Result<Self, InvalidRequestLog> {
        options.validate(&storage)?;
        Ok(Self {
            options: *options,
            storage,
            number,
            entries: VecDeque::new(),
            last: 0,
            checksum: 0,
            end: 0,
            durable: 0,
            buffers: Vec::new(),
            waiting: 0,
            state: State::Closed,
        })
    }

    /// Makes this a log with other options, on the same device. It is then closed, like a new log.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or the device is too small for them.
    pub(crate) fn renew(&mut self, options: &RequestLogOptions) -> Result<(), InvalidRequestLog> {
        options.validate(&self.storage)?;
        let Self {
            options: own,
            storage: _,
            number,
            entries,
            last,
            checksum,
            end,
            durable,
            buffers,
            waiting,
            state,
        } = self;
        *own = *options;
        (*number, *last, *checksum, *end, *durable, *waiting) = (0, 0, 0, 0, 0, 0);
        entries.clear();
        buffers.clear();
        *state = State::Closed;
        Ok(())
    }

    /// Sets the number of the log, before it is formatted or opened.
    pub(crate) fn renumber(&mut self, number: u64) {
        self.number = number;
    }

    /// The number of the last request that was appended or found, and was not erased.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The number of the last request that is durable.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// How many more requests can be appended before the next release.
    #[must_use]
    pub fn room(&self) -> u32 {
        self.options.requests_max.saturating_sub(self.entries.len() as u32)
    }

    /// The device.
    #[must_use]
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// The device, for example to change its settings between two calls.
    pub fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    /// Takes the log apart and returns its device. Requests that were not flushed may be lost.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// Appends a request, and returns its number. It is durable after the next
    /// [`RequestLog::flush`]. Waits for the device if many requests were appended before.
    ///
    /// # Errors
    ///
    /// If the log is closed or has failed, or an earlier write fails.
    ///
    /// # Panics
    ///
    /// If there is no [room](RequestLog::room), or the request is empty or larger than
    /// `request_size_max`.
    pub fn append(&mut self, request: &[u8]) -> Result<u64, RequestLogError> {
        self.refuse()?;
        if self.waiting == WRITES_MAX {
            self.drain()?;
        }
        assert!(
            (1..=self.options.request_size_max as usize).contains(&request.len()),
            "request_log: a request must have from 1 to {} bytes ({})",
            self.options.request_size_max,
            request.len(),
        );
        assert!(self.room() > 0, "request_log: requests must be released before more are appended");
        let sector_size = self.storage.sector_size();
        let size = entry_size(request.len(), sector_size);
        let offset = self.offset_for(size);
        let header = EntryHeader {
            op: self.last + 1,
            durable: self.durable,
            number: self.number,
            parent: self.checksum,
            size: request.len() as u32,
        };
        let mut buffer = self.buffer(size);
        let checksum = header.write(request, &mut buffer.bytes_mut()[..size as usize], sector_size);
        self.submit(Operation::Write { span: self.span(offset, size), buffer: buffer.share() });
        self.entries.push_back(Place { op: header.op, offset, size });
        self.last = header.op;
        self.checksum = checksum;
        self.end = offset + size;
        Ok(self.last)
    }

    /// Makes all requests so far durable. Waits for the device.
    ///
    /// # Errors
    ///
    /// If the log is closed or has failed, or a write or the flush fails.
    pub fn flush(&mut self) -> Result<(), RequestLogError> {
        self.refuse()?;
        if self.durable == self.last {
            return Ok(());
        }
        self.drain()?;
        self.make_durable()?;
        self.durable = self.last;
        Ok(())
    }

    /// Releases the requests up to `op`, inclusive: a durable checkpoint contains them. Their space
    /// is used again.
    ///
    /// # Panics
    ///
    /// If one of these requests is not durable.
    pub fn release(&mut self, op: u64) {
        assert!(
            op <= self.durable,
            "request_log: a released request must be durable ({op} of {})",
            self.durable,
        );
        while self.entries.front().is_some_and(|entry| entry.op <= op) {
            self.entries.pop_front();
        }
    }

    /// Where an entry of this size begins: after the last entry, or at the beginning of the ring if
    /// it would cross the end. The options guarantee the space.
    fn offset_for(&self, size: u64) -> u64 {
        let offset = if self.end + size <= self.ring() { self.end } else { 0 };
        let is_free = |first: &Place| offset + size <= first.offset || offset > first.offset;
        assert!(
            self.entries.front().is_none_or(is_free),
            "request_log: an entry must not overwrite a request that is not released ({offset})"
        );
        offset
    }

    /// The number of bytes of the ring: all whole sectors but those of the label.
    fn ring(&self) -> u64 {
        let sector_size = self.storage.sector_size() as u64;
        self.storage.size() / sector_size * sector_size - self.labels()
    }

    /// The number of bytes of all copies of the label, where the ring begins.
    fn labels(&self) -> u64 {
        (label::COPIES * self.storage.sector_size()) as u64
    }

    /// Bytes of the ring on the device.
    fn span(&self, offset: u64, length: u64) -> Span {
        Span { offset: self.labels() + offset, length: length as usize }
    }

    fn refuse(&self) -> Result<(), RequestLogError> {
        match self.state {
            State::Open => Ok(()),
            State::Closed => Err(RequestLogError::Closed),
            State::Failed(fault) => Err(RequestLogError::Failed(fault)),
        }
    }

    /// A buffer of at least this size.
    fn buffer(&mut self, size: u64) -> Buffer {
        let fits = self.buffers.iter().position(|buffer| buffer.bytes().len() as u64 >= size);
        match fits {
            Some(place) => self.buffers.swap_remove(place),
            None => Buffer::new(size as usize),
        }
    }

    fn submit(&mut self, operation: Operation) {
        self.storage.submit(operation, Owner { component: REQUEST_LOG_OWNER, slot: 0 });
        self.waiting += 1;
    }

    /// Waits until all operations have completed.
    fn drain(&mut self) -> Result<(), RequestLogError> {
        let mut failed = None;
        while self.waiting > 0 {
            let Some(completion) = self.storage.step() else {
                self.state = State::Closed;
                return Err(RequestLogError::Gone);
            };
            self.waiting -= 1;
            let Completion { operation, result, .. } = completion;
            match operation {
                Operation::Write { buffer, .. } => {
                    self.buffers.extend(buffer.try_take().ok());
                }
                Operation::Read { buffer, .. } => self.buffers.push(buffer),
                Operation::Flush => {}
            }
            failed = failed.or(result.err());
        }
        match failed {
            None => Ok(()),
            Some(fault) => {
                self.state = State::Failed(fault);
                Err(RequestLogError::Failed(fault))
            }
        }
    }
}
