//! Target `merge`: merges of sorted streams, newest first and oldest first, and the tournament
//! under them. The model sorts all records beforehand.
//!
//! What must hold beyond the answers: a merge waits exactly when a stream that it asks is late, and
//! then nothing is lost; a record is taken off a stream only after it was shown; every record is
//! counted as dropped or given once.

mod answers;
mod events;
mod merges;
mod merging;
mod reads;
mod states;
mod streams;
mod world;

use downbeat::model::merge::Operation;
use downbeat::registry::{self, Listing};
use downbeat::states::StateGroup;
use downbeat::target::Target;
use downbeat::worlds::ByGeometry;

/// The target.
#[derive(Debug)]
pub struct Merge;

impl Target for Merge {
    const LISTING: Listing = registry::MERGE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    type Operation = Operation;
    type World = ByGeometry<Merge>;
}
