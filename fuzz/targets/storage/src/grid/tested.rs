//! A store of blocks and its model. They are created once for each geometry and formatted for each
//! run.

use downbeat_lsm::block::{BlockKind, Contents, METADATA_SIZE};
use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::grid::free_set::Reservation;
use downbeat_lsm::grid::{BlockHandle, GridOptions, ReadTicket};
use downbeat_lsm::storage::LayoutOptions;

use crate::store::BlockStore;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::grid::{
    BLOCK, BLOCKS, CACHE_SETS, COPIES, IN_FLIGHT, Operation, PRIVATE, SECTOR,
};
use downbeat_model::store::Block;

/// The maximum number of reads that wait at once.
pub(super) const WAITING_MAX: usize = 12;
/// The maximum number of blocks that are held at once.
pub(super) const HELD_MAX: usize = 6;

/// A store of blocks and its model, and the reads from it.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) store: BlockStore,
    pub(super) waiting: Vec<Waiting>,
    pub(super) held: Vec<(BlockHandle, Block)>,
    /// The outstanding reservations of an operation.
    pub(super) reservations: Vec<Reservation>,
    pub(super) stamp: u64,
}

/// A read that waits for a block.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) ticket: ReadTicket,
    pub(super) block: Block,
    /// How many I/Os had completed when the read began.
    pub(super) since: u64,
}

impl Tested {
    pub(super) fn new(geometry: &Header) -> Self {
        let number = |setting| geometry.number(Operation::SETTINGS, setting);
        let options = LayoutOptions {
            sector_size: number(SECTOR).min(number(BLOCK)) as usize,
            block_size: number(BLOCK) as usize,
            superblock_copies: number(COPIES) as usize,
            block_count: u64::from(number(BLOCKS)),
        };
        let memory = GridOptions {
            cache: CacheOptions { ways: Ways::Two, sets: number(CACHE_SETS) },
            private_blocks: number(PRIVATE),
            reads_in_flight_max: number(IN_FLIGHT),
            writes_in_flight_max: number(IN_FLIGHT),
            reservation_count_max: 2,
            discard: false,
        };
        Tested {
            store: BlockStore::new(options, &memory),
            waiting: Vec::with_capacity(WAITING_MAX),
            held: Vec::with_capacity(HELD_MAX),
            reservations: Vec::with_capacity(2),
            stamp: 0,
        }
    }
}

/// The header fields of a block made from this stamp.
pub(super) fn contents(stamp: u64, body_size: usize) -> Contents {
    let mut metadata = [0; METADATA_SIZE];
    metadata[..8].copy_from_slice(&stamp.to_le_bytes());
    let kind = BlockKind::ALL[stamp as usize % BlockKind::ALL.len()];
    Contents { kind, tree: stamp as u16 | 1, snapshot: stamp ^ 0x55, metadata, body_size }
}

/// Byte number `place` of a body made from this stamp.
#[inline]
pub(super) fn byte(stamp: u64, place: usize) -> u8 {
    (stamp.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (place % 8 * 8)) as u8 ^ (place / 8) as u8
}
