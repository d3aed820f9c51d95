//! Target `merge`: merges of sorted streams by the rules newest first and oldest first, and the
//! loser tree that both use. The model sorts all records beforehand.
//!
//! Also checked: a merge waits exactly when a stream that it asks is not ready, and loses no record
//! by waiting; a record is taken off a stream only after the stream showed it; every record is
//! counted once, as dropped or as returned.

mod answers;
mod events;
mod merges;
mod merging;
mod reads;
mod states;
mod streams;
mod world;

use downbeat::input::encoding::{Header, Operation as _};
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::merge::{Operation, RECORD, USAGE};

/// The target.
#[derive(Debug)]
pub struct Merge;

impl Target for Merge {
    const LISTING: Listing = registry::MERGE;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const GEOMETRY: &'static [usize] = &[USAGE, RECORD];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = geometry.number(Operation::SETTINGS, RECORD);
        of_records!(usage, size, R => Box::new(merging::Merging::<R>::new(geometry)))
    }
}
