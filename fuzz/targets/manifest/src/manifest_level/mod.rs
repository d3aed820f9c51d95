//! Target `manifest_level`: two levels of a manifest over one pool of nodes. The model of each is a
//! list of tables that is searched from end to end for every answer.
//!
//! Also checked:
//!
//! - The counts, the key range and the generation of a level equal the model's.
//! - The levels have exactly the nodes that are acquired from the pool, and a reset returns all of
//!   them.
//! - The pool never runs out of nodes if it has as many as both levels can use (`node_count_max`).

mod change;
mod compare;
mod events;
mod insert;
mod levels;
mod reads;
mod remove;
mod states;
mod sweep;
mod touched;
mod world;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::manifest_level::{NODE, Operation, POOL, TABLES};

/// The target.
#[derive(Debug)]
pub struct ManifestLevel;

impl Target for ManifestLevel {
    const LISTING: Listing = registry::MANIFEST_LEVEL;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const SWEEP_FROM: Option<u64> = Some(8);
    const GEOMETRY: &'static [usize] = &[NODE, TABLES, POOL];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(levels::Levels::new(geometry))
    }
}
