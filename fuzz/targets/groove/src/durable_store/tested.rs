//! A store, and its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::durable_store::{DurableOptions, DurableStore, ServiceError};
use downbeat_lsm::forest::InvalidStore;
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::store::{Store, StoreOptions};
use downbeat_lsm::tree::TreeOptions;

use crate::two_disks::device::Device;
use crate::two_disks::{Power, Progress, TwoDisks};
use downbeat::Checked;
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::General16;
use downbeat_model::durable_store::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, Batches, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS,
    Operation, RECORDS, SECTOR, SPARE,
};

pub(super) type Durable = DurableStore<General16, Device, Device>;

/// What a call does, for the state of a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Between,
    Write,
    Read,
    Opening,
}

/// A store, and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) store: Durable,
    pub(super) options: DurableOptions,
    pub(super) power: Power,
    pub(super) batches: Batches,
    /// The beats that were run, and the checkpoints that they took.
    pub(super) progress: Progress,
    /// Why the store refuses writes.
    pub(super) failed: Option<ServiceError>,
    /// How many times the disks were formatted in this run.
    pub(super) formatted: u64,
    /// How many records were put in this run.
    pub(super) stamp: u64,
    pub(super) phase: Phase,
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
    };
    for _ in 0..20 {
        match store.validate::<General16>() {
            Ok(()) => {
                let batch_records_max = number(BATCH).min(number(RECORDS));
                return DurableOptions { store, batch_records_max };
            }
            // Small blocks have no room for a table, or for the entries of the log.
            Err(InvalidStore::ManifestLog(_)) => store.manifest_compact_extra_blocks *= 2,
            Err(_) => store.layout.block_size *= 2,
        }
    }
    panic!("durable_store: the settings are invalid ({store:?})");
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let options = options(header);
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let layout = Layout::new(options.store.layout).expect("the target's settings are valid");
        let sector = number(SECTOR) as usize;
        let spare = u64::from(number(SPARE)) * sector as u64;
        let log_size = options.log_device_size::<General16>(sector) + spare;
        let power = Power::default();
        let tree = Device::of_machine(SimulatedDisk::new(layout), &power.clock);
        let log = Device::of_log(log_size, sector, &power.clock);
        Self {
            store: new_store(tree, log, &options),
            options,
            power,
            batches: Batches::default(),
            progress: Progress::new(
                options.store.tree.beats_per_bar,
                options.store.checkpoint_interval,
            ),
            failed: None,
            formatted: 0,
            stamp: 0,
            phase: Phase::Between,
        }
    }

    /// The store of the tree.
    pub(super) fn tree(&self) -> &Store<General16, Device> {
        self.store.store()
    }

    /// Checks what the store says about itself between two operations.
    pub(super) fn check_store(&self) -> Checked {
        let (beat, superblock) = (self.tree().beat_number(), self.tree().superblock());
        self.progress.check(self.batches.last(), self.store.log(), beat, superblock)
    }
}

impl TwoDisks for Tested {
    #[inline]
    fn power(&self) -> &Power {
        &self.power
    }

    fn power_mut(&mut self) -> &mut Power {
        &mut self.power
    }

    fn devices(&self) -> [&Device; 2] {
        [self.tree().grid().storage(), self.store.log().storage()]
    }

    fn devices_mut(&mut self) -> [&mut Device; 2] {
        let (tree, log) = self.store.storages_mut();
        [tree, log]
    }

    fn renew(&mut self) {
        let [tree, log] = self.devices_mut().map(Device::take);
        self.store = new_store(tree, log, &self.options);
    }
}

fn new_store(tree: Device, log: Device, options: &DurableOptions) -> Durable {
    DurableStore::new(tree, log, options).expect("the target's settings are valid")
}
