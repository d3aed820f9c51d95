//! The two maps under test, one with the cache and one without, each with its reference.

use downbeat_lsm::collections::Cached;
use downbeat_lsm::collections::cache_map::{CacheMap, CacheMapOptions};
use downbeat_lsm::collections::set_associative_cache::{CacheOptions, Ways};

use super::hash::ChosenHash;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat_model::cache_map::{HASH, KeyHash, Operation, Reference, SCOPE, SETS, STASH, WAYS};

/// An element of the maps: a key, and a stamp that is different for each write of a run.
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
    WithCache,
    WithoutCache,
}

impl Side {
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

/// One of the two maps, and its reference.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) side: Side,
    pub(super) map: Map,
    pub(super) reference: Reference,
}

impl Tested {
    /// Creates an empty map of the geometry that a header chooses.
    pub(super) fn new(side: Side, header: &Header) -> Self {
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let hash = KeyHash::ALL[header.index(HASH)];
        let ways = match number(WAYS) {
            2 => Ways::Two,
            4 => Ways::Four,
            _ => Ways::Sixteen,
        };
        let cache = CacheOptions { ways, sets: number(SETS) };
        let options = CacheMapOptions {
            cache: (side == Side::WithCache).then_some(cache),
            stash_capacity: number(STASH),
            scope_capacity: number(SCOPE),
        };
        let map = Map::new(options, ChosenHash { hash, key: 0 });
        let map = map.expect("the settings describe only valid geometries");
        let mut reference = Reference::new();
        match side {
            Side::WithCache => reference.open(hash, number(WAYS) as usize, number(SETS) as usize),
            Side::WithoutCache => reference.open(hash, 0, 0),
        }
        Tested { side, map, reference }
    }
}
