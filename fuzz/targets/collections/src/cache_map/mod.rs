//! Target `cache_map`: the cache map of the core, with its cache and without, against a hash map
//! with an undo log.
//!
//! Every operation is applied to two maps that differ in the cache alone, so one history tells of
//! both. What the maps may answer is the model's to say (`downbeat_model::cache_map`).
//!
//! What must hold beyond the answers: the stash never holds more than the writes since the last
//! compaction; a compaction leaves the cache as it was; at the end all that the model holds is
//! right in both maps, and all that they hold is right by the model. What the design says beyond
//! that (`Reference`: which entry is where, and what is counted) is compared too: a cache that
//! evicts the wrong entry answers rightly, and slowly.

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

use downbeat::model::cache_map::Operation;
use downbeat::model::encoding::Header;
use downbeat::{AnyWorld, Listing, StateGroup, Target, registry};

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
