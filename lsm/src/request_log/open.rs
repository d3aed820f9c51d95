//! Formats a request log, and opens it: finds the requests after a checkpoint.
//!
//! 1. All sectors are read. Each valid entry of this log is noted.
//! 2. The chain of the requests after the checkpoint is followed. It ends where an entry is missing
//!    or does not contain the checksum of the entry before it.
//! 3. The valid entries that are not in the chain and are newer than its end are erased, and so are
//!    the places where the next entry can begin: an entry there may be invalid only now.

use std::collections::BTreeMap;

use super::entry::{EntryHeader, entry_size};
use super::label::Label;
use super::{Place, RequestLog, RequestLogError, State};
use crate::storage::{Buffer, Completion, Operation, Span, Storage};

/// An entry that was found.
#[derive(Clone, Copy, Debug)]
struct Found {
    header: EntryHeader,
    checksum: u128,
    place: Place,
}

impl<S: Storage> RequestLog<S> {
    /// Formats the device as an empty log. The content of the device is lost.
    ///
    /// # Errors
    ///
    /// If the device fails. The log is then closed.
    pub fn format(&mut self) -> Result<(), RequestLogError> {
        self.reset();
        let labels = self.labels();
        let (size, piece) = (labels + self.ring(), self.piece());
        for offset in (0..size).step_by(piece as usize) {
            self.write(Span { offset, length: piece.min(size - offset) as usize }, None)?;
        }
        // The label proves that no older entry is left.
        self.make_durable()?;
        let label = self.label();
        let sector_size = self.storage.sector_size();
        for offset in (0..labels).step_by(sector_size) {
            self.write(Span { offset, length: sector_size }, Some(&label))?;
        }
        self.make_durable()?;
        self.state = State::Open;
        Ok(())
    }

    /// Opens the log after a checkpoint that contains the requests up to `checkpoint`, inclusive.
    /// The caller knows that the requests up to `durable`, inclusive, were durable; `durable` is
    /// `checkpoint` or more. Calls `visit` with the number of each later request and the request,
    /// in order. These requests are durable afterwards, and are not released.
    ///
    /// # Errors
    ///
    /// If the device fails, if it was not formatted, belongs to another log or was formatted with
    /// other sizes, if a request that was durable is damaged, or if `visit` fails. The log is then
    /// closed.
    pub fn open<E: From<RequestLogError>>(
        &mut self,
        checkpoint: u64,
        durable: u64,
        mut visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reset();
        self.check_label()?;
        let found = self.find()?;
        self.last = checkpoint;
        self.durable = checkpoint;
        let mut durable = durable;
        for entry in found.values() {
            durable = durable.max(entry.header.durable);
            // A release does not erase, so the entry of the checkpoint may still be there.
            if entry.header.op == checkpoint {
                self.follow(entry);
            }
        }
        while let Some(entry) = found.get(&(self.last + 1)) {
            // The entry of a checkpoint may have been overwritten.
            let is_first = self.last == checkpoint && checkpoint > 0 && self.checksum == 0;
            if !is_first && entry.header.parent != self.checksum {
                break;
            }
            self.follow(entry);
            self.entries.push_back(entry.place);
        }
        if durable > self.last {
            return Err(RequestLogError::Damaged { op: self.last + 1 }.into());
        }
        let sector_size = self.storage.sector_size() as u64;
        for (_, entry) in found.range(self.last + 1..) {
            self.erase(entry.place.offset, sector_size)?;
        }
        let entry_size_max = self.options.entry_size_max(sector_size as usize);
        let start = (self.end + entry_size_max > self.ring()).then_some(0);
        for offset in [Some(self.end), start].into_iter().flatten() {
            let is_used = |it: &Place| it.offset <= offset && offset < it.offset + it.size;
            if offset < self.ring() && !self.entries.iter().any(is_used) {
                self.erase(offset, sector_size)?;
            }
        }
        // Writes of a process that ended may be visible without being durable.
        self.make_durable()?;
        self.durable = self.last;
        let mut request = Vec::new();
        for place in self.entries.clone() {
            let buffer = self.read(self.span(place.offset, place.size))?;
            let header = EntryHeader::read(buffer.bytes());
            let is_valid = |it: &EntryHeader| {
                it.op == place.op && it.checksum(buffer.bytes(), sector_size as usize).is_some()
            };
            let Some(header) = header.filter(is_valid) else {
                return Err(RequestLogError::Damaged { op: place.op }.into());
            };
            request.clear();
            header.request(buffer.bytes(), sector_size as usize, &mut request);
            visit(place.op, &request)?;
            self.buffers.push(buffer);
        }
        self.state = State::Open;
        Ok(())
    }

    fn label(&self) -> Label {
        let Self { number, options, .. } = *self;
        Label { number, sector_size: self.storage.sector_size() as u64, options }
    }

    /// Checks that a copy of the label is valid and is that of this log.
    fn check_label(&mut self) -> Result<(), RequestLogError> {
        let length = self.labels() as usize;
        let buffer = self.read(Span { offset: 0, length })?;
        let mut copies = buffer.bytes()[..length].chunks_exact(self.storage.sector_size());
        let found = copies.find_map(Label::read);
        self.buffers.push(buffer);
        let Some(found) = found else { return Err(RequestLogError::NotFormatted) };
        if found.number != self.number {
            return Err(RequestLogError::OtherLog { number: found.number });
        }
        if found != self.label() {
            return Err(RequestLogError::OtherOptions);
        }
        Ok(())
    }

    fn follow(&mut self, entry: &Found) {
        self.last = entry.header.op;
        self.checksum = entry.checksum;
        self.end = entry.place.offset + entry.place.size;
    }

    /// Resets all memory to the state of a new process.
    fn reset(&mut self) {
        while self.storage.abandon().is_some() {}
        self.entries.clear();
        self.last = 0;
        self.checksum = 0;
        self.end = 0;
        self.durable = 0;
        self.waiting = 0;
        self.state = State::Closed;
    }

    /// The number of bytes that are read or erased at once.
    fn piece(&self) -> u64 {
        let entry = self.options.entry_size_max(self.storage.sector_size());
        entry.max(1 << 20).next_multiple_of(self.storage.sector_size() as u64)
    }

    /// Finds the valid entries of this log, by the numbers of their requests.
    fn find(&mut self) -> Result<BTreeMap<u64, Found>, RequestLogError> {
        let (ring, piece, sector_size) = (self.ring(), self.piece(), self.storage.sector_size());
        let mut found = BTreeMap::new();
        for start in (0..ring).step_by(piece as usize) {
            let length = piece.min(ring - start);
            let buffer = self.read(self.span(start, length))?;
            for at in (0..length as usize).step_by(sector_size) {
                let offset = start + at as u64;
                let Some(header) = EntryHeader::read(&buffer.bytes()[at..length as usize]) else {
                    continue;
                };
                let size = entry_size(header.size as usize, sector_size);
                // A write of the formatting may have been lost, so an entry of another log may be
                // left.
                let is_possible = header.op > 0
                    && header.number == self.number
                    && (1..=self.options.request_size_max).contains(&header.size)
                    && offset + size <= ring;
                if !is_possible {
                    continue;
                }
                let checksum = match buffer.bytes()[..length as usize].get(at..at + size as usize) {
                    Some(bytes) => header.checksum(bytes, sector_size),
                    // The entry ends in the next piece.
                    None => {
                        let whole = self.read(self.span(offset, size))?;
                        let checksum = header.checksum(whole.bytes(), sector_size);
                        self.buffers.push(whole);
                        checksum
                    }
                };
                if let Some(checksum) = checksum {
                    let place = Place { op: header.op, offset, size };
                    found.insert(header.op, Found { header, checksum, place });
                }
            }
            self.buffers.push(buffer);
        }
        Ok(found)
    }

    /// Reads bytes. Waits for the device.
    fn read(&mut self, span: Span) -> Result<Buffer, RequestLogError> {
        let buffer = self.buffer(span.length as u64);
        self.submit(Operation::Read { span, buffer });
        self.waiting -= 1;
        let completion = self.storage.step().ok_or(RequestLogError::Gone)?;
        let Completion { operation: Operation::Read { buffer, .. }, result, .. } = completion
        else {
            unreachable!("request_log: only the read is in the queue")
        };
        match result {
            Ok(()) => Ok(buffer),
            Err(fault) => Err(RequestLogError::Failed(fault)),
        }
    }

    /// Writes zeros to the ring. Waits for the device.
    fn erase(&mut self, offset: u64, length: u64) -> Result<(), RequestLogError> {
        self.write(self.span(offset, length), None)
    }

    /// Writes a label, or only zeros. Waits for the device.
    fn write(&mut self, span: Span, label: Option<&Label>) -> Result<(), RequestLogError> {
        let mut buffer = self.buffer(span.length as u64);
        let bytes = &mut buffer.bytes_mut()[..span.length];
        bytes.fill(0);
        if let Some(label) = label {
            label.write(bytes);
        }
        self.submit(Operation::Write { span, buffer: buffer.share() });
        self.drain()
    }

    /// Flushes the device. Waits for it.
    pub(super) fn make_durable(&mut self) -> Result<(), RequestLogError> {
        self.submit(Operation::Flush);
        self.drain()
    }
}
