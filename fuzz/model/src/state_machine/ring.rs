//! Where the entries of requests are in the log: a ring of sectors.
//!
//! - An entry begins after the entry before it, at a sector. An entry that would cross the end of
//!   the device begins at its start.
//! - The space of a released request is used again.
//! - The bytes from 60 to 63 of each sector after the first of an entry do not belong to it.

use std::collections::VecDeque;

use crate::format::checksum::checksum;

/// The bytes of the header of an entry.
const HEADER: usize = 64;

/// The bytes of a request before its body: the client and the number of the operation.
const REQUEST: usize = 24;

/// The bytes of an entry for a body of this size, up to the last one that is used.
pub(super) fn used(body: usize, sector: usize) -> usize {
    let mut left = REQUEST + body;
    let first = left.min(sector - HEADER);
    left -= first;
    let mut end = HEADER + first;
    for start in (sector..).step_by(sector) {
        if left == 0 {
            break;
        }
        let taken = left.min(sector - 4);
        end = start + taken + if taken > 60 { 4 } else { 0 };
        left -= taken;
    }
    end
}

/// A body in which a sector of the entry could begin with the entry of request `op`, of the log
/// with this number.
#[must_use]
pub fn forged(op: u64, number: u64, sector: usize, limit: usize) -> Vec<u8> {
    let mut entry = vec![0; HEADER + REQUEST];
    entry[32..40].copy_from_slice(&op.to_le_bytes());
    entry[40..48].copy_from_slice(&op.wrapping_sub(1).to_le_bytes());
    entry[48..56].copy_from_slice(&number.to_le_bytes());
    entry[56..60].copy_from_slice(&(REQUEST as u32).to_le_bytes());
    entry[60..64].copy_from_slice(b"DBRL");
    let sum = checksum(&entry[16..]);
    entry[..16].copy_from_slice(&sum.to_le_bytes());
    let before = HEADER + REQUEST;
    let mut body = vec![0; before.next_multiple_of(sector) - before];
    body.append(&mut entry);
    body.truncate(limit);
    body
}

/// The entry of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the request.
    pub op: u64,
    /// The offset of the first byte.
    pub offset: u64,
    /// The bytes that the checksum covers.
    pub used: usize,
    /// The bytes in whole sectors.
    pub size: u64,
    /// The last request that was durable when the entry was written.
    pub durable: u64,
}

/// The entries of requests that are not released, on a ring of sectors.
#[derive(Clone, Debug, Default)]
pub struct Ring {
    size: u64,
    sector: u64,
    end: u64,
    entries: VecDeque<Entry>,
    /// The entry that was released last, until its space is used again.
    released: Option<Entry>,
}

impl Ring {
    /// An empty ring of `size` bytes in whole sectors.
    #[must_use]
    pub fn new(size: u64, sector: u64) -> Self {
        Self { size, sector, end: 0, entries: VecDeque::new(), released: None }
    }

    /// Appends the entry of a request with a body of this size. Returns whether it is at the start
    /// of the device because it did not fit behind the others.
    pub fn push(&mut self, op: u64, body: usize, durable: u64) -> bool {
        let used = used(body, self.sector as usize);
        let size = (used as u64).next_multiple_of(self.sector);
        let wraps = self.end + size > self.size;
        let offset = if wraps { 0 } else { self.end };
        self.end = offset + size;
        self.entries.push_back(Entry { op, offset, used, size, durable });
        wraps
    }

    /// Releases the entries up to this request, inclusive.
    pub fn release(&mut self, op: u64) {
        while let Some(entry) = self.entries.pop_front_if(|entry| entry.op <= op) {
            self.released = Some(entry);
        }
    }

    /// The entry that was released last.
    #[must_use]
    pub fn released(&self) -> Option<&Entry> {
        self.released.as_ref()
    }

    /// The space of the entry that was released last was used again.
    pub fn forget_released(&mut self) {
        self.released = None;
    }

    /// Drops the entries after this request. If none is left, the next one follows the released
    /// entry of this request, or is at the start if there is no such entry.
    pub fn reopen(&mut self, last: u64) {
        while self.entries.back().is_some_and(|entry| entry.op > last) {
            self.entries.pop_back();
        }
        let released = self.released.as_ref().filter(|entry| entry.op == last);
        self.end = self.entries.back().or(released).map_or(0, |entry| entry.offset + entry.size);
    }

    /// The entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_leaves_bytes_of_its_further_sectors_out() {
        assert_eq!([0, 40].map(|body| used(body, 128)), [88, 128]);
        assert_eq!([41, 100, 101, 164].map(|body| used(body, 128)), [129, 188, 193, 256]);
        assert_eq!([0, 36, 37].map(|body| used(body, 64)), [88, 124, 129]);
        assert_eq!(forged(1, 7, 128, 200).len(), 40 + 88);
    }

    #[test]
    fn entries_follow_each_other_around_the_ring() {
        let mut ring = Ring::new(5 * 128, 128);
        assert!(!ring.push(1, 0, 0));
        assert!(!ring.push(2, 41, 1));
        assert!(!ring.push(3, 40, 1));
        ring.release(1);
        assert!(ring.push(4, 164, 3));
        let places: Vec<_> = ring.entries().iter().map(|it| (it.op, it.offset, it.size)).collect();
        assert_eq!(places, [(2, 128, 256), (3, 384, 128), (4, 0, 256)]);
        ring.reopen(3);
        assert!(!ring.push(4, 0, 3));
        assert_eq!(ring.entries().back().map(|it| it.offset), Some(512));
    }
}
