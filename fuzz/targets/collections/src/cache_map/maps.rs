//! The two maps under test: one with the cache, one without.
//!
//! Each run starts with new maps, so that a failure shows in the run that causes it. If runs shared
//! maps, a reset that forgets something would fail later inputs, which do not show the cause.
//! Measured, 50,000 inputs of the seeded driver and 100,000 executions of libFuzzer took the same
//! CPU time either way.

use downbeat_lsm::collections::Cached;
use downbeat_lsm::collections::cache_map::{CacheMap, CacheMapOptions};
use downbeat_lsm::collections::set_associative_cache::{CacheOptions, Ways};

use super::hash::ChosenHash;
use downbeat::model::cache_map::{HASH, KeyHash, Operation, SCOPE, SETS, STASH, WAYS};
use downbeat::model::encoding::{Header, Operation as _};

/// An element of the maps: a key, and a stamp that no two writes of a run share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: u64,
    pub(super) stamp: u64,
}

impl Cached for Record {
    type Key = u64;

    #[inline]
    fn key(&self) -> u64 {
        self.key
    }
}

pub(super) type Map = CacheMap<Record, ChosenHash>;

/// Which of the two maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    WithCache = 0,
    WithoutCache = 1,
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::WithCache, Side::WithoutCache];

    pub(super) fn name(self) -> &'static str {
        match self {
            Side::WithCache => "with the cache",
            Side::WithoutCache => "without the cache",
        }
    }

    /// The line of a report that distinguishes a finding of this map from a finding of the other.
    pub(super) fn state(self) -> [String; 1] {
        [format!("the map {}", self.name())]
    }
}

/// Both maps, with the same geometry.
#[derive(Debug)]
pub(super) struct Maps {
    with_cache: Map,
    without_cache: Map,
}

impl Maps {
    /// Creates empty maps of the geometry that a header chooses.
    pub(super) fn new(header: &Header) -> Self {
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let ways = match number(WAYS) {
            2 => Ways::Two,
            4 => Ways::Four,
            _ => Ways::Sixteen,
        };
        let hash = ChosenHash(KeyHash::ALL[header.index(HASH)]);
        let map = |cache| {
            let options = CacheMapOptions {
                cache,
                stash_capacity: number(STASH),
                scope_capacity: number(SCOPE),
            };
            Map::new(options, hash).expect("every geometry of the settings is valid")
        };
        Maps {
            with_cache: map(Some(CacheOptions { ways, sets: number(SETS) })),
            without_cache: map(None),
        }
    }

    #[inline]
    pub(super) fn get(&self, side: Side) -> &Map {
        match side {
            Side::WithCache => &self.with_cache,
            Side::WithoutCache => &self.without_cache,
        }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, side: Side) -> &mut Map {
        match side {
            Side::WithCache => &mut self.with_cache,
            Side::WithoutCache => &mut self.without_cache,
        }
    }
}
