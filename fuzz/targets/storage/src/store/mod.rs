//! A store of blocks on a simulated disk, with a model of its blocks. All targets that use such a
//! store share this module.
//!
//! - A [`BlockStore`] has a grid, a superblock and a model. A target that uses it is a [`Tenant`].
//! - Blocks are acquired from the lowest address up. The free set equals the model's, address by
//!   address.
//! - After a crash the store opens at the last acknowledged checkpoint or at the one under way.
//!   Blocks acquired after that checkpoint are free, and blocks released after it are in use.
//! - Within the fault limits the store can always be opened. Beyond the limits it may fail to open,
//!   or open at an older checkpoint, because the disk may report a flush that it has not done. The
//!   store is then formatted again.
//! - Each error of the store needs a cause on the disk, at its place and in its operation.
//! - After a failed write or flush, nothing is written until the store is opened again.
//! - No memory is lost: when no work is under way, every buffer of the pool is unused.
//!
//! The module does not interpret the content of the blocks.
//!
//! Files: `tenant` is the trait of a target on a store, `pump` waits for the disk, `recovery` opens
//! the store after a crash, `attempts` limits how often the opening is repeated, `root` says at
//! which checkpoints the store may then open, `checkpoints` writes checkpoints, `account` compares
//! blocks and memory, `faults` arms faults, `causes` says which errors the disk explains, and
//! `full` when a store may be full. The targets of a store that runs its own beats also use `root`,
//! `attempts`, `faults`, `causes` and `full`, `beat_outcome`, and `beat_faults` for what the errors
//! of beats and reads need as a cause. `alike` compares two
//! stores, and `compactions` sums counts for events.

#![expect(clippy::missing_errors_doc, reason = "`Checked` says what an error is")]

mod account;
pub mod alike;
pub mod attempts;
mod beat_faults;
mod beat_outcome;
pub mod causes;
mod checkpoints;
mod compactions;
mod copies;
pub mod faults;
pub mod full;
mod paces;
pub mod phases;
mod pump;
mod recovery;
mod reference;
pub mod root;
mod tenant;

pub use account::{block_state, check_queue};
pub use attempts::{Attempts, Refused};
pub use beat_faults::BeatFaults;
pub use beat_outcome::BeatOutcome;
pub use causes::{Cause, Causes};
pub use checkpoints::{checkpoint, checkpoint_with_power_loss, durable};
pub use compactions::in_all_levels;
pub use paces::Paces;
pub use pump::{after_io, hang, settle, step, take_buffer, wait_for_write_room};
pub use recovery::{crash, format, recover};
pub use reference::{name, reference};
pub use root::Root;
pub use tenant::{Moment, Tenant};

use downbeat_lsm::grid::free_set::FreeSetOptions;
use downbeat_lsm::grid::{Grid, GridOptions};
use downbeat_lsm::storage::{Fault, Layout, LayoutOptions};
use downbeat_lsm::superblock::Superblock;

use downbeat::Run;
use downbeat::disk::{Order, SimulatedDisk};
use downbeat_model::store::Store;

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
    /// How many times the disk was formatted in this run.
    formatted: u128,
    /// How many I/Os had completed when the store was opened or formatted.
    opened: u64,
    /// Free blocks that are kept for the free set of the next checkpoint.
    pub kept_free: u64,
    /// Whether the model knows about a failed write or flush.
    failure_noted: bool,
    /// Blocks whose writes were begun and may not have completed.
    unwritten: Vec<u64>,
    /// The blocks of the encoded free set when writes were last checked.
    trailers: Vec<u64>,
}

impl BlockStore {
    /// Creates a store of these sizes.
    ///
    /// # Panics
    ///
    /// If the sizes are invalid.
    pub fn new(layout: LayoutOptions, options: &GridOptions) -> Self {
        let layout = Layout::new(layout).expect("the sizes of the target's settings are valid");
        let grid = Grid::new(SimulatedDisk::new(layout), &layout, options)
            .expect("the sizes of the target's settings are valid");
        BlockStore {
            layout,
            grid,
            superblock: Superblock::new(&layout),
            model: Store::default(),
            root: Root::default(),
            formatted: 0,
            opened: 0,
            kept_free: trailers_max(&layout),
            failure_noted: false,
            unwritten: Vec::new(),
            trailers: Vec::new(),
        }
    }

    /// Resets the store for a run. The caller resets the disk before this call and formats it
    /// after.
    pub fn open_run(&mut self, order: Order, beyond: bool, run: &Run) {
        self.root = Root::default();
        (self.formatted, self.opened) = (0, 0);
        // The statistics of the previous run must not be counted in this one.
        self.grid.reset();
        self.superblock.reset();
        faults::prepare(self.disk(), order, beyond, true, run);
    }

    /// Arms a fault for I/O `io` from now, counted from 0. The number `kind` selects the kind of
    /// fault, modulo the number of kinds.
    pub fn arm_fault(&mut self, kind: u32, io: u32) {
        faults::arm_fault(self.disk(), kind, io);
    }

    /// The mishaps of the disk after `since` I/Os had completed.
    pub fn causes(&self, since: u64) -> Causes<'_> {
        Causes::since(self.grid.storage(), since)
    }

    /// Whether a write or flush failed with this error since the store was opened.
    pub fn has_failed(&self, fault: &Fault) -> bool {
        self.causes(self.opened).has(fault)
    }

    /// The disk.
    pub fn disk(&mut self) -> &mut SimulatedDisk {
        self.grid.storage_mut()
    }

    /// Whether power is lost.
    pub fn is_down(&self) -> bool {
        self.grid.storage().is_down()
    }

    /// Whether a failed write or flush was noticed, so that writes are refused.
    pub fn is_failure_noted(&self) -> bool {
        self.grid.failed().is_some() && self.failure_noted
    }

    /// Notes that a write to this address was begun.
    pub fn write_begun(&mut self, address: u64) {
        self.unwritten.push(address);
    }
}

/// The maximum number of blocks that the two encoded sets of a checkpoint's free set fill.
pub fn trailers_max(layout: &Layout) -> u64 {
    let options = FreeSetOptions {
        block_count: layout.block_count(),
        shard_size: FreeSetOptions::SHARD_SIZE,
        reservation_count_max: 1,
    };
    let piece = layout.block_size() - 64;
    2 * options.encoded_size_max().div_ceil(piece) as u64
}
