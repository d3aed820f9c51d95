//! Where the entries of requests are in the log: a ring of sectors.
//!
//! - An entry begins after the entry before it, at a sector. An entry that would cross the end of
//!   the device begins at its start.
//! - The space of a released request is used again.

use std::collections::VecDeque;

/// The bytes of an entry before the body of its request: the header of the entry, the client, and
/// the number of the operation.
pub(super) const OVERHEAD: usize = 64 + 24;

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

/// The entries of requests that are not released; see the [module](self).
#[derive(Clone, Debug, Default)]
pub struct Ring {
    size: u64,
    sector: u64,
    end: u64,
    entries: VecDeque<Entry>,
}

impl Ring {
    /// An empty ring of `size` bytes in whole sectors.
    #[must_use]
    pub fn new(size: u64, sector: u64) -> Self {
        Self { size, sector, end: 0, entries: VecDeque::new() }
    }

    /// Appends the entry of a request with a body of this size. Returns whether it is at the start
    /// of the device because it did not fit behind the others.
    pub fn push(&mut self, op: u64, body: usize, durable: u64) -> bool {
        let used = OVERHEAD + body;
        let size = (used as u64).next_multiple_of(self.sector);
        let wraps = self.end + size > self.size;
        let offset = if wraps { 0 } else { self.end };
        self.end = offset + size;
        self.entries.push_back(Entry { op, offset, used, size, durable });
        wraps
    }

    /// Releases the entries up to this request, inclusive.
    pub fn release(&mut self, op: u64) {
        while self.entries.front().is_some_and(|entry| entry.op <= op) {
            self.entries.pop_front();
        }
    }

    /// Drops the entries after this request.
    pub fn reopen(&mut self, last: u64) {
        while self.entries.back().is_some_and(|entry| entry.op > last) {
            self.entries.pop_back();
        }
        self.end = self.entries.back().map_or(0, |entry| entry.offset + entry.size);
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
    fn entries_follow_each_other_around_the_ring() {
        let mut ring = Ring::new(5 * 128, 128);
        assert!(!ring.push(1, 0, 0));
        assert!(!ring.push(2, 41, 1));
        assert!(!ring.push(3, 40, 1));
        ring.release(1);
        assert!(ring.push(4, 41, 3));
        let places: Vec<_> = ring.entries().iter().map(|it| (it.op, it.offset, it.size)).collect();
        assert_eq!(places, [(2, 128, 256), (3, 384, 128), (4, 0, 256)]);
        ring.reopen(3);
        assert!(!ring.push(4, 0, 3));
        assert_eq!(ring.entries().back().map(|it| it.offset), Some(512));
    }
}
