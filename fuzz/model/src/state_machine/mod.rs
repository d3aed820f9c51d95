//! The target `state_machine`: its settings and operations, the requests that the service must have
//! executed ([`Requests`]), and where their entries are in the log ([`Ring`]).

mod requests;
mod ring;

pub use crate::running::{Beats, Before, Burst, From, Io, Kind, Object, Steps};
pub use crate::triggers::Triggers;
pub use requests::{Requests, body, client, operation_of, split, value};
pub use ring::{Entry, Ring, forged};

use downbeat_input::device::{FAULT_NAMES, ORDER_NAMES};
use downbeat_input::encoding::{Count, Place, Way};
use downbeat_input::{operations, table_number};

operations! {
    settings [
        /// Bytes of a block.
        BLOCK: "geometry" "block" = Numbers(&[256, 512, 1024]),
        /// Blocks of the device.
        BLOCKS: "geometry" "blocks" = Numbers(&[2048, 1024, 8192]),
        /// The maximum number of objects that are written between two beats. A request writes one.
        BATCH: "geometry" "batch" = Numbers(&[1, 2, 8]),
        /// Beats of a bar.
        BAR: "geometry" "bar" = Numbers(&[4, 6, 8]),
        /// The growth factor of the trees.
        GROWTH: "geometry" "growth" = Numbers(&[8, 4, 16]),
        /// Levels of the trees.
        LEVELS: "geometry" "levels" = Numbers(&[4, 3, 5, 6]),
        /// Bars from one checkpoint to the next.
        INTERVAL: "checkpoints" "interval" = Numbers(&[1, 2, 3, 8]),
        /// The maximum number of bytes of a body.
        BODY: "log" "body" = Numbers(&[200, 64, 0, 1, 40, 600]),
        /// Bytes of a sector of the log's device.
        SECTOR: "log" "sector" = Numbers(&[128, 64, 256, 512]),
        /// Sectors of the log's device beyond those that it needs.
        SPARE: "log" "spare" = Numbers(&[0, 1, 3, 16, 61]),
        /// Sets of the cache of objects, with two objects each.
        OBJECTS: "memory" "objects" = Numbers(&[2, 1, 16]),
        /// Sets of the cache of blocks, with two blocks each.
        CACHE: "memory" "cache" = Numbers(&[4, 1, 16]),
        /// Value blocks that a compaction reads ahead.
        AHEAD: "memory" "ahead" = Numbers(&[1, 4]),
        /// The maximum number of reads in flight, and of writes in flight.
        IN_FLIGHT: "io" "in_flight" = Numbers(&[2, 1, 8]),
        /// The order in which I/O completes.
        ORDER: "io" "order" = Words(&ORDER_NAMES),
        /// The seed of everything random in a run.
        SCHEDULE: "schedule" = Byte,
        /// How much may be damaged at once.
        FAULTS: "faults" = Words(&FAULT_NAMES),
    ];

    /// One operation on a service: a state machine on one device and the log of its requests on
    /// another.
    pub enum Operation {
        /// Executes a request.
        0 "request" Write 20 => Request { client: Client, size: Size },
        /// Executes requests of several clients, which become durable together.
        1 "group" Run 8 => Group { count: Count, client: Client, size: Size },
        /// Executes a workload: `count` requests of random sizes, `group` at a time.
        2 "workload" Run 6 => Workload { count: Count, group: Few },
        /// Executes requests phase by phase, without the service. `ahead` of them are in the log
        /// before the first is executed, and `steps` I/Os complete between two phases.
        3 "by_hand" Run 10 => ByHand { count: Few, ahead: Few, steps: Steps, size: Size },
        /// Executes requests of which the one at `place` is too long.
        4 "too_long" Write 2 => TooLong { count: Few, place: Place },
        /// Runs beats without requests.
        5 "idle" Structure 5 => Idle { beats: Beats },
        /// Requests a checkpoint that contains all requests so far.
        6 "want" Structure 4 => Want,
        /// Lets up to `count` I/Os of the state machine complete.
        7 "step" Structure 2 => Step { count: Steps },
        /// Drops the blocks that are cached.
        8 "drop_cache" Structure 3 => DropCache,
        /// Closes the service and opens it again.
        9 "reopen" Structure 4 => Reopen { service: Object },
        /// Loses power after `io` more I/Os of both devices, counted from now or from the first
        /// write of the next superblock. The service is then opened again.
        10 "crash" Structure 8 => Crash { io: Io, from: From, service: Object },
        /// Causes a fault at a later I/O of a device.
        11 "fault" Structure 2 => Fault { device: Device, kind: Kind, io: Io },
        /// Damages the entry of a request in the log, opens the service, repairs the damage, and
        /// opens the service again.
        12 "damage" Structure 3 => Damage { entry: Place, kind: Kind, service: Object },
        /// Gets the thing of a request by its number or its timestamp, or one near it.
        13 "get" Read 8 => Get { request: Place, distance: Distance, by: By },
        /// Reads the things of `count` requests from `request` on.
        14 "range" Read 6 => Range { request: Place, count: Count, way: Way },
        /// Finds the thing of a request by its value.
        15 "find" Read 6 => Find { request: Place, way: Way },
        /// Opens the service with the log of another one, which has `count` requests.
        16 "swap" Structure 1 => Swap { count: Few },
        /// Puts a request of an unknown operation into the log, opens the service, removes the
        /// request, and opens the service again.
        17 "unknown" Structure 1 => Unknown { number: Number },
        /// Splits the reply of a batch. The requests have the numbers of events that `events`
        /// determines.
        18 "split" Read 4 => Split { event: Width, result: Width, requests: Few, events: Spread },
        /// Looks up every number of an operation.
        19 "numbers" Read 1 => Numbers,
        /// Executes a request whose body contains the bytes of an entry of the log: of the next
        /// request, or one at a distance from it.
        20 "forged" Write 3 => Forged { client: Client, distance: Distance },
        /// Kills the process after `io` more I/Os, counted over both devices. The devices keep
        /// their power. The service is then opened again.
        21 "kill" Structure 4 => Kill { io: Io, service: Object },
        /// Damages the entry of a request in the log, and opens the service without the requests
        /// that the log then says are lost.
        22 "give_up" Structure 2 => GiveUp { entry: Place, kind: Kind, service: Object },
        /// Closes the service and opens it again, while `count` reads of a device in a row fail,
        /// after `before` reads.
        23 "burst" Structure 2 => Burst {
            device: Device, before: Before, count: Burst, service: Object
        },
    }
}

table_number! {
    /// A client; several by default.
    pub Client: u32 = [0, 1, 2, 3, 4, 5]
}

table_number! {
    /// The size of a body, in eighths of the limit. 9 is one byte less than the limit, 10 fills the
    /// sectors of the entry, and 11 is one byte more than that.
    pub Size: u32 = [4, 0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]
}

table_number! {
    /// How many; one by default.
    pub Few: u32 = [1, 2, 3, 4, 5, 6, 8, 12, 16]
}

table_number! {
    /// A device: 0 that of the state machine, 1 that of the log.
    pub Device: u32 = [1, 0]
}

table_number! {
    /// The distance from a request; 0 by default.
    pub Distance: i64 = [0, 1, -1, 0x1_0000]
}

table_number! {
    /// By what a thing is got: 0 its number, 1 its timestamp. 0 by default.
    pub By: u32 = [0, 1]
}

table_number! {
    /// The number of an operation that the echo machine does not have.
    pub Number: u32 = [129, 1, 2, 127, 200, 255]
}

table_number! {
    /// The bytes of an event or of a result.
    pub Width: u32 = [1, 2, 3, 7, 8, 16, 24, 64, 127, 128]
}

table_number! {
    /// A number from which the numbers of events of several requests are computed.
    pub Spread: u32 = [1, 0, 2, 3, 5, 7, 11, 13]
}

impl Size {
    /// The number of bytes of a body, if bodies have at most `limit` bytes, and the sectors of the
    /// log `sector` bytes.
    #[must_use]
    pub fn of(self, limit: usize, sector: usize) -> usize {
        match self.get() {
            9 => limit.saturating_sub(1),
            number @ (10 | 11) => {
                let fills = |size: &usize| ring::used(*size, sector).is_multiple_of(sector);
                let fills = (0..=limit).rev().find(fills).unwrap_or(limit);
                (fills + number as usize - 10).min(limit)
            }
            eighths => limit * eighths as usize / 8,
        }
    }
}
