//! The format of an entry: a header, the request, and zeros up to the end of the sector.
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 16 | checksum of the rest of the header and of the request |
//! | 16 | 16 | checksum of the entry before this one; 0 in the first |
//! | 32 | 8 | number of the request |
//! | 40 | 8 | number of the last request that was durable when the entry was written |
//! | 48 | 8 | number of the log |
//! | 56 | 4 | bytes of the request |
//! | 60 | 4 | the four bytes `DBRL` |
//!
//! All numbers are little-endian.

use crate::block::checksum;

/// The size of the header in bytes.
pub(super) const HEADER_SIZE: usize = 64;

/// The last bytes of a header. Most sectors without an entry are recognised without a checksum.
const MAGIC: [u8; 4] = *b"DBRL";

/// The header of an entry, without its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EntryHeader {
    pub(super) op: u64,
    pub(super) durable: u64,
    pub(super) number: u64,
    pub(super) parent: u128,
    pub(super) size: u32,
}

impl EntryHeader {
    /// Writes an entry into `bytes`, which has whole sectors, and returns its checksum.
    pub(super) fn write(&self, request: &[u8], bytes: &mut [u8]) -> u128 {
        bytes[16..32].copy_from_slice(&self.parent.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.op.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.durable.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.number.to_le_bytes());
        bytes[56..60].copy_from_slice(&self.size.to_le_bytes());
        bytes[60..64].copy_from_slice(&MAGIC);
        let end = HEADER_SIZE + request.len();
        bytes[HEADER_SIZE..end].copy_from_slice(request);
        bytes[end..].fill(0);
        let checksum = checksum(&bytes[16..end]);
        bytes[..16].copy_from_slice(&checksum.to_le_bytes());
        checksum
    }

    /// Reads a header, which may be invalid; `None` if the bytes are not those of a header.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < HEADER_SIZE || bytes[60..64] != MAGIC {
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
    pub(super) fn checksum(&self, bytes: &[u8]) -> Option<u128> {
        let entry = bytes.get(16..HEADER_SIZE + self.size as usize)?;
        let checksum = checksum(entry);
        (bytes[..16] == checksum.to_le_bytes()).then_some(checksum)
    }
}
