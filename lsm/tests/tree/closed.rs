//! Tests of a closed store: reads and writes return an error, and never report a key as absent.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::storage::{Access, Layout};
use downbeat_lsm::store::{LookupProgress, Store, StoreError, StoreOptions};

use crate::frail::{Frail, Wrong};
use crate::records::Entry;
use crate::stores;

const ENTRY: Entry = Entry { key: 3, stamp: 1 };

/// A store whose checkpoint holds all its records.
fn filled(options: &StoreOptions) -> Store<Entry, Frail> {
    stores::filled(Frail::new(stores::memory(options)), options)
}

fn assert_closed(store: &mut Store<Entry, Frail>) {
    assert_eq!(store.get(3), Err(StoreError::Closed));
    assert_eq!(store.by_hand().lookup_cached(3).map(drop), Err(StoreError::Closed));
    let ticket = store.by_hand().lookup_begin(3).expect("none is under way");
    let progress = store.by_hand().lookup_take(ticket);
    assert_eq!(progress, LookupProgress::Ended(Err(StoreError::Closed)));
    let found: Vec<_> = store.range(..).take(3).collect();
    assert_eq!(found, [Err(StoreError::Closed)]);
    let scan = store.by_hand().scan_begin(.., Direction::Ascending).expect("none is open");
    assert_eq!(store.by_hand().scan_next(&scan), Err(StoreError::Closed));
    store.by_hand().scan_end(scan);
    assert_eq!(store.put(&ENTRY), Err(StoreError::Closed));
    assert_eq!(store.remove(3), Err(StoreError::Closed));
    assert_eq!(store.beat(), Err(StoreError::Closed));
    assert_eq!(store.checkpoint(), Err(StoreError::Closed));
    assert_eq!(store.failed(), None);
    assert!(StoreError::Closed.to_string().contains("open or format it first"));
}

#[test]
fn a_store_that_has_not_been_opened_is_closed() {
    let options = StoreOptions::tiny(400);
    let mut store = Store::<Entry, _>::new(Frail::new(stores::memory(&options)), &options).unwrap();
    assert_closed(&mut store);
    store.format_again(7).unwrap();
    assert_eq!(store.get(3), Ok(None));
    assert_eq!(store.put(&ENTRY), Ok(()));
}

#[test]
fn a_store_whose_reopening_failed_is_closed_until_it_succeeds() {
    let options = StoreOptions::tiny(400);
    let mut failures = 0;
    for access in [Access::Read, Access::Write, Access::Flush] {
        for nth in 0..16 {
            let mut store = filled(&options);
            store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Fails(access, nth));
            if store.open_again().is_ok() {
                continue;
            }
            failures += 1;
            assert_closed(&mut store);
            store.open_again().unwrap();
            assert_eq!(store.get(3), Ok(Some(ENTRY)));
            store.checkpoint().unwrap();
        }
    }
    assert!(failures > 2, "{failures}");
}

#[test]
fn a_store_whose_reopening_failed_in_the_middle_of_a_beat_is_closed() {
    let options = StoreOptions::tiny(400);
    for beats in 0..8 {
        let mut store = filled(&options);
        for _ in 0..beats {
            store.beat().unwrap();
        }
        store.by_hand().beat_begin().unwrap();
        let _ = store.by_hand().beat_advance();
        let _ = store.by_hand().beat_step();
        store.by_hand().grid_mut().storage_mut().wrong = Some(Wrong::Fails(Access::Flush, 0));
        assert!(store.open_again().is_err());
        assert_closed(&mut store);
        store.open_again().unwrap();
        assert_eq!(store.get(3), Ok(Some(ENTRY)));
        store.checkpoint().unwrap();
    }
}

#[test]
fn a_store_opened_with_other_options_is_closed() {
    let options = StoreOptions::tiny(400);
    let layout = Layout::new(options.layout).unwrap();
    let bytes = filled(&options).into_storage().device.bytes().to_vec();
    let mut others = options;
    others.manifest_compact_extra_blocks = 3;
    let device = Frail::new(stores::holding(&bytes, layout.sector_size()));
    let mut store = Store::<Entry, _>::new(device, &others).unwrap();
    assert_eq!(store.open_again(), Err(StoreError::OtherOptions));
    assert_closed(&mut store);
}

#[test]
fn a_renewed_store_is_closed_and_then_has_its_new_options() {
    let options = StoreOptions::tiny(400);
    let mut store = filled(&options);
    let ticket = store.by_hand().lookup_begin(3).unwrap();
    store.by_hand().beat_begin().unwrap();
    let others = StoreOptions { manifest_compact_extra_blocks: 3, lookups_max: 1, ..options };
    store.renew(&others).unwrap();
    assert_eq!(store.options(), &others);
    assert_closed(&mut store);
    drop(ticket);
    assert_eq!(store.open_again(), Err(StoreError::OtherOptions));
    store.renew(&options).unwrap();
    store.open_again().unwrap();
    assert_eq!(store.get(3), Ok(Some(ENTRY)));
    let invalid = StoreOptions { checkpoint_interval: 0, ..options };
    assert!(store.renew(&invalid).is_err());
    assert_eq!(store.options(), &options);
}
