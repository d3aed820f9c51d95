//! Target `demonstration`: the set-associative cache alone, against a hash map that forgets what the
//! cache says it evicted.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use downbeat_lsm::collections::set_associative_cache::{CacheOptions, SetAssociativeCache};
use downbeat_lsm::collections::{Cached, Upserted, Ways};
use rustc_hash::{FxBuildHasher, FxHasher};

use crate::model::demonstration::{Operation, SETS};
use crate::model::encoding::{Header, Operation as _};
use crate::{Budget, Divergence, Run, Target, World};

/// The target.
pub struct Demonstration;

impl Target for Demonstration {
    const NAME: &'static str = "demonstration";
    const ABOUT: &'static str = "a set-associative cache that says what it evicts";
    const EVENTS: &'static [&'static str] = &["eviction"];
    const BUDGET: Budget = Budget { steps: 1 << 20, input_bytes: 512 };
    type Operation = Operation;
    type World = CacheWorld;
}

#[derive(Clone, Copy)]
struct Record {
    key: u64,
    stamp: u64,
}

impl Cached for Record {
    type Key = u64;

    fn key(&self) -> u64 {
        self.key
    }
}

/// A cache and its model.
pub struct CacheWorld {
    cache: SetAssociativeCache<Record, BuildHasherDefault<FxHasher>>,
    model: HashMap<u64, u64, FxBuildHasher>,
    writes: u64,
}

fn equal(what: &'static str, expected: Option<u64>, got: Option<u64>) -> Result<(), Divergence> {
    let text = |stamp: Option<u64>| stamp.map_or("nothing".to_owned(), |stamp| format!("#{stamp}"));
    if expected == got {
        return Ok(());
    }
    let (expected, got) = (text(expected), text(got));
    Err(Divergence { check: "cache-equals-model", what, expected, got, state: Vec::new() })
}

impl CacheWorld {
    fn with_sets(sets: u32) -> Self {
        let options = CacheOptions { ways: Ways::Four, sets };
        let cache = SetAssociativeCache::new(options, BuildHasherDefault::default());
        CacheWorld { cache: cache.expect("valid"), model: HashMap::default(), writes: 0 }
    }

    fn upsert(&mut self, key: u64, run: &mut Run) -> Result<(), Divergence> {
        self.writes += 1;
        let replaced = match self.cache.upsert(&Record { key, stamp: self.writes }) {
            Upserted::Updated { previous } => Some(previous.stamp),
            Upserted::Inserted { evicted: None } => None,
            Upserted::Inserted { evicted: Some(evicted) } => {
                run.event(0, 1);
                let held = self.model.remove(&evicted.key);
                equal("an eviction of what is not held", held, Some(evicted.stamp))?;
                None
            }
        };
        run.keys.wrote(key);
        let held = self.model.insert(key, self.writes);
        equal("an upsert replaces another value than the latest", held, replaced)
    }
}

impl World for CacheWorld {
    type Operation = Operation;

    fn new() -> Self {
        Self::with_sets(1)
    }

    fn open(&mut self, header: &Header, _run: &mut Run) {
        *self = Self::with_sets(header.number(Operation::SETTINGS, SETS));
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        run.step();
        match *operation {
            Operation::Upsert { key } => self.upsert(key.literal(), run),
            Operation::Get { key } => {
                let got = self.cache.get(key.literal()).map(|record| record.stamp);
                let held = self.model.get(&key.literal()).copied();
                equal("get returns another value than the latest", held, got)
            }
            Operation::Remove { key } => {
                let got = self.cache.remove(key.literal()).map(|record| record.stamp);
                let held = self.model.remove(&key.literal());
                equal("remove takes another value than the latest", held, got)
            }
        }
    }

    fn finish(&mut self, _run: &mut Run) -> Result<(), Divergence> {
        self.cache.check();
        for record in self.cache.slots() {
            let held = self.model.remove(&record.key);
            equal("the cache holds another value", held, Some(record.stamp))?;
        }
        equal("the cache lost a value", self.model.values().next().copied(), None)
    }
}
