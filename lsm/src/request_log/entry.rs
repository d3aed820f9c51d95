//! The format of an entry: a header, the request, and zeros up to the end of the sector.
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 16 | checksum of the bytes from offset 16 to the last byte of the request |
//! | 16 | 16 | checksum of the entry before this one; 0 in the first |
//! | 32 | 8 | number of the request |
//! | 40 | 8 | number of the last request that was durable when the entry was written |
//! | 48 | 8 | number of the log |
//! | 56 | 4 | bytes of the request |
//! | 60 | 4 | the four bytes `DBRL` |
//! | 64 | | the request |
//!
//! All numbers are little-endian. In each sector after the first, the bytes from 60 to 63 are zero
//! and do not belong to the request: so no sector inside an entry looks like a header, whatever
//! bytes a client sends.

use std::ops::Range;

use crate::block::checksum;

/// The size of the header in bytes.
pub(super) const HEADER_SIZE: usize = 64;

/// The last bytes of a header. Most sectors without an entry are recognised without a checksum.
const MAGIC: [u8; 4] = *b"DBRL";

/// Where the magic bytes of a header are.
const MAGIC_AT: usize = HEADER_SIZE - MAGIC.len();

/// The header of an entry, without its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EntryHeader {
    pub(super) op: u64,
    pub(super) durable: u64,
    pub(super) number: u64,
    pub(super) parent: u128,
    pub(super) size: u32,
}

/// The number of bytes of an entry with a request of this size, which fills whole sectors.
pub(super) fn entry_size(request: usize, sector_size: usize) -> u64 {
    let further = request.saturating_sub(sector_size - HEADER_SIZE);
    let further = further.div_ceil(sector_size - MAGIC.len());
    ((1 + further) * sector_size) as u64
}

/// The parts of an entry that a request of this size fills, in order.
fn parts(request: usize, sector_size: usize) -> impl Iterator<Item = Range<usize>> {
    let first = HEADER_SIZE..sector_size;
    let further = (1..)
        .map(move |sector| sector * sector_size)
        .flat_map(move |start| [start..start + MAGIC_AT, start + HEADER_SIZE..start + sector_size]);
    let mut left = request;
    std::iter::once(first).chain(further).map_while(move |part| {
        let taken = left.min(part.len());
        let is_over = left == 0;
        left -= taken;
        (!is_over).then_some(part.start..part.start + taken)
    })
}

/// The number of bytes up to the last byte of a request of this size, inclusive.
fn used(request: usize, sector_size: usize) -> usize {
    let further = request.saturating_sub(sector_size - HEADER_SIZE);
    if further == 0 {
        return HEADER_SIZE + request;
    }
    let in_sector = sector_size - MAGIC.len();
    let (sectors, rest) = ((further - 1) / in_sector, (further - 1) % in_sector + 1);
    let skipped = if rest > MAGIC_AT { MAGIC.len() } else { 0 };
    (1 + sectors) * sector_size + rest + skipped
}

impl EntryHeader {
    /// Writes an entry into `bytes`, which has whole sectors, and returns its checksum.
    pub(super) fn write(&self, request: &[u8], bytes: &mut [u8], sector_size: usize) -> u128 {
        bytes[HEADER_SIZE..].fill(0);
        bytes[16..32].copy_from_slice(&self.parent.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.op.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.durable.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.number.to_le_bytes());
        bytes[56..60].copy_from_slice(&self.size.to_le_bytes());
        bytes[MAGIC_AT..HEADER_SIZE].copy_from_slice(&MAGIC);
        let mut rest = request;
        for part in parts(request.len(), sector_size) {
            let (now, later) = rest.split_at(part.len());
            bytes[part].copy_from_slice(now);
            rest = later;
        }
        let checksum = checksum(&bytes[16..used(request.len(), sector_size)]);
        bytes[..16].copy_from_slice(&checksum.to_le_bytes());
        checksum
    }

    /// Reads a header, which may be invalid; `None` if the bytes are not those of a header.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < HEADER_SIZE || bytes[MAGIC_AT..HEADER_SIZE] != MAGIC {
            return None;
        }
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(number)
        };
        Some(Self {
            op: number(32),
            durable: number(40),
            number: number(48),
            parent: u128::from(number(24)) << 64 | u128::from(number(16)),
            size: number(56) as u32,
        })
    }

    /// The checksum of an entry, if it is valid. `bytes` has the whole entry.
    pub(super) fn checksum(&self, bytes: &[u8], sector_size: usize) -> Option<u128> {
        let entry = bytes.get(16..used(self.size as usize, sector_size))?;
        let checksum = checksum(entry);
        (bytes[..16] == checksum.to_le_bytes()).then_some(checksum)
    }

    /// Appends the request of a valid entry to `request`.
    pub(super) fn request(&self, bytes: &[u8], sector_size: usize, request: &mut Vec<u8>) {
        for part in parts(self.size as usize, sector_size) {
            request.extend_from_slice(&bytes[part]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_fills_the_parts_of_its_entry() {
        for sector_size in [64, 128, 256] {
            for size in 0..3 * sector_size {
                let all: Vec<_> = parts(size, sector_size).collect();
                assert_eq!(all.iter().map(Range::len).sum::<usize>(), size);
                let end = all.iter().rfind(|it| !it.is_empty()).map_or(HEADER_SIZE, |it| it.end);
                assert_eq!(used(size, sector_size), end, "{size} of {sector_size}");
                let sectors = (end.next_multiple_of(sector_size)) as u64;
                assert_eq!(entry_size(size, sector_size), sectors, "{size} of {sector_size}");
            }
        }
    }
}
