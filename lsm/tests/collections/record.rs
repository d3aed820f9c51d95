//! The records and hashers of these tests, and maps of the shapes that the tests need.

use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

use downbeat_lsm::collections::{CacheMap, CacheMapOptions, CacheOptions, Cached, Ways};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: u64,
    pub(crate) value: u64,
}

impl Cached for Record {
    type Key = u64;
    fn key(&self) -> u64 {
        self.id
    }
}

pub(crate) fn record(id: u64, value: u64) -> Record {
    Record { id, value }
}

/// A hasher that gives all keys the same hash.
#[derive(Clone, Copy, Default)]
pub(crate) struct Constant;

impl Hasher for Constant {
    fn write(&mut self, _bytes: &[u8]) {}
    fn finish(&self) -> u64 {
        0xABCD_0123_4567_89EF
    }
}

pub(crate) type Colliding = BuildHasherDefault<Constant>;

/// A hasher for numbers: the hash of a number is the number.
#[derive(Clone, Copy, Default)]
pub(crate) struct Number(u64);

impl Hasher for Number {
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("keys are numbers");
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

pub(crate) type Identity = BuildHasherDefault<Number>;

/// One set of two slots, a stash of 8 and scopes of 8 writes, so that evictions and a full stash
/// need only few writes.
pub(crate) fn small() -> CacheMap<Record, Colliding> {
    build(Some(CacheOptions { ways: Ways::Two, sets: 1 }), 8, 8)
}

/// No cache, a stash of 8 and scopes of 8 writes.
pub(crate) fn without_cache() -> CacheMap<Record, Colliding> {
    build(None, 8, 8)
}

pub(crate) fn build<S: BuildHasher + Default>(
    cache: Option<CacheOptions>,
    stash_capacity: u32,
    scope_capacity: u32,
) -> CacheMap<Record, S> {
    let options = CacheMapOptions { cache, stash_capacity, scope_capacity };
    CacheMap::new(options, S::default()).expect("the options are valid")
}
