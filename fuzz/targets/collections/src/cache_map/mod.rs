//! Target `cache_map`: the cache map of the core, with its cache and without, against a hash map
//! with an undo log.
//!
//! Every operation is applied to two maps that differ only in the cache, so one history tests both.
//! The model (`downbeat_model::cache_map`) says which answers are allowed.
//!
//! Also checked:
//!
//! - The stash never has more entries than there were writes since the last compaction.
//! - A compaction leaves the cache unchanged.
//! - At the end both maps have every entry that the model requires, and none that contradicts the
//!   model.
//! - The place of each entry and the statistics equal those of the `Reference`, because a cache
//!   that evicts the wrong entry still answers correctly, only more slowly.

mod compare;
mod events;
mod exact;
mod hash;
mod reads;
mod room;
mod states;
mod structure;
mod sweep;
mod tested;
mod world;
mod writes;

use downbeat::input::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};
use downbeat_model::cache_map::Operation;

/// The target.
#[derive(Debug)]
pub struct CacheMap;

impl Target for CacheMap {
    const LISTING: Listing = registry::CACHE_MAP;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    /// Each run has new maps, so that a failure depends only on its own input. With maps that are
    /// used again, an incomplete reset in one run would fail in a later run, whose input does not
    /// reproduce the failure. New maps cost no time: 50,000 inputs of the seeded driver and 100,000
    /// executions of libFuzzer took the same CPU time either way.
    const KEPT: usize = 0;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(world::CacheMapWorld::new(geometry))
    }
}
