//! Target `state_machine`: a service on two simulated disks, one for the forest of the echo machine
//! and one for the log of its requests. The model is the list of requests.
//!
//! What is checked:
//!
//! - Each reply is the body of its request. Numbers have no gaps, and a request that is too long is
//!   refused together with its group.
//! - Power is lost at any I/O of the two disks, also while the service opens and replays. All
//!   acknowledged requests are then in the service, and of the others those up to some number. Each
//!   is executed once, and replies again as before.
//! - A checkpoint is taken when it is due. Then exactly the requests that it contains are released
//!   from the log. The service opens at the last checkpoint, or at one that was being taken.
//! - Faults cause errors, each with its own cause on the disk. After an error the service refuses
//!   everything until it is opened again.
//! - An entry of the log that cannot be read is always reported. A damaged entry is reported if
//!   another entry or the checkpoint says that it was durable. The report says which requests are
//!   lost. The service opens without them only if they are given up, and has all requests before
//!   them. Only a damaged entry of which nothing says that it was durable ends the log without a
//!   report. The log of another service is refused, and so is a request of an unknown operation.
//! - At the end, before and after the service is opened again: the groove has exactly one thing for
//!   each request, by timestamp, by number and by value, in both directions.
//! - Without faults, the last checkpoint equals that of a machine that executed the same requests
//!   and never crashed.
//! - The reply of a batch is split as the model says, with events and results of 1 to 128 bytes.
//!
//! If the service failed, the next request opens it again first.

mod by_hand;
mod compare;
mod damage;
mod demultiplex;
mod events;
mod executed;
mod faults;
mod host;
mod never_crashed;
mod operations;
mod reads;
mod recovery;
mod requests;
mod states;
mod tested;
mod world;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::state_machine::{
    AHEAD, BAR, BATCH, BLOCK, BLOCKS, BODY, CACHE, GROWTH, IN_FLIGHT, INTERVAL, LEVELS, OBJECTS,
    Operation, SCHEDULE, SECTOR, SPARE,
};

/// The target.
#[derive(Debug)]
pub struct StateMachine;

impl Target for StateMachine {
    const LISTING: Listing = registry::STATE_MACHINE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const PHASES: &'static [StateGroup] = crate::two_disks::phases::PHASES;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] = &[
        BLOCK, BLOCKS, BATCH, BAR, GROWTH, LEVELS, INTERVAL, BODY, SECTOR, SPARE, OBJECTS, CACHE,
        AHEAD, IN_FLIGHT,
    ];
    /// Smaller than the default, because a world of this target takes much memory.
    const KEPT: usize = 8;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(tested::Tested::new(geometry))
    }
}
