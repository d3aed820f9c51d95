//! A store against a sorted map, through every level, over checkpoints and reopenings.

use std::collections::BTreeMap;

use downbeat_lsm::record::Record;
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::store::{Store, StoreOptions};

use crate::random::Random;
use crate::records::{Entry, IndexEntry};
use crate::stores::memory;

fn compare<R: Record<Key = u64>>(
    store: &mut Store<R, MemoryStorage>,
    model: &BTreeMap<u64, R>,
    keys: u64,
) {
    for key in 0..keys {
        assert_eq!(store.get(key).expect("a sound device"), model.get(&key).copied(), "key {key}");
    }
    let found: Vec<R> = store.range(..).map(Result::unwrap).collect();
    assert_eq!(found, model.values().copied().collect::<Vec<_>>());
    let found: Vec<R> = store.range(..).rev().map(Result::unwrap).collect();
    assert_eq!(found, model.values().rev().copied().collect::<Vec<_>>());
}

fn run<R: Record<Key = u64>>(
    options: &StoreOptions,
    seed: u64,
    steps: u64,
    keys: u64,
    make: impl Fn(u64, u64) -> R,
) {
    let mut random = Random(seed);
    let mut store = Store::<R, _>::format(memory(options), options, 7).expect("a sound device");
    let mut model = BTreeMap::new();
    for step in 0..steps {
        let key = random.below(keys);
        let removes = if R::USAGE == downbeat_lsm::record::Usage::General {
            random.below(3) == 0
        } else {
            model.contains_key(&key)
        };
        if removes {
            store.remove(key).expect("a sound device");
            model.remove(&key);
        } else {
            let record = make(key, step + 1);
            store.put(&record).expect("a sound device");
            model.insert(key, record);
        }
        if random.below(8) == 0 {
            store.beat().expect("a sound device");
        }
        let key = random.below(keys);
        assert_eq!(
            store.get(key).expect("a sound device"),
            model.get(&key).copied(),
            "step {step}, key {key}"
        );
        if step % 64 == 0 {
            compare(&mut store, &model, keys);
        }
        if step % 200 == 199 {
            store.checkpoint().expect("a sound device");
            compare(&mut store, &model, keys);
            store.open_again().expect("a sound device");
            compare(&mut store, &model, keys);
        }
    }
}

#[test]
fn a_store_of_general_records_equals_a_sorted_map() {
    for seed in 0..8 {
        let mut options = StoreOptions::tiny(1200);
        options.tree.growth_factor = 3;
        options.tree.level_count = 5;
        run(&options, seed, 1200, 40 + seed * 20, |key, stamp| Entry { key, stamp });
    }
}

#[test]
fn a_store_of_index_records_equals_a_sorted_map() {
    for seed in 0..8 {
        let mut options = StoreOptions::tiny(1200);
        options.tree.growth_factor = 3;
        options.tree.level_count = 5;
        run(&options, seed, 1200, 40 + seed * 20, |key, _| IndexEntry { key, flags: 0 });
    }
}
