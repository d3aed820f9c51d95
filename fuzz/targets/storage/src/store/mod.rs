//! A store of blocks over a simulated disk, with the model of its blocks. Targets on such a store
//! share it.
//!
//! - A [`BlockStore`] is grid, superblock and model. What lives on it is a [`Tenant`].
//! - Blocks are acquired from the lowest address up. The free set equals the model's, address by
//!   address.
//! - After a crash the store holds what the last acknowledged checkpoint holds, or the one under
//!   way. Blocks that were acquired since are free, and blocks that were released since are in use.
//! - Within the limits of faults the store can always be opened. Beyond them it may be refused, and
//!   a store that opens as something else than the last two checkpoints is formatted anew: a disk
//!   that reports flushes that it has not done can cause that.
//! - After a write or flush that failed, nothing is written until the store is opened anew.
//! - No memory is lost: when nothing is under way, every buffer of the pool is unused.
//!
//! The store does not know what is in its blocks.
//!
//! Files: `tenant` is the trait of what lives on a store, `pump` waits for the disk, `recovery`
//! opens the store after a crash, `root` is what the superblock may say then, `checkpoints` writes
//! checkpoints, `account` compares blocks and memory.

#![expect(clippy::missing_errors_doc, reason = "`Checked` says what an error is")]

mod account;
mod checkpoints;
mod pump;
mod recovery;
mod reference;
mod root;
mod tenant;

pub use account::block_state;
pub use checkpoints::{checkpoint, checkpoint_with_power_loss, durable, was_struck};
pub use pump::{after_io, hang, settle, step, take_buffer};
pub use recovery::{crash, format, recover};
pub use reference::{name, reference};
pub use tenant::{Moment, Tenant};

use downbeat_lsm::grid::free_set::FreeSetOptions;
use downbeat_lsm::grid::{Grid, GridOptions};
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::superblock::Superblock;

use self::root::Root;
use downbeat::Run;
use downbeat::disk::{Armed, FaultKind, FaultLimits, Order, RuleOptions, SimulatedDisk};
use downbeat::model::store::Store;

/// What an operation `fault` can arm, by number.
const FAULT_KINDS: [FaultKind; 8] = [
    FaultKind::Fails,
    FaultKind::Flips,
    FaultKind::Lost,
    FaultKind::MisdirectedWithin,
    FaultKind::MisdirectedAcross,
    FaultKind::Zeroes,
    FaultKind::Garbles,
    FaultKind::SpoilsReading,
];

/// A store of blocks and its model; see the [module](self).
#[derive(Debug)]
pub struct BlockStore {
    /// Its sizes.
    pub layout: Layout,
    /// Its blocks, on the simulated disk.
    pub grid: Grid<SimulatedDisk>,
    /// Its superblock.
    pub superblock: Superblock,
    /// The model of both.
    pub model: Store,
    root: Root,
    /// Whether more may be wrong with the disk than the limits allow.
    pub beyond: bool,
    /// Free blocks that are kept for the free set of the next checkpoint.
    pub kept_free: u64,
    /// The failure of a write or flush is known, and what it means for the model.
    failure_noted: bool,
    /// Blocks whose writes were begun and may not have completed.
    unwritten: Vec<u64>,
    /// The blocks of the free set, as of when writes were last checked.
    trailers: Vec<u64>,
}

impl BlockStore {
    /// A store of these sizes.
    ///
    /// # Panics
    ///
    /// If the sizes are invalid.
    pub fn new(layout: LayoutOptions, options: &GridOptions) -> Self {
        let layout = Layout::new(layout).expect("the settings of the target are sizes that can be");
        let grid = Grid::new(SimulatedDisk::new(layout), &layout, options)
            .expect("the settings of the target are sizes that can be");
        BlockStore {
            layout,
            grid,
            superblock: Superblock::new(&layout),
            model: Store::default(),
            root: Root::default(),
            beyond: false,
            kept_free: trailers_max(&layout),
            failure_noted: false,
            unwritten: Vec::new(),
            trailers: Vec::new(),
        }
    }

    /// Makes the store as new for a run. The disk was reset, and the caller formats it.
    pub fn open_run(&mut self, order: Order, beyond: bool, run: &Run) {
        self.beyond = beyond;
        self.root = Root::default();
        // What the run before counted does not belong to this one.
        self.grid.reset();
        self.superblock.reset();
        let copies = self.layout.superblock_copies();
        let disk = self.disk();
        disk.set_order(order);
        disk.set_limits(if beyond {
            FaultLimits::BEYOND
        } else {
            FaultLimits { superblock: copies / 2, grid: 0 }
        });
        disk.set_rules(RuleOptions {
            unwritten_reads: !beyond,
            journal: true,
            ..RuleOptions::default()
        });
        if let Some(armed) = run.interference() {
            disk.arm(armed);
        }
    }

    /// Arms the fault of this number, going round, for I/O `io` from now, counted from 0.
    pub fn arm_fault(&mut self, kind: u32, io: u32) {
        let kind = FAULT_KINDS[kind as usize % FAULT_KINDS.len()];
        self.disk().arm(Armed { kind, access: None, nth: u64::from(io) + 1 });
    }

    /// The disk.
    pub fn disk(&mut self) -> &mut SimulatedDisk {
        self.grid.storage_mut()
    }

    /// Whether the power is gone.
    pub fn is_down(&self) -> bool {
        self.grid.storage().is_down()
    }

    /// Whether the failure of a write or flush is known, so that writes are refused.
    pub fn is_failure_noted(&self) -> bool {
        self.grid.failed().is_some() && self.failure_noted
    }

    /// Notes that a write to this address was begun.
    pub fn write_begun(&mut self, address: u64) {
        self.unwritten.push(address);
    }
}

/// The most blocks that the free set of a checkpoint fills: two encoded sets, each in pieces of a
/// block.
pub fn trailers_max(layout: &Layout) -> u64 {
    let options = FreeSetOptions {
        block_count: layout.block_count(),
        shard_size: FreeSetOptions::SHARD_SIZE,
        reservation_count_max: 1,
    };
    let piece = layout.block_size() - 64;
    2 * options.encoded_size_max().div_ceil(piece) as u64
}
