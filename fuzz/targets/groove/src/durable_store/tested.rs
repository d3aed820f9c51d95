//! A store, and its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::durable_store::{DurableOptions, DurableStore};
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::store::{Store, StoreOptions};
use downbeat_lsm::tree::TreeOptions;

use crate::fitting::enlarge;
use crate::two_disks::Course;
use crate::two_disks::device::Device;
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::General16;
use downbeat_model::durable_store::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, Batches, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS,
    Operation, RECORDS, SECTOR, SPARE,
};

pub(super) type Durable = DurableStore<General16, Device, Device>;

/// The phase of a write.
pub(super) const WRITE: usize = 1;

/// The phase of a read.
pub(super) const READ: usize = 2;

/// A store, and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) store: Durable,
    pub(super) options: DurableOptions,
    pub(super) course: Course,
    pub(super) batches: Batches,
    /// How many records were put in this run.
    pub(super) stamp: u64,
}

/// The options that the header of an input chooses, with blocks that are large enough.
fn options(header: &Header) -> DurableOptions {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let mut store = StoreOptions {
        layout: LayoutOptions {
            sector_size: 256,
            block_size: number(BLOCK) as usize,
            superblock_copies: 2,
            block_count: u64::from(number(BLOCKS)),
        },
        tree: TreeOptions {
            id: 1,
            name: "records",
            beat_value_count_max: number(RECORDS),
            beats_per_bar: number(BAR),
            growth_factor: number(GROWTH),
            level_count: number(LEVELS),
            read_ahead: number(AHEAD),
        },
        checkpoint_interval: number(INTERVAL),
        manifest_compact_extra_blocks: 1,
        manifest_node_size: 1024,
        cache: CacheOptions { ways: Ways::Two, sets: number(CACHE) },
        reads_in_flight_max: number(IN_FLIGHT),
        writes_in_flight_max: number(IN_FLIGHT),
        lookups_max: 2,
        scans_max: 1,
        discard: true,
    };
    while let Err(error) = store.validate::<General16>() {
        let StoreOptions { layout, manifest_compact_extra_blocks, .. } = &mut store;
        enlarge(&error, &mut layout.block_size, manifest_compact_extra_blocks);
    }
    DurableOptions { store, batch_records_max: number(BATCH).min(number(RECORDS)) }
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let options = options(header);
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let layout = Layout::new(options.store.layout).expect("the target's settings are valid");
        let sector = number(SECTOR) as usize;
        let spare = u64::from(number(SPARE)) * sector as u64;
        let log_size = options.log_device_size::<General16>(sector) + spare;
        let StoreOptions { tree, checkpoint_interval, .. } = &options.store;
        let course = Course::new(tree.beats_per_bar, *checkpoint_interval);
        let tree = Device::of_machine(SimulatedDisk::new(layout), &course.clock);
        let log = Device::of_log(log_size, sector, &course.clock);
        Self {
            store: new_store(tree, log, &options),
            options,
            course,
            batches: Batches::default(),
            stamp: 0,
        }
    }

    /// The store of the tree.
    pub(super) fn tree(&self) -> &Store<General16, Device> {
        self.store.store()
    }
}

pub(super) fn new_store(tree: Device, log: Device, options: &DurableOptions) -> Durable {
    DurableStore::new(tree, log, options).expect("the target's settings are valid")
}
