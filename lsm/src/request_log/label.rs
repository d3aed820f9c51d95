//! The label of a log: which log it is, and its sizes. The first two sectors of the device each
//! have a copy.
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 16 | checksum of the bytes from offset 16 to 63 |
//! | 16 | 8 | number of the log |
//! | 24 | 8 | bytes of a sector |
//! | 32 | 4 | bytes of the largest request |
//! | 36 | 4 | the largest number of requests |
//! | 40 | 20 | zeros |
//! | 60 | 4 | the four bytes `DBRH` |
//!
//! All numbers are little-endian. The rest of the sector is zero.

use super::RequestLogOptions;
use crate::block::checksum;

/// The number of copies, one in each of the first sectors.
pub(super) const COPIES: usize = 2;

/// The bytes of a label.
const SIZE: usize = 64;

const MAGIC: [u8; 4] = *b"DBRH";

/// A label, without its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) number: u64,
    pub(super) sector_size: u64,
    pub(super) options: RequestLogOptions,
}

impl Label {
    /// Writes the label at the beginning of a sector of zeros.
    pub(super) fn write(&self, sector: &mut [u8]) {
        let Self { number, sector_size, options } = self;
        sector[16..24].copy_from_slice(&number.to_le_bytes());
        sector[24..32].copy_from_slice(&sector_size.to_le_bytes());
        sector[32..36].copy_from_slice(&options.request_size_max.to_le_bytes());
        sector[36..40].copy_from_slice(&options.requests_max.to_le_bytes());
        sector[60..SIZE].copy_from_slice(&MAGIC);
        let checksum = checksum(&sector[16..SIZE]);
        sector[..16].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Reads a label; `None` if the sector has no valid one.
    pub(super) fn read(sector: &[u8]) -> Option<Self> {
        let label = sector.get(..SIZE)?;
        let is_valid = label[60..] == MAGIC && label[..16] == checksum(&label[16..]).to_le_bytes();
        let number = |at: usize, size: usize| {
            label[at..at + size].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        is_valid.then(|| Self {
            number: number(16, 8),
            sector_size: number(24, 8),
            options: RequestLogOptions {
                request_size_max: number(32, 4) as u32,
                requests_max: number(36, 4) as u32,
            },
        })
    }
}
