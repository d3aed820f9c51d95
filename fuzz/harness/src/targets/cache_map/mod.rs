//! Target `cache_map`: the cache map of the core, with its cache and without, against a hash map
//! with an undo log.
//!
//! Every operation is applied to two maps that differ in the cache alone, so one history tells of
//! both. What the maps may answer is the model's to say (`downbeat_model::cache_map`).
//!
//! What must hold beyond the answers: the stash never holds more than the writes since the last
//! compaction; a compaction leaves the cache as it was; at the end all
//! that the model holds is right in both maps, and all that they hold is right by the model. What the
//! design says beyond that (`Reference`: which entry is where, and what is counted) is compared too:
//! a cache that evicts the wrong entry answers rightly, and slowly.

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

use crate::model::cache_map::Operation;
use crate::states::StateGroup;
use crate::target::{Budget, Target};

/// The target.
#[derive(Debug)]
pub struct CacheMap;

impl Target for CacheMap {
    const NAME: &'static str = "cache_map";
    const ABOUT: &'static str = "set-associative cache over a stash, with scopes that undo";
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const BUDGET: Budget = Budget { steps: 1 << 20, input_bytes: 512 };
    type Operation = Operation;
    type World = world::CacheMapWorld;
}
