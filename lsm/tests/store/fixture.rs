//! A small store over a device in memory.

use downbeat_lsm::block::{BODY_OFFSET, BlockKind, BlockReference, Contents};
use downbeat_lsm::checkpoint::{Checkpoint, CheckpointError};
use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::grid::{
    BlockHandle, Caching, Grid, GridError, GridOptions, ReadOutcome, Stepped,
};
use downbeat_lsm::storage::{Layout, LayoutOptions, MemoryStorage};
use downbeat_lsm::superblock::{ChangingOptions, CheckpointState, ManifestReferences, Superblock};

pub(crate) struct Store {
    pub(crate) grid: Grid<MemoryStorage>,
    pub(crate) superblock: Superblock,
    pub(crate) beat: u64,
}

pub(crate) fn layout(block_count: u64) -> Layout {
    let options =
        LayoutOptions { sector_size: 128, block_size: 256, superblock_copies: 4, block_count };
    Layout::new(options).expect("the store works")
}

pub(crate) const OPTIONS: GridOptions = GridOptions {
    cache: CacheOptions { ways: Ways::Two, sets: 2 },
    private_blocks: 4,
    reads_in_flight_max: 2,
    writes_in_flight_max: 2,
    reservation_count_max: 4,
    discard: false,
};

pub(crate) fn grid(storage: MemoryStorage, layout: &Layout) -> Grid<MemoryStorage> {
    Grid::new(storage, layout, &OPTIONS).expect("the store works")
}

/// The contents of a value block with a body of this size.
pub(crate) fn contents(body_size: usize) -> Contents {
    Contents { kind: BlockKind::Value, tree: 1, snapshot: 7, metadata: [3; _], body_size }
}

impl Store {
    pub(crate) fn format(block_count: u64) -> Self {
        let layout = layout(block_count);
        let size = usize::try_from(layout.size()).expect("the store works");
        let mut grid = grid(MemoryStorage::new(size, layout.sector_size()), &layout);
        let mut superblock = Superblock::new(&layout);
        superblock
            .format(grid.storage_mut(), 99, &CheckpointState::default())
            .expect("the store works");
        grid.open(&CheckpointState::default()).expect("the store works");
        grid.mark_checkpoint_durable();
        Self { grid, superblock, beat: 0 }
    }

    /// Opens the store like a process that starts.
    pub(crate) fn reopen(&mut self) {
        self.grid.reset();
        self.superblock.reset();
        self.superblock.open(self.grid.storage_mut()).expect("the store works");
        let state = self.superblock.working().state();
        self.beat = state.beat;
        self.grid.open(&state).expect("the store works");
    }

    pub(crate) fn acquire(&mut self) -> u64 {
        let mut reservation = self.grid.reserve(1).expect("there is a free block");
        let address = self.grid.acquire(&mut reservation).expect("the store works");
        self.grid.forfeit(reservation);
        address
    }

    pub(crate) fn begin_write(&mut self, address: u64, stamp: u8, size: usize) -> BlockReference {
        let mut buffer = self.grid.take_buffer().expect("there is memory");
        buffer.bytes_mut()[BODY_OFFSET..BODY_OFFSET + size].fill(stamp);
        self.grid.write(address, &contents(size), buffer).expect("the store works")
    }

    /// Writes a block with a body of `size` bytes, and waits for it.
    pub(crate) fn write(&mut self, stamp: u8, size: usize) -> BlockReference {
        let address = self.acquire();
        let reference = self.begin_write(address, stamp, size);
        self.settle();
        reference
    }

    pub(crate) fn settle(&mut self) {
        while !self.grid.is_idle() {
            assert!(matches!(self.grid.step(), Stepped::Progress));
        }
    }

    pub(crate) fn read(
        &mut self,
        reference: BlockReference,
        caching: Caching,
    ) -> Result<BlockHandle, GridError> {
        match self.grid.read(reference, caching) {
            ReadOutcome::Ready(block) => Ok(block),
            ReadOutcome::Pending(ticket) => {
                self.settle();
                self.grid.take_read(ticket).expect("nothing is under way")
            }
            ReadOutcome::Refused(error) => Err(error),
        }
    }

    pub(crate) fn checkpoint(&mut self) -> Result<(), CheckpointError> {
        self.beat += 1;
        Checkpoint::begin(self.beat, ManifestReferences::default(), ChangingOptions::default())
            .run(&mut self.grid, &mut self.superblock)
    }
}
