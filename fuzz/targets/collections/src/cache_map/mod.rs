//! Target `cache_map`: the cache map of the core, with its cache and without, against a hash map
//! with an undo log.
//!
//! Every operation is applied to two maps that differ only in the cache, so one history tests both.
//! The model (`downbeat_model::cache_map`) says what the maps may answer.
//!
//! Also checked: the stash never holds more entries than there were writes since the last
//! compaction; a compaction leaves the cache unchanged; at the end both maps hold all that the
//! model holds, and nothing that contradicts the model. The `Reference` says which entry is where
//! and what is counted. It is compared too, because a cache that evicts the wrong entry answers
//! correctly, but slowly.

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
    /// Each run has new maps, so that what fails does so by itself: a reset that forgets something
    /// would fail inputs that show nothing of it. Measured, 50,000 inputs of the seeded driver and
    /// 100,000 executions of libFuzzer took the same CPU time either way.
    const KEPT: usize = 0;
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(world::CacheMapWorld::new(geometry))
    }
}
