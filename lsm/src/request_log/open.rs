//! Formats a request log, and opens it: finds the requests after a checkpoint.
//!
//! 1. All sectors are read. Each valid entry of this log is noted, and so are unreadable sectors.
//! 2. The chain of the requests after the checkpoint is followed. It ends where an entry is missing
//!    or does not contain the checksum of the entry before it.
//! 3. If a request after the chain was durable, or an unreadable sector may hide the next one, the
//!    log is damaged. It opens only if the caller gives these requests up.
//! 4. The valid entries that are not in the chain and are newer than its end are erased, and so are
//!    the places where the next entry can begin: an entry there may be invalid only now. Unreadable
//!    sectors are written, which makes most devices replace them.

use std::collections::BTreeMap;

use super::entry::{EntryHeader, entry_size};
use super::label::Label;
use super::{LostRequests, Place, RequestLog, RequestLogError, State};
use crate::storage::{Operation, Span, Storage};

/// An entry that was found.
#[derive(Clone, Copy, Debug)]
struct Found {
    header: EntryHeader,
    checksum: u128,
    place: Place,
}

/// The header of an entry, a part of which is unreadable.
#[derive(Clone, Copy, Debug)]
struct Cut {
    header: EntryHeader,
    offset: u64,
}

/// What is in the ring.
#[derive(Debug, Default)]
struct Contents {
    /// The valid entries of this log, by the numbers of their requests.
    found: BTreeMap<u64, Found>,
    cut: Vec<Cut>,
    /// The offsets of the unreadable sectors.
    unreadable: Vec<u64>,
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
        visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open_after(checkpoint, durable, None, visit)
    }

    /// Opens a damaged log as [`RequestLog::open`] does, without the requests that are lost. `lost`
    /// is what the error of that call says. Their numbers are given to other requests. After a
    /// crash in this call, the log may open without an error.
    ///
    /// While the log has fewer requests than `durable`, it opens only by this call.
    ///
    /// # Errors
    ///
    /// The same as [`RequestLog::open`]. If the log has lost other requests than these, it does not
    /// change.
    pub fn open_without<E: From<RequestLogError>>(
        &mut self,
        lost: &LostRequests,
        checkpoint: u64,
        durable: u64,
        visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open_after(checkpoint, durable, Some(lost), visit)
    }

    fn open_after<E: From<RequestLogError>>(
        &mut self,
        checkpoint: u64,
        durable: u64,
        given_up: Option<&LostRequests>,
        mut visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reset();
        let damaged_labels = self.check_label()?;
        let contents = self.find()?;
        self.follow_chain(checkpoint, &contents);
        if let Some(lost) = self.lost(durable, &contents)
            && !given_up.is_some_and(|given_up| given_up.covers(&lost))
        {
            return Err(RequestLogError::Damaged(lost).into());
        }
        self.erase_the_rest(&contents)?;
        let label = self.label();
        for offset in damaged_labels {
            let length = self.storage.sector_size();
            self.write(Span { offset, length }, Some(&label))?;
        }
        // Writes of a process that ended may be visible without being durable.
        self.make_durable()?;
        self.durable = self.last;
        let sector_size = self.storage.sector_size();
        let mut request = Vec::new();
        for place in self.entries.clone() {
            let buffer = self.read(self.span(place.offset, place.size))?;
            let header = EntryHeader::read(buffer.bytes());
            let is_valid = |it: &EntryHeader| {
                it.op == place.op && it.checksum(buffer.bytes(), sector_size).is_some()
            };
            let Some(header) = header.filter(is_valid) else {
                let intact = self.last - place.op;
                let lost = LostRequests { first: place.op, last: self.last, intact };
                return Err(RequestLogError::Damaged(lost).into());
            };
            request.clear();
            header.request(buffer.bytes(), sector_size, &mut request);
            visit(place.op, &request)?;
            self.buffers.push(buffer);
        }
        self.state = State::Open;
        Ok(())
    }

    /// Follows the chain of the requests after the checkpoint.
    fn follow_chain(&mut self, checkpoint: u64, contents: &Contents) {
        self.last = checkpoint;
        self.durable = checkpoint;
        // A release does not erase, so the entry of the checkpoint may still be there.
        if let Some(entry) = contents.found.get(&checkpoint) {
            self.follow(entry);
        }
        while let Some(entry) = contents.found.get(&(self.last + 1)) {
            // The entry of a checkpoint may have been overwritten.
            let is_first = self.last == checkpoint && checkpoint > 0 && self.checksum == 0;
            if !is_first && entry.header.parent != self.checksum {
                break;
            }
            self.follow(entry);
            self.entries.push_back(entry.place);
        }
    }

    /// The requests after the chain that were durable, or may have been.
    fn lost(&self, durable: u64, contents: &Contents) -> Option<LostRequests> {
        let Contents { found, cut, unreadable } = contents;
        let first = self.last + 1;
        let durable = found.values().map(|entry| entry.header.durable).fold(durable, u64::max);
        let is_next = |it: &Cut| it.header.op == first && it.header.parent == self.checksum;
        let hides = |offset: u64| {
            unreadable.contains(&offset) || cut.iter().any(|it| it.offset == offset && is_next(it))
        };
        if durable < first && !self.next_places().any(hides) {
            return None;
        }
        let intact = if durable < first { 0 } else { found.range(first..=durable).count() as u64 };
        Some(LostRequests { first, last: durable.max(self.last), intact })
    }

    /// The offsets at which the entry after the last one begins or would begin.
    fn next_places(&self) -> impl Iterator<Item = u64> + use<S> {
        let entry_size_max = self.options.entry_size_max(self.storage.sector_size());
        let start = (self.end + entry_size_max > self.ring()).then_some(0);
        let is_free = |offset: &u64| {
            let is_used = |it: &Place| it.offset <= *offset && *offset < it.offset + it.size;
            *offset < self.ring() && !self.entries.iter().any(is_used)
        };
        [Some(self.end).filter(is_free), start.filter(is_free)].into_iter().flatten()
    }

    /// Erases what is or may be an entry of a later request.
    fn erase_the_rest(&mut self, contents: &Contents) -> Result<(), RequestLogError> {
        let Contents { found, cut, unreadable } = contents;
        let (last, sector_size) = (self.last, self.storage.sector_size() as u64);
        for (_, entry) in found.range(last + 1..) {
            self.erase(entry.place.offset, sector_size)?;
        }
        for offset in self.next_places() {
            self.erase(offset, sector_size)?;
        }
        // An unreadable sector may be readable the next time, or have had only zeros.
        for Cut { offset, .. } in cut.iter().filter(|it| it.header.op > last) {
            self.erase(*offset, sector_size)?;
        }
        for offset in unreadable {
            self.erase(*offset, sector_size)?;
        }
        Ok(())
    }

    fn label(&self) -> Label {
        let Self { number, options, .. } = *self;
        Label { number, sector_size: self.storage.sector_size() as u64, options }
    }

    /// Checks that a copy of the label is valid and is that of this log. Returns the offsets of the
    /// copies that are not.
    fn check_label(&mut self) -> Result<Vec<u64>, RequestLogError> {
        let span = Span { offset: 0, length: self.labels() as usize };
        let mut unreadable = Vec::new();
        let buffer = self.read_around(span, &mut unreadable)?;
        let sector_size = self.storage.sector_size();
        let copies = buffer.bytes()[..span.length].chunks_exact(sector_size).map(Label::read);
        let mut copies: Vec<Option<Label>> = copies.collect();
        self.buffers.push(buffer);
        if copies.iter().all(Option::is_none) {
            // The log must not be formatted again because a label is unreadable, for now or for
            // good.
            for offset in unreadable {
                let buffer = self.read(Span { offset, length: sector_size })?;
                copies[offset as usize / sector_size] = Label::read(&buffer.bytes()[..sector_size]);
                self.buffers.push(buffer);
            }
        }
        let Some(found) = copies.iter().copied().flatten().next() else {
            return Err(RequestLogError::NotFormatted);
        };
        if found.number != self.number {
            return Err(RequestLogError::OtherLog { number: found.number });
        }
        let own = self.label();
        if found != own {
            return Err(RequestLogError::OtherOptions);
        }
        let offsets = (0..).step_by(sector_size).zip(copies);
        Ok(offsets.filter(|(_, copy)| *copy != Some(own)).map(|(offset, _)| offset).collect())
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

    /// Reads the whole ring.
    fn find(&mut self) -> Result<Contents, RequestLogError> {
        let (ring, piece, sector_size) = (self.ring(), self.piece(), self.storage.sector_size());
        let mut contents = Contents::default();
        let Contents { found, cut, unreadable } = &mut contents;
        for start in (0..ring).step_by(piece as usize) {
            let length = piece.min(ring - start);
            let buffer = self.read_around(self.span(start, length), unreadable)?;
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
                let before = unreadable.len();
                let checksum = match buffer.bytes()[..length as usize].get(at..at + size as usize) {
                    Some(bytes) => header.checksum(bytes, sector_size),
                    // The entry ends in the next piece, which is read later.
                    None => {
                        let whole = self.read_around(self.span(offset, size), unreadable)?;
                        let checksum = header.checksum(whole.bytes(), sector_size);
                        self.buffers.push(whole);
                        checksum
                    }
                };
                let device = self.span(offset, size);
                let is_cut = unreadable.iter().any(|it| device.offset <= *it && *it < device.end());
                unreadable.truncate(before);
                if is_cut {
                    cut.push(Cut { header, offset });
                } else if let Some(checksum) = checksum {
                    let place = Place { op: header.op, offset, size };
                    found.insert(header.op, Found { header, checksum, place });
                }
            }
            self.buffers.push(buffer);
        }
        let labels = self.labels();
        unreadable.iter_mut().for_each(|offset| *offset -= labels);
        Ok(contents)
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
