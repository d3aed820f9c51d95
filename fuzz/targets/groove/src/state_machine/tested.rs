//! A service, and its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::forest::{ForestOptions, TreeSet as _};
use downbeat_lsm::groove::{Groove, GrooveOptions};
use downbeat_lsm::state_machine::{EchoMachine, EchoOptions, Service, Thing};
use downbeat_lsm::storage::Layout;

use super::never_crashed::NeverCrashed;
use crate::fitting::enlarge;
use crate::forest_options::forest_options;
use crate::two_disks::device::{Device, LABEL_COPIES};
use crate::two_disks::{Course, TwoDisks as _};
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

/// A service, and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) service: Service<Machine, Device>,
    pub(super) options: EchoOptions,
    pub(super) course: Course,
    pub(super) requests: Requests,
    pub(super) ring: Ring,
    /// The machine that never crashed, and the checkpoints that it takes.
    pub(super) never_crashed: NeverCrashed,
    /// How many times the service was opened in this run since it was formatted.
    pub(super) restarts: u64,
    /// Whether something other than a loss of power was armed in the run.
    pub(super) has_faults: bool,
    /// How many bodies of requests were made in this run.
    pub(super) stamp: u64,
    /// How many keys reads have prefetched since the last beat.
    pub(super) prefetched: u32,
    /// How many groups the service refused because it was full, since it was formatted.
    pub(super) refusals: u32,
}

/// The options that the header of an input chooses, with blocks that are large enough.
fn options(header: &Header) -> EchoOptions {
    let number = |setting| header.number(Operation::SETTINGS, setting);
    let mut options = EchoOptions {
        forest: forest_options(number, [BLOCK, INTERVAL, CACHE, IN_FLIGHT], number(BLOCKS).into()),
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
    while let Err(error) = options.forest.validate(&shapes) {
        let ForestOptions { layout, manifest_compact_extra_blocks, .. } = &mut options.forest;
        enlarge(&error, &mut layout.block_size, manifest_compact_extra_blocks);
    }
    options
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let Sizes { options, sector, log_size, layout } = Sizes::of(header);
        let course = course(&options);
        let machine = Device::of_machine(SimulatedDisk::new(layout), &course.clock);
        let log = Device::of_log(log_size, sector, &course.clock);
        let machine = EchoMachine::new(machine, &options).expect("the target's settings are valid");
        Self {
            service: Service::new(machine, log).expect("the target's settings are valid"),
            options,
            course,
            requests: Requests::default(),
            ring: ring(log_size, sector),
            never_crashed: NeverCrashed::default(),
            restarts: 0,
            has_faults: false,
            stamp: 0,
            prefetched: 0,
            refusals: 0,
        }
    }

    /// Resets this to what [`Tested::new`] makes of the header.
    pub(super) fn remake(&mut self, header: &Header) {
        let Sizes { options: new, sector, log_size, layout } = Sizes::of(header);
        let Self {
            service,
            options,
            course: run,
            requests,
            ring: entries,
            never_crashed,
            restarts,
            has_faults,
            stamp,
            prefetched,
            refusals,
        } = self;
        *run = course(&new);
        let (machine, log) = service.parts_mut();
        *machine.storage_mut() = Device::of_machine(SimulatedDisk::new(layout), &run.clock);
        *log.storage_mut() = Device::of_log(log_size, sector, &run.clock);
        renew(service, &new);
        *options = new;
        requests.clear();
        *entries = ring(log_size, sector);
        never_crashed.clear();
        (*restarts, *has_faults) = (0, false);
        (*stamp, *prefetched, *refusals) = (0, 0, 0);
    }

    /// Whether the service refuses requests.
    pub(super) fn refuses(&self) -> bool {
        self.course.has_failed() || self.is_down()
    }
}

/// Resets a service to a new service with these options, on the same devices.
pub(super) fn renew(service: &mut Service<Machine, Device>, options: &EchoOptions) {
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

fn course(options: &EchoOptions) -> Course {
    Course::new(options.things.beats_per_bar, options.forest.checkpoint_interval)
}
