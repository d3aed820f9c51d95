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
mod maps;
mod reads;
mod room;
mod states;
mod structure;
mod sweep;
mod world;
mod writes;

use downbeat::model::cache_map::Operation;
use downbeat::registry::{self, Listing};
use downbeat::states::StateGroup;
use downbeat::target::Target;

/// The target.
#[derive(Debug)]
pub struct CacheMap;

impl Target for CacheMap {
    const LISTING: Listing = registry::CACHE_MAP;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    type Operation = Operation;
    type World = world::CacheMapWorld;
}
