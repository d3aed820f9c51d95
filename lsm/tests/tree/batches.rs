//! Batches: all of a batch is in one beat.

use downbeat_lsm::collections::ScopeOutcome;
use downbeat_lsm::store::{Batch, Store, StoreError, StoreOptions};

use crate::records::Entry;
use crate::stores::{filled, memory};

fn options() -> StoreOptions {
    let mut options = StoreOptions::tiny(512);
    options.tree.beat_value_count_max = 8;
    options.layout.block_size = 512;
    options
}

#[test]
fn a_batch_puts_and_removes_in_order() {
    let mut store = filled(memory(&options()), &options());
    let mut batch = Batch::new();
    batch.put(&Entry { key: 100, stamp: 2 });
    batch.remove(3);
    batch.put(&Entry { key: 5, stamp: 2 });
    batch.remove(100);
    batch.put(&Entry { key: 3, stamp: 3 });
    store.write(&batch).unwrap();
    assert_eq!(store.get(100), Ok(None));
    assert_eq!(store.get(5), Ok(Some(Entry { key: 5, stamp: 2 })));
    assert_eq!(store.get(3), Ok(Some(Entry { key: 3, stamp: 3 })));
    store.write(&Batch::new()).unwrap();
}

#[test]
fn a_batch_is_in_a_checkpoint_as_a_whole_or_not_at_all() {
    let options = options();
    let mut store = filled(memory(&options), &options);
    let mut batch = Batch::new();
    let mut seen = 0;
    for round in 0..200 {
        batch.clear();
        for key in 0..5 {
            batch.put(&Entry { key, stamp: round + 10 });
        }
        store.write(&batch).unwrap();
        if round % 29 == 28 {
            let device = store.into_storage();
            store = Store::open(device, &options).unwrap();
            let stamps: Vec<u64> = store.range(0..5).map(|entry| entry.unwrap().stamp).collect();
            assert!(stamps.len() == 5 && stamps.iter().all(|it| *it == stamps[0]), "{stamps:?}");
            seen += u64::from(stamps[0] > 1);
        }
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn a_batch_that_is_too_long_or_that_needs_a_beat_in_a_scope_writes_nothing() {
    let mut store = filled(memory(&options()), &options());
    let mut batch = Batch::new();
    (0..9).for_each(|key| batch.put(&Entry { key, stamp: 2 }));
    let refused = StoreError::BatchIsTooLong { records: 9, most: 8 };
    assert_eq!(store.write(&batch), Err(refused));
    assert!(refused.to_string().ends_with("write several batches"));
    batch.clear();
    (0..5).for_each(|key| batch.put(&Entry { key, stamp: 2 }));
    store.beat().unwrap();
    store.scope_open();
    store.write(&batch).unwrap();
    assert_eq!(store.write(&batch), Err(StoreError::ScopeIsOpen));
    store.scope_close(ScopeOutcome::Discard);
    assert_eq!(store.get(0), Ok(Some(Entry { key: 0, stamp: 1 })));
}
