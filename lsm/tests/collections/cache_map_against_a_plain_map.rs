//! A cache map against a plain map, over many short random runs on small shapes.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use downbeat_lsm::collections::{CacheMap, CacheMapLookup, CacheOptions, ScopeOutcome, Ways};
use rustc_hash::FxBuildHasher;

use crate::random::Random;
use crate::record::{Colliding, Identity, Record, build, record};

/// What the model knows about a key: its latest value, `None` if it was removed; and whether it was
/// written since the last compaction, so that a lookup must know it.
#[derive(Clone, Copy, Debug)]
struct Known {
    value: Option<u64>,
    is_since_compaction: bool,
}

struct Run<S> {
    map: CacheMap<Record, S>,
    model: BTreeMap<u64, Known>,
    /// The model when the scope was opened.
    saved: Option<BTreeMap<u64, Known>>,
    writes_since_compaction: usize,
    lookups: u64,
    upserts: u64,
    removes: u64,
}

impl<S: BuildHasher> Run<S> {
    fn step(&mut self, random: &mut Random, keys: u64) {
        let stash_capacity = self.map.options().stash_capacity as usize;
        let scope_capacity = self.map.options().scope_capacity as usize;
        let may_write = self.writes_since_compaction < stash_capacity
            && (!self.map.scope_is_open() || self.map.scope_len() < scope_capacity);
        // Keys differ in their high bits, too, so that an identity hash reaches all sets.
        let key = random.below(keys).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        match random.below(16) {
            0..6 if may_write => self.upsert(key, random.below(1000)),
            6..9 if may_write => self.remove(key),
            9..14 => self.lookup(key),
            14 if !self.map.scope_is_open() => self.scope_open(),
            _ if self.map.scope_is_open() => self.scope_close(random),
            _ => self.compact(),
        }
        assert!(self.map.stash_len() <= self.writes_since_compaction);
        self.map.check();
    }

    fn upsert(&mut self, key: u64, value: u64) {
        self.map.upsert(&record(key, value));
        self.model.insert(key, Known { value: Some(value), is_since_compaction: true });
        self.writes_since_compaction += 1;
        self.upserts += 1;
    }

    fn remove(&mut self, key: u64) {
        self.lookup(key);
        if self.map.get(key).is_some() {
            self.map.remove(key);
            self.model.insert(key, Known { value: None, is_since_compaction: true });
            self.writes_since_compaction += 1;
            self.removes += 1;
        }
        self.lookups += 1;
    }

    fn lookup(&mut self, key: u64) {
        self.lookups += 1;
        let known = self.model.get(&key).copied();
        match self.map.lookup(key) {
            CacheMapLookup::Found(found) => {
                let known = known.expect("a key that was never written is not found");
                assert_eq!(known.value, Some(found.value));
            }
            CacheMapLookup::Removed => {
                let known = known.expect("a key that was never written was not removed");
                assert_eq!(known.value, None);
                assert!(known.is_since_compaction);
            }
            CacheMapLookup::Absent => assert!(known.is_none_or(|known| !known.is_since_compaction)),
        }
    }

    fn scope_open(&mut self) {
        self.map.scope_open();
        self.saved = Some(self.model.clone());
    }

    fn scope_close(&mut self, random: &mut Random) {
        let saved = self.saved.take().expect("the scope was opened");
        if random.below(2) == 0 {
            self.map.scope_close(ScopeOutcome::Persist);
        } else {
            self.map.scope_close(ScopeOutcome::Discard);
            self.model = saved;
        }
    }

    fn compact(&mut self) {
        self.map.compact();
        self.writes_since_compaction = 0;
        for known in self.model.values_mut() {
            known.is_since_compaction = false;
        }
    }

    fn check_statistics(&self) {
        let counted = self.map.statistics();
        assert_eq!(counted.inserts + counted.updates, self.upserts);
        assert_eq!(
            counted.removes_from_cache + counted.removes_from_stash,
            self.removes + counted.undo_tombstones,
        );
        assert_eq!(
            counted.hits_cache + counted.hits_stash + counted.hits_tombstone + counted.misses,
            self.lookups,
        );
    }
}

fn run<S: BuildHasher + Default>(cache: Option<CacheOptions>, stash_capacity: u32, keys: u64) {
    let mut map = build::<S>(cache, stash_capacity, stash_capacity);
    for seed in 0..40 {
        map.reset();
        let mut run = Run {
            map,
            model: BTreeMap::new(),
            saved: None,
            writes_since_compaction: 0,
            lookups: 0,
            upserts: 0,
            removes: 0,
        };
        let mut random = Random(seed);
        for _ in 0..300 {
            run.step(&mut random, keys);
        }
        run.check_statistics();
        map = run.map;
    }
}

fn run_all_shapes<S: BuildHasher + Default>() {
    run::<S>(None, 12, 8);
    for ways in [Ways::Two, Ways::Four, Ways::Sixteen] {
        for sets in [1, 3, 7] {
            let slots = ways.count() as u64 * u64::from(sets);
            run::<S>(Some(CacheOptions { ways, sets }), 1, slots + 3);
            run::<S>(Some(CacheOptions { ways, sets }), 9, slots / 2 + 2);
            run::<S>(Some(CacheOptions { ways, sets }), 30, slots * 2);
        }
    }
}

#[test]
fn a_cache_map_equals_a_plain_map_with_a_good_hash() {
    run_all_shapes::<FxBuildHasher>();
}

#[test]
fn a_cache_map_equals_a_plain_map_with_keys_as_hashes() {
    run_all_shapes::<Identity>();
}

#[test]
fn a_cache_map_equals_a_plain_map_when_all_hashes_collide() {
    run_all_shapes::<Colliding>();
}
