//! The two maps under test: one with the cache, one without.
//!
//! Maps of a geometry are kept for the next input that asks for it: a run then starts with a reset.

use std::collections::HashMap;

use downbeat_lsm::collections::Cached;
use downbeat_lsm::collections::cache_map::{CacheMap, CacheMapOptions};
use downbeat_lsm::collections::set_associative_cache::{CacheOptions, Ways};
use rustc_hash::FxBuildHasher;

use super::hash::ChosenHash;
use crate::model::cache_map::{HASH, KeyHash, Operation, SCOPE, SETS, STASH, WAYS};
use crate::model::encoding::{Header, Operation as _};

/// What the maps hold: a key, and a stamp that no two writes of a run share.
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
}

/// Both maps, of one geometry.
#[derive(Debug)]
pub(super) struct Maps {
    with_cache: Map,
    without_cache: Map,
}

impl Maps {
    fn new(header: &Header) -> Self {
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

/// Maps by geometry.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    maps: Vec<Maps>,
    places: HashMap<[u8; 5], usize, FxBuildHasher>,
    current: usize,
}

impl Shelf {
    /// Geometries kept; bounds the memory at some 4 MB.
    const KEPT: usize = 256;

    /// Makes the maps of this geometry the current ones, as new.
    pub(super) fn open(&mut self, header: &Header) {
        let geometry = [WAYS, SETS, STASH, SCOPE, HASH].map(|setting| header.index(setting) as u8);
        if let Some(place) = self.places.get(&geometry) {
            self.current = *place;
            for side in Side::BOTH {
                self.maps[self.current].get_mut(side).reset();
            }
            return;
        }
        if self.maps.len() == Self::KEPT {
            self.maps.clear();
            self.places.clear();
        }
        self.current = self.maps.len();
        self.maps.push(Maps::new(header));
        self.places.insert(geometry, self.current);
    }

    #[inline]
    pub(super) fn maps(&self) -> &Maps {
        &self.maps[self.current]
    }

    #[inline]
    pub(super) fn maps_mut(&mut self) -> &mut Maps {
        &mut self.maps[self.current]
    }
}
