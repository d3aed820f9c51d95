//! Scans by hand: several can be open at once, and the store can change while they are open.
//!
//! - Between two calls of a scan, every other call is allowed, for example puts, removals, beats,
//!   and the calls of other scans and of ranges. A record that [`ByHand::scan_next`] returns is the
//!   first one, after the keys that the scan has passed, that the store has at the time of the
//!   call.
//! - A scan has passed the key that it returned last. While it waits, it may also have passed keys
//!   without a record. It does not go back to them if a record is put there. So it makes progress
//!   whatever is put meanwhile.
//! - A scan returns where it must wait for the device. So the device can read for several scans and
//!   lookups at once.
//! - [`ByHand::scan_seek`] can be called any number of times, also before the first record. A scan
//!   moves only in its direction: a seek to a key that the scan has passed does nothing.
//! - A scan that has ended stays ended, even if records are put after its last key.
//! - When a beat begins, all scans release their blocks, and withdraw their reads.

use std::ops::RangeBounds;

use super::range::key_range;
use super::tickets::{Ticket, Tickets};
use super::{ByHand, Store, StoreError};
use crate::collections::Direction;
use crate::forest::Forest;
use crate::grid::Grid;
use crate::record::Record;
use crate::scan::{Scan, ScanProgress};
use crate::storage::Storage;
use crate::table::memory::InvalidMemoryTable;
use crate::tree::TreeOptions;

/// The scans by hand, and the scan that [`Store::range`] uses.
#[derive(Debug)]
pub(super) struct Scans<R: Record> {
    slots: Vec<Scan<R>>,
    tickets: Tickets,
    range: Scan<R>,
}

/// A scan that was begun. Pass it to [`ByHand::scan_next`], [`ByHand::scan_seek`] and
/// [`ByHand::scan_end`]. If the ticket is dropped instead, the scan keeps its blocks until another
/// scan needs its slot, or a beat begins.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a scan whose ticket is dropped keeps its blocks for a time"]
pub struct ScanTicket(Ticket);

impl<R: Record> Scans<R> {
    pub(super) fn new(scans_max: u32, tree: &TreeOptions) -> Result<Self, InvalidMemoryTable> {
        let slots: Result<Vec<_>, _> = (0..scans_max).map(|_| Scan::new(tree)).collect();
        Ok(Self { slots: slots?, tickets: Tickets::new(scans_max), range: Scan::new(tree)? })
    }

    /// The scan of the range that borrows the store.
    pub(super) fn range(&mut self) -> &mut Scan<R> {
        &mut self.range
    }

    /// Ends all scans.
    pub(super) fn reset<S: Storage>(&mut self, grid: &mut Grid<S>) {
        self.tickets.reopen();
        self.range.abandon(grid);
        self.slots.iter_mut().for_each(|scan| scan.abandon(grid));
    }

    /// Ends the scans whose tickets were dropped.
    #[cold]
    fn end_dropped<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for slot in self.tickets.dropped() {
            self.slots[slot as usize].abandon(grid);
            self.tickets.give_slot(slot);
        }
    }

    /// Releases the blocks of all scans. The scans can continue.
    pub(super) fn pause<S: Storage>(&mut self, grid: &mut Grid<S>) {
        // A range that was leaked instead of dropped may still have blocks.
        self.range.abandon(grid);
        for scan in self.slots.iter_mut().filter(|scan| !scan.has_ended()) {
            scan.pause(grid);
        }
    }

    fn is_stale(&self, ticket: &ScanTicket) -> bool {
        self.tickets.is_stale(&ticket.0)
    }

    fn of(&mut self, ticket: &ScanTicket) -> &mut Scan<R> {
        &mut self.slots[ticket.0.slot() as usize]
    }
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Continues the scan that `choose` returns to its next record, as far as possible without
    /// waiting.
    pub(super) fn scan_advance(
        &mut self,
        choose: impl Fn(&mut Scans<R>) -> &mut Scan<R>,
    ) -> Result<ScanProgress<R>, StoreError> {
        self.forest.assert_no_beat();
        self.forest.refuse_if_closed()?;
        let Self { forest: Forest { trees: tree, grid, .. }, scans, .. } = self;
        Ok(choose(scans).next(tree, grid)?)
    }
}

impl<R: Record, S: Storage> ByHand<'_, R, S> {
    /// Begins a scan of a range of keys. [`ByHand::scan_next`] returns its records. Returns `None`
    /// if there are [`StoreOptions::scans_max`](super::StoreOptions::scans_max) tickets that were
    /// neither ended nor dropped.
    ///
    /// # Panics
    ///
    /// If a beat is under way.
    pub fn scan_begin(
        &mut self,
        keys: impl RangeBounds<R::Key>,
        direction: Direction,
    ) -> Option<ScanTicket> {
        self.store.forest.assert_no_beat();
        let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut *self.store;
        if scans.tickets.is_full() {
            scans.end_dropped(grid);
        }
        let ticket = ScanTicket(scans.tickets.take()?);
        match key_range(&keys) {
            Some(keys) => scans.of(&ticket).start(tree, keys, direction, grid),
            None => scans.of(&ticket).abandon(grid),
        }
        Some(ticket)
    }

    /// Continues a scan. Returns its next record, or [`ScanProgress::Ended`] if there are no more
    /// records, or [`ScanProgress::Pending`] if the scan must wait for the device: then call this
    /// again after a [`ByHand::step`]. While the scan waits, every other call is allowed. A record
    /// that is put meanwhile is not returned if the scan has passed its key.
    ///
    /// # Errors
    ///
    /// - If a block cannot be read. This error ends the scan.
    /// - If the store is closed, or was reopened after the scan began. Every call returns this
    ///   error.
    ///
    /// # Panics
    ///
    /// If a beat is under way, or the ticket is of another store.
    pub fn scan_next(&mut self, scan: &ScanTicket) -> Result<ScanProgress<R>, StoreError> {
        if self.store.scans.is_stale(scan) {
            return Err(StoreError::Reopened);
        }
        self.store.scan_advance(|scans| scans.of(scan))
    }

    /// Skips to a key. The next record is the one with this key or, if there is none, the first one
    /// after it in the scan's direction. Does nothing if this would move the scan back, if the scan
    /// has ended, or if the store was reopened after the scan began.
    ///
    /// # Panics
    ///
    /// If a beat is under way, or the ticket is of another store.
    pub fn scan_seek(&mut self, scan: &ScanTicket, key: R::Key) {
        self.store.forest.assert_no_beat();
        let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut *self.store;
        if !scans.is_stale(scan) {
            scans.of(scan).seek(key, tree, grid);
        }
    }

    /// Ends a scan, and releases its blocks. Does nothing if the store was reopened after the scan
    /// began.
    ///
    /// # Panics
    ///
    /// If the ticket is of another store.
    pub fn scan_end(&mut self, scan: ScanTicket) {
        let Store { forest: Forest { grid, .. }, scans, .. } = &mut *self.store;
        if !scans.is_stale(&scan) {
            scans.of(&scan).abandon(grid);
            scans.tickets.give(scan.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::KeyRange;
    use crate::storage::MemoryStorage;
    use crate::store::StoreOptions;
    use crate::test_records::{Numbered as _, Object};

    /// Returns the keys that a scan returns while the tree changes after each key.
    fn scanned(range: KeyRange<u64>, direction: Direction) -> Vec<u64> {
        let options = StoreOptions::tiny(512);
        let mut store = Store::format(MemoryStorage::new(1 << 20, 256), &options, 1).unwrap();
        for key in 0..40 {
            store.put(&Object::put(key, 1)).unwrap();
        }
        store.checkpoint().unwrap();
        store.by_hand().grid_mut().drop_cache();
        let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut store;
        let scan = &mut scans.slots[0];
        scan.start(tree, range, direction, grid);
        let mut keys = Vec::new();
        loop {
            let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = &mut store;
            let scan = &mut scans.slots[0];
            match scan.next(tree, grid).unwrap() {
                ScanProgress::Record(record) => {
                    keys.push(record.key());
                    store.put(&Object::put(record.key(), 2)).unwrap();
                    store.put(&Object::put(50, 2)).unwrap();
                    store.beat().unwrap();
                }
                ScanProgress::Pending => assert!(store.forest.step()),
                ScanProgress::Ended => return keys,
            }
        }
    }

    #[test]
    fn a_scan_continues_after_its_last_key_when_the_tree_has_changed() {
        let upwards: Vec<u64> = (3..40).collect();
        assert_eq!(scanned(KeyRange::new(3, 49), Direction::Ascending), upwards);
        let downwards: Vec<u64> = (3..40).rev().collect();
        assert_eq!(scanned(KeyRange::new(3, 49), Direction::Descending), downwards);
        let whole = KeyRange::new(0, u64::MAX);
        assert_eq!(scanned(whole, Direction::Ascending).last(), Some(&50));
        assert_eq!(scanned(KeyRange::new(39, 39), Direction::Ascending), [39]);
        assert_eq!(scanned(KeyRange::new(0, 0), Direction::Descending), [0]);
    }

    /// Scans all records. When the scan waits for the device after `nth` earlier waits, seeks
    /// `key`. Returns the keys that the scan returns.
    fn sought(
        store: &mut Store<Object, MemoryStorage>,
        direction: Direction,
        nth: u32,
        key: u64,
    ) -> Vec<u64> {
        store.by_hand().grid_mut().drop_cache();
        let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = store;
        let scan = &mut scans.slots[0];
        scan.start(tree, KeyRange::new(0, 39), direction, grid);
        let mut keys = Vec::new();
        let mut waited = 0;
        loop {
            let Store { forest: Forest { trees: tree, grid, .. }, scans, .. } = store;
            let scan = &mut scans.slots[0];
            match scan.next(tree, grid).unwrap() {
                ScanProgress::Record(record) => keys.push(record.key()),
                ScanProgress::Pending => {
                    if waited == nth {
                        scan.seek(key, tree, grid);
                    }
                    waited += 1;
                    store.forest.step();
                }
                ScanProgress::Ended => return keys,
            }
        }
    }

    #[test]
    fn a_scan_that_waits_for_the_device_can_seek() {
        let options = StoreOptions::tiny(512);
        let mut store = Store::format(MemoryStorage::new(1 << 20, 256), &options, 1).unwrap();
        for key in 0..40 {
            store.put(&Object::put(key, 1)).unwrap();
        }
        store.checkpoint().unwrap();
        let last: Vec<u64> = (30..40).collect();
        assert_eq!(sought(&mut store, Direction::Ascending, 0, 30), last);
        for (nth, key) in (0..20).flat_map(|nth| (0..40).map(move |key| (nth, key))) {
            let keys = sought(&mut store, Direction::Ascending, nth, key);
            let given = (0..40).find(|given| !keys.contains(given)).unwrap_or(key);
            let expected: Vec<u64> = (0..given).chain(key.max(given)..40).collect();
            assert_eq!(keys, expected, "wait {nth}, key {key}");
            let keys = sought(&mut store, Direction::Descending, nth, key);
            let given = (0..40).rev().find(|given| !keys.contains(given)).unwrap_or(key);
            let expected: Vec<u64> =
                (given + 1..40).rev().chain((0..=key.min(given)).rev()).collect();
            assert_eq!(keys, expected, "wait {nth}, key {key}");
        }
    }
}
