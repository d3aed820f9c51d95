//! Target `tree_twin`: two stores with the same writes, scopes, beats and checkpoints. They differ
//! in ways that must not affect the disk: the order in which I/O completes, how many I/Os are in
//! flight, the cache, the read-ahead, and the reads.
//!
//! What is checked:
//!
//! - Each beat ends in the same way in both stores. Each checkpoint has the same state, including
//!   the checksums of everything that it refers to.
//! - At the end, every block in use has the same bytes on both disks, and so has the superblock.
//!
//! The first store is that of the target `tree`, with all its checks. The second repeats the calls
//! that change the first, and never reads. Nothing crashes or fails: an operation that would cause
//! it opens the stores again.

mod pair;
mod world;

use crate::tree::{Tree, events, states};
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::tree::{Operation, RECORD, SCHEDULE, USAGE};

/// The target.
#[derive(Debug)]
pub struct TreeTwin;

impl Target for TreeTwin {
    const LISTING: Listing = registry::TREE_TWIN;
    const EVENTS: &'static [&'static str] = events::WITHOUT_FAULTS;
    const STATES: &'static [StateGroup] = states::WITHOUT_FAULTS;
    const PHASES: &'static [StateGroup] = Tree::PHASES;
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    const GEOMETRY: &'static [usize] = Tree::GEOMETRY;
    /// Smaller than the default, because a world of this target takes much memory.
    const KEPT: usize = 24;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = geometry.number(Operation::SETTINGS, RECORD);
        of_records!(usage, size, R => Box::new(pair::Pair::<R>::new(geometry)))
    }
}
