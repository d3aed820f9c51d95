//! The sizes of the store that an input chooses.

use super::{BAR, BATCH, BLOCK, BLOCKS, COPIES, GROWTH, INTERVAL, LEVELS, Operation, RECORD};
use super::{SECTOR, Sizes, USAGE};
use crate::format::sizes::HEADER;
use downbeat_input::encoding::{Header, Operation as _};
use downbeat_input::version::Usage;

/// The sizes that the header of an input chooses. The size of a block is doubled until the index of
/// a table fits in a block.
#[must_use]
pub fn sizes(header: &Header) -> Sizes {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let usage = Usage::ALL[header.index(USAGE)];
    let (record, key) = match usage {
        Usage::General => [(16, 8), (128, 32)][header.index(RECORD)],
        Usage::Index => (32, 16),
    };
    let mut sizes = Sizes {
        sector: number(SECTOR) as usize,
        block: number(BLOCK).max(number(SECTOR)) as usize,
        copies: number(COPIES) as usize,
        blocks: u64::from(number(BLOCKS)),
        record,
        key,
        tree: 1,
        usage,
        batch: number(BATCH),
        bar: number(BAR),
        growth: number(GROWTH),
        levels: number(LEVELS),
        interval: number(INTERVAL),
        extra: 1,
    };
    while HEADER + sizes.index_size() > sizes.block {
        sizes.block *= 2;
    }
    sizes
}
