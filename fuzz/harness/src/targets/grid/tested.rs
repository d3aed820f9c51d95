//! A store of blocks and its model: made once for each geometry, formatted for each run.

use downbeat_lsm::block::{BlockKind, BlockReference, Contents, METADATA_SIZE};
use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::grid::free_set::{FreeSetOptions, Reservation};
use downbeat_lsm::grid::{BlockHandle, Grid, GridOptions, ReadTicket};
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::superblock::Superblock;

use crate::disk::SimulatedDisk;
use crate::model::encoding::{Header, Operation as _};
use crate::model::grid::{
    BLOCK, BLOCKS, Block, CACHE_SETS, COPIES, IN_FLIGHT, Name, Operation, PRIVATE, SECTOR, Store,
};

/// The most who wait at once.
pub(super) const WAITING_MAX: usize = 12;
/// The most blocks that are kept at once.
pub(super) const HELD_MAX: usize = 6;

/// A store of blocks and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) layout: Layout,
    pub(super) grid: Grid<SimulatedDisk>,
    pub(super) superblock: Superblock,
    pub(super) model: Store,
    pub(super) waiting: Vec<Waiting>,
    pub(super) held: Vec<(BlockHandle, Block)>,
    /// Reservations that are out within an operation.
    pub(super) reservations: Vec<Reservation>,
    /// Whether more may be wrong than the limits allow.
    pub(super) beyond: bool,
    pub(super) stamp: u64,
    /// The failure of a write or flush is known, and what it means for the model.
    pub(super) failure_noted: bool,
    /// Blocks whose writes were begun and may not have completed.
    pub(super) unwritten: Vec<u64>,
    /// Free blocks that are kept for the free set of the next checkpoint.
    pub(super) kept_free: u64,
    /// The blocks of the free set, as of when writes were last checked.
    pub(super) trailers: Vec<u64>,
}

/// Somebody who waits for a block.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) ticket: ReadTicket,
    pub(super) block: Block,
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let options = LayoutOptions {
            sector_size: number(SECTOR).min(number(BLOCK)) as usize,
            block_size: number(BLOCK) as usize,
            superblock_copies: number(COPIES) as usize,
            block_count: u64::from(number(BLOCKS)),
        };
        let layout =
            Layout::new(options).expect("the settings of the target are sizes that can be");
        let options = GridOptions {
            cache: CacheOptions { ways: Ways::Two, sets: number(CACHE_SETS) },
            private_blocks: number(PRIVATE),
            reads_in_flight_max: number(IN_FLIGHT),
            writes_in_flight_max: number(IN_FLIGHT),
            reservation_count_max: 2,
        };
        let grid = Grid::new(SimulatedDisk::new(layout), &layout, &options)
            .expect("the settings of the target are sizes that can be");
        // Each of two sets, of a word for 64 blocks and a marker or two, in pieces of a block.
        let free_set = FreeSetOptions {
            block_count: layout.block_count(),
            shard_size: FreeSetOptions::SHARD_SIZE,
            reservation_count_max: 1,
        };
        let piece = layout.block_size() - 64;
        let kept_free = 2 * free_set.encoded_size_max().div_ceil(piece) as u64;
        Tested {
            layout,
            grid,
            superblock: Superblock::new(&layout),
            model: Store::default(),
            waiting: Vec::with_capacity(WAITING_MAX),
            held: Vec::with_capacity(HELD_MAX),
            reservations: Vec::with_capacity(2),
            beyond: false,
            stamp: 0,
            failure_noted: false,
            unwritten: Vec::new(),
            kept_free,
            trailers: Vec::new(),
        }
    }

    /// A layout that takes little memory.
    pub(super) fn smallest() -> Layout {
        let options = LayoutOptions {
            sector_size: Layout::SECTOR_SIZE_MIN,
            block_size: Layout::BLOCK_SIZE_MIN,
            superblock_copies: 2,
            block_count: 1,
        };
        Layout::new(options).expect("the smallest of all sizes can be")
    }

    pub(super) fn disk(&mut self) -> &mut SimulatedDisk {
        self.grid.storage_mut()
    }

    pub(super) fn is_down(&self) -> bool {
        self.grid.storage().is_down()
    }
}

/// What names a block, as the model has it.
pub(super) fn name(reference: BlockReference) -> Name {
    Name { address: reference.address, checksum: reference.checksum }
}

/// What names a block, as the grid has it.
pub(super) fn reference(name: Name) -> BlockReference {
    BlockReference { address: name.address, checksum: name.checksum }
}

/// What the header of a block says that is made of this stamp.
pub(super) fn contents(stamp: u64, body_size: usize) -> Contents {
    let mut metadata = [0; METADATA_SIZE];
    metadata[..8].copy_from_slice(&stamp.to_le_bytes());
    let kind = BlockKind::ALL[stamp as usize % BlockKind::ALL.len()];
    Contents { kind, tree: stamp as u16 | 1, snapshot: stamp ^ 0x55, metadata, body_size }
}

/// Byte number `place` of a body that is made of this stamp.
#[inline]
pub(super) fn byte(stamp: u64, place: usize) -> u8 {
    (stamp.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (place % 8 * 8)) as u8 ^ (place / 8) as u8
}
