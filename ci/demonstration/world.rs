//! Target `demonstration`: the set-associative cache, compared with a map from which evicted keys
//! are removed.

use downbeat::check::same;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{AnyWorld, Checked, Listing, Run, Target, World, registry};
use downbeat_lsm::collections::{CacheOptions, Cached, SetAssociativeCache, Upserted, Ways};
use downbeat_model::demonstration::{Operation, Operation::*, SETS, remove};
use rustc_hash::{FxBuildHasher, FxHashMap};

/// A key and the number of its write.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Record(u64, u64);

impl Cached for Record {
    type Key = u64;

    fn key(&self) -> u64 {
        self.0
    }
}

/// The target and its world: a cache, and the records that it must hold.
pub struct Demonstration {
    cache: SetAssociativeCache<Record, FxBuildHasher>,
    model: FxHashMap<u64, Record>,
    writes: u64,
}

impl Target for Demonstration {
    const LISTING: Listing = registry::DEMONSTRATION;
    const EVENTS: &'static [&'static str] = &["eviction"];
    const KEPT: usize = 0;
    type Operation = Operation;

    fn world(header: &Header) -> AnyWorld<Operation> {
        let sets = header.number(Operation::SETTINGS, SETS);
        let made = SetAssociativeCache::new(CacheOptions { ways: Ways::Four, sets }, FxBuildHasher);
        let cache = made.expect("the settings are valid");
        Box::new(Demonstration { cache, model: FxHashMap::default(), writes: 0 })
    }
}

impl World for Demonstration {
    type Operation = Operation;

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let Demonstration { cache, model, writes } = self;
        let (Upsert { key } | Get { key } | Remove { key }) = *operation;
        let key = key.literal();
        run.step();
        let (held, got) = match operation {
            Get { .. } => (model.get(&key).copied(), cache.get(key).copied()),
            Remove { .. } => (remove(model, key), cache.remove(key)),
            Upsert { .. } => {
                *writes += 1;
                run.keys.wrote(key);
                let got = cache.upsert(&Record(key, *writes));
                if let Upserted::Inserted { evicted: Some(evicted) } = got {
                    run.event(0, 1);
                    same("evicted-is-held", remove(model, evicted.0), Some(evicted))
                        .or("the cache evicts what it does not hold")?;
                }
                let got =
                    if let Upserted::Updated { previous } = got { Some(previous) } else { None };
                (model.insert(key, Record(key, *writes)), got)
            }
        };
        same("answer-is-latest", held, got).or("the cache answers another record than the latest")
    }

    fn finish(&mut self, _run: &mut Run) -> Checked {
        let Demonstration { cache, model, .. } = self;
        cache.check();
        let cached: FxHashMap<_, _> = cache.slots().map(|record| (record.0, *record)).collect();
        same("cache-equals-model", &*model, &cached).or("the cache differs from the model")
    }
}
