//! Scans of a store beside what its target checks: what is done with one that has ended.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::storage::{Layout, MemoryStorage};
use downbeat_lsm::store::{Store, StoreOptions};

use crate::records::Entry;

#[test]
fn a_scan_that_has_ended_stays_ended_wherever_it_is_told_to_go() {
    let options = StoreOptions::tiny(512);
    let layout = Layout::new(options.layout).unwrap();
    let device = MemoryStorage::new(layout.size().try_into().unwrap(), layout.sector_size());
    let mut store = Store::<Entry, _>::format(device, &options, 7).unwrap();
    for key in 0..10 {
        store.put(&Entry { key, stamp: 1 }).unwrap();
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut scan = store.scan(KeyRange::new(0, 20), direction);
        assert_eq!(scan.by_ref().count(), 10);
        scan.seek(5);
        assert!(scan.next().is_none());
    }
}
