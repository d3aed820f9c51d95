//! A service, and its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::forest::{ForestOptions, InvalidStore, TreeSet as _};
use downbeat_lsm::groove::{Groove, GrooveOptions};
use downbeat_lsm::state_machine::{EchoMachine, EchoOptions, Service, ServiceError, Thing};
use downbeat_lsm::storage::{Layout, LayoutOptions};

use super::never_crashed::NeverCrashed;
use crate::two_disks::device::{Device, LABEL_COPIES};
use crate::two_disks::{Power, Progress, TwoDisks};
use downbeat::Checked;
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::state_machine::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, BODY, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, OBJECTS,
    Operation, Requests, Ring, SECTOR, SPARE,
};

pub(super) type Machine = EchoMachine<Device>;

/// The maximum number of keys that are prefetched between two beats: one by the request, the others
/// by reads.
pub(super) const PREFETCH_MAX: u32 = 8;

/// Whether a service failed since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    No,
    /// A call of the service returned this error.
    Service(ServiceError),
    /// A call of the machine or of the log failed. The service does not know of the failure.
    ByHand,
}

/// A service, and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) service: Service<Machine, Device>,
    pub(super) options: EchoOptions,
    pub(super) power: Power,
    pub(super) requests: Requests,
    pub(super) ring: Ring,
    /// The beats that were run, and the checkpoints that they took.
    pub(super) progress: Progress,
    /// The machine that never crashed, and the checkpoints that it takes.
    pub(super) never_crashed: NeverCrashed,
    /// Whether the service failed since it was opened.
    pub(super) failed: Failed,
    /// How many times the service was opened in this run since it was formatted.
    pub(super) restarts: u64,
    /// Whether something other than a loss of power was armed in the run.
    pub(super) has_faults: bool,
    /// How many times the disks were formatted in this run.
    pub(super) formatted: u64,
    /// How many bodies of requests were made in this run.
    pub(super) stamp: u64,
    /// How many keys reads have prefetched since the last beat.
    pub(super) prefetched: u32,
    /// What runs: nothing (0), the service (1), requests by hand (2), or an opening (3).
    pub(super) phase: usize,
}

/// The options that the header of an input chooses, with blocks that are large enough.
fn options(header: &Header) -> EchoOptions {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let mut options = EchoOptions {
        forest: ForestOptions {
            layout: LayoutOptions {
                sector_size: 256,
                block_size: number(BLOCK) as usize,
                superblock_copies: 2,
                block_count: u64::from(number(BLOCKS)),
            },
            checkpoint_interval: number(INTERVAL),
            manifest_compact_extra_blocks: 1,
            manifest_node_size: 1024,
            cache: CacheOptions { ways: Ways::Two, sets: number(CACHE) },
            reads_in_flight_max: number(IN_FLIGHT),
            writes_in_flight_max: number(IN_FLIGHT),
            lookups_max: 2,
            scans_max: 1,
        },
        things: GrooveOptions {
            tree_id: 1,
            batch_objects_max: number(BATCH),
            prefetch_max: PREFETCH_MAX,
            objects_cache: CacheOptions { ways: Ways::Two, sets: number(OBJECTS) },
            beats_per_bar: number(BAR),
            growth_factor: number(GROWTH),
            level_count: number(LEVELS),
            read_ahead: number(AHEAD),
        },
        body_size_max: number(BODY),
    };
    let shapes = Groove::<Thing>::shapes(&options.things);
    for _ in 0..20 {
        match options.forest.validate(&shapes) {
            Ok(()) => return options,
            // The smaller the blocks, the more of them the log must compact.
            Err(InvalidStore::ManifestLog(_)) => {
                options.forest.manifest_compact_extra_blocks *= 2;
            }
            // Small blocks have no room for a table.
            Err(_) => options.forest.layout.block_size *= 2,
        }
    }
    panic!("state_machine: the settings are invalid ({options:?})");
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let Sizes { options, sector, log_size, layout } = Sizes::of(header);
        let power = Power::default();
        let machine = Device::of_machine(SimulatedDisk::new(layout), &power.clock);
        let log = Device::of_log(log_size, sector, &power.clock);
        let machine = EchoMachine::new(machine, &options).expect("the target's settings are valid");
        Self {
            service: Service::new(machine, log).expect("the target's settings are valid"),
            options,
            power,
            requests: Requests::default(),
            ring: ring(log_size, sector),
            progress: progress(&options),
            never_crashed: NeverCrashed::default(),
            failed: Failed::No,
            restarts: 0,
            has_faults: false,
            formatted: 0,
            stamp: 0,
            prefetched: 0,
            phase: 0,
        }
    }

    /// Resets this to what [`Tested::new`] makes of the header.
    pub(super) fn remake(&mut self, header: &Header) {
        let Sizes { options: new, sector, log_size, layout } = Sizes::of(header);
        let Self {
            service,
            options,
            power,
            requests,
            ring: entries,
            progress: due,
            never_crashed,
            failed,
            restarts,
            has_faults,
            formatted,
            stamp,
            prefetched,
            phase,
        } = self;
        power.clock.reset();
        let (machine, log) = service.parts_mut();
        *machine.storage_mut() = Device::of_machine(SimulatedDisk::new(layout), &power.clock);
        *log.storage_mut() = Device::of_log(log_size, sector, &power.clock);
        renew(service, &new);
        *options = new;
        requests.clear();
        *entries = ring(log_size, sector);
        *due = progress(&new);
        never_crashed.clear();
        *failed = Failed::No;
        (power.anew, power.opened) = (false, (0, 0));
        (*restarts, *has_faults) = (0, false);
        (*formatted, *stamp, *prefetched, *phase) = (0, 0, 0, 0);
    }

    /// Whether the service refuses requests.
    pub(super) fn refuses(&self) -> bool {
        self.failed != Failed::No || self.is_down()
    }

    pub(super) fn machine_disk(&self) -> &SimulatedDisk {
        self.disks()[0]
    }

    pub(super) fn log_disk(&self) -> &SimulatedDisk {
        self.disks()[1]
    }

    /// Checks what the service says about itself between two operations.
    pub(super) fn check_service(&self) -> Checked {
        let forest = self.service.machine().forest();
        let (log, last) = (self.service.log_of_requests(), self.requests.last());
        self.progress.check(last, log, forest.beat_number(), forest.superblock())
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
        let machine = self.service.machine().forest().grid().storage();
        [machine, self.service.log_of_requests().storage()]
    }

    fn devices_mut(&mut self) -> [&mut Device; 2] {
        let (machine, log) = self.service.parts_mut();
        [machine.forest_mut().trees_and_grid().1.storage_mut(), log.storage_mut()]
    }

    fn renew(&mut self) {
        renew(&mut self.service, &self.options);
    }
}

/// Resets a service to a new service with these options, on the same devices.
fn renew(service: &mut Service<Machine, Device>, options: &EchoOptions) {
    let renewed = service.renew(|machine| machine.renew(options));
    renewed.expect("the target's settings are valid");
}

/// The sizes that the header of an input chooses.
struct Sizes {
    options: EchoOptions,
    /// The size of a sector of the log's disk, in bytes.
    sector: usize,
    /// The size of the log's disk in bytes.
    log_size: u64,
    layout: Layout,
}

impl Sizes {
    fn of(header: &Header) -> Self {
        let options = options(header);
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let sector = number(SECTOR) as usize;
        let log_size = options.log_device_size(sector) + u64::from(number(SPARE)) * sector as u64;
        let layout = Layout::new(options.forest.layout).expect("the target's settings are valid");
        Self { options, sector, log_size, layout }
    }
}

/// The model of a log of this size.
fn ring(log_size: u64, sector: usize) -> Ring {
    Ring::new(log_size - (LABEL_COPIES * sector) as u64, sector as u64)
}

fn progress(options: &EchoOptions) -> Progress {
    Progress::new(options.things.beats_per_bar, options.forest.checkpoint_interval)
}
