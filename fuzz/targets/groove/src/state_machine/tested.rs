//! A service, and its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::forest::{ForestOptions, InvalidStore, TreeSet as _};
use downbeat_lsm::groove::{Groove, GrooveOptions};
use downbeat_lsm::state_machine::{EchoMachine, EchoOptions, Service, ServiceError, Thing};
use downbeat_lsm::storage::{Layout, LayoutOptions};

use super::clock::Clock;
use super::device::{Device, LABEL_COPIES};
use super::never_crashed::NeverCrashed;
use downbeat::Checked;
use downbeat::check::equal;
use downbeat::disk::SimulatedDisk;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::state_machine::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, BODY, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, OBJECTS,
    Operation, Requests, Ring, SECTOR, SPARE, Triggers,
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
    /// A call of the machine or of the log failed, which the service does not know.
    ByHand,
}

/// A service, and its model.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) service: Service<Machine, Device>,
    pub(super) options: EchoOptions,
    pub(super) clock: Clock,
    pub(super) requests: Requests,
    pub(super) ring: Ring,
    /// When checkpoints are due.
    pub(super) triggers: Triggers,
    /// The last request in the last checkpoint.
    pub(super) held: u64,
    /// The last beat that was run.
    pub(super) beats: u64,
    /// The machine that never crashed, and the checkpoints that it takes.
    pub(super) never_crashed: NeverCrashed,
    /// Whether the service failed since it was opened.
    pub(super) failed: Failed,
    /// How many times the service was opened in this run since it was formatted.
    pub(super) restarts: u64,
    /// Whether something other than a loss of power was armed in the run.
    pub(super) has_faults: bool,
    /// Whether a new object opens the disks after the next loss of power.
    pub(super) anew: bool,
    /// How many I/Os of the machine's disk and of the log's disk had completed when the service was
    /// opened or formatted.
    pub(super) opened: (u64, u64),
    /// How many times the disks were formatted in this run.
    pub(super) formatted: u64,
    /// How many bodies there were in this run.
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
            // Small blocks have no room for a table, or for the entries of the log.
            Err(InvalidStore::ManifestLog(_)) => {
                options.forest.manifest_compact_extra_blocks *= 2;
            }
            Err(_) => options.forest.layout.block_size *= 2,
        }
    }
    panic!("state_machine: the settings are invalid ({options:?})");
}

impl Tested {
    pub(super) fn new(header: &Header) -> Self {
        let Sizes { options, sector, log_size, layout } = Sizes::of(header);
        let clock = Clock::default();
        let machine = Device::of_machine(SimulatedDisk::new(layout), &clock);
        let log = Device::of_log(log_size, sector, &clock);
        let machine = EchoMachine::new(machine, &options).expect("the target's settings are valid");
        Self {
            service: Service::new(machine, log).expect("the target's settings are valid"),
            options,
            clock,
            requests: Requests::default(),
            ring: ring(log_size, sector),
            triggers: triggers(&options),
            held: 0,
            beats: 0,
            never_crashed: NeverCrashed::default(),
            failed: Failed::No,
            restarts: 0,
            has_faults: false,
            anew: false,
            opened: (0, 0),
            formatted: 0,
            stamp: 0,
            prefetched: 0,
            phase: 0,
        }
    }

    /// Makes this what [`Tested::new`] makes.
    pub(super) fn remake(&mut self, header: &Header) {
        let Sizes { options: new, sector, log_size, layout } = Sizes::of(header);
        let Self {
            service,
            options,
            clock,
            requests,
            ring: entries,
            triggers: due,
            held,
            beats,
            never_crashed,
            failed,
            restarts,
            has_faults,
            anew,
            opened,
            formatted,
            stamp,
            prefetched,
            phase,
        } = self;
        clock.reset();
        let (machine, log) = service.parts_mut();
        *machine.storage_mut() = Device::of_machine(SimulatedDisk::new(layout), clock);
        *log.storage_mut() = Device::of_log(log_size, sector, clock);
        renew(service, &new);
        *options = new;
        requests.clear();
        *entries = ring(log_size, sector);
        *due = triggers(&new);
        never_crashed.clear();
        *failed = Failed::No;
        (*held, *beats, *restarts, *has_faults, *anew) = (0, 0, 0, false, false);
        (*opened, *formatted, *stamp, *prefetched, *phase) = ((0, 0), 0, 0, 0, 0);
    }

    pub(super) fn bar(&self) -> u64 {
        u64::from(self.options.things.beats_per_bar)
    }

    /// The maximum number of requests that are in no checkpoint.
    pub(super) fn room_max(&self) -> u64 {
        (u64::from(self.options.forest.checkpoint_interval) + 4) * self.bar()
    }

    /// Whether power is lost.
    #[inline]
    pub(super) fn is_down(&self) -> bool {
        self.clock.is_down()
    }

    /// Whether the service refuses requests.
    pub(super) fn refuses(&self) -> bool {
        self.failed != Failed::No || self.is_down()
    }

    pub(super) fn machine_disk(&self) -> &SimulatedDisk {
        &self.service.machine().forest().grid().storage().disk
    }

    pub(super) fn log_disk(&self) -> &SimulatedDisk {
        &self.service.log_of_requests().storage().disk
    }

    pub(super) fn devices(&mut self) -> (&mut Device, &mut Device) {
        let (machine, log) = self.service.parts_mut();
        (machine.forest_mut().trees_and_grid().1.storage_mut(), log.storage_mut())
    }

    pub(super) fn disks(&mut self) -> [&mut SimulatedDisk; 2] {
        let (machine, log) = self.devices();
        [&mut machine.disk, &mut log.disk]
    }

    /// Makes the service as a new object does. The disks stay as they are. No operation may be in
    /// their queues.
    pub(super) fn renew(&mut self) {
        renew(&mut self.service, &self.options);
    }

    /// Checks what the service says about itself between two operations.
    pub(super) fn check_service(&self) -> Checked {
        let log = self.service.log_of_requests();
        let forest = self.service.machine().forest();
        let last = self.requests.last();
        equal("numbers-have-no-gaps", last, log.last())
            .or("the last request of the log is another than that of the model")?;
        equal("acknowledged-is-durable", last, log.durable())
            .or("requests were acknowledged that are not durable")?;
        equal("beat-follows-request", last, forest.beat_number())
            .or("the machine is at another beat than the last request")?;
        let state = forest.superblock().working().state();
        equal("checkpoint-comes-when-due", self.held, state.beat)
            .or("the last checkpoint contains another request than the one that is due")?;
        let room = self.room_max() - (last - self.held);
        equal("checkpoint-releases-its-requests", room, u64::from(log.room()))
            .or("the log has released more or fewer requests than the checkpoint contains")
    }
}

/// Makes a service what a new one with these options is, on the same devices.
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

fn triggers(options: &EchoOptions) -> Triggers {
    Triggers::new(
        u64::from(options.things.beats_per_bar),
        u64::from(options.forest.checkpoint_interval),
    )
}
