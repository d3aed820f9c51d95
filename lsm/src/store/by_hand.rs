//! A store driven by hand: calls for lookups, scans and beats start work and return, and the caller
//! steps the device. No call waits for the device. Between two calls of a lookup or of a scan,
//! every other call is allowed.
//!
//! ```text
//! begin ---> take, next, advance ---> the answer, the next record, or the end of the beat
//!               ^         |
//!               +- step --+  while it is pending
//! ```
//!
//! - At the same time, up to [`StoreOptions::lookups_max`](super::StoreOptions::lookups_max)
//!   lookups, [`StoreOptions::scans_max`](super::StoreOptions::scans_max) scans and one beat can be
//!   under way.
//! - Until a beat under way ends, reads, writes and [`ByHand::step`] panic.
//!
//! Files: the calls for lookups, scans and beats are in `lookups`, `scans` and `beats`.

use super::Store;
use crate::grid::Grid;
use crate::record::Record;
use crate::storage::Storage;
use crate::tree::Tree;

/// A store driven by hand; see [`Store::by_hand`].
///
/// - Lookups: many can be under way at once, so that the device has several reads to do. Begin a
///   lookup, then call [`ByHand::lookup_take`] after each [`ByHand::step`] until it returns the
///   answer. The answer is that of the time when the lookup began.
/// - Scans: many can be open at once, and the store can be written to during a scan.
///   [`ByHand::scan_next`] returns the next of the records that the store has at the time of the
///   call. While the scan waits for the device, it returns
///   [`ScanProgress::Pending`](super::ScanProgress::Pending): try again after a [`ByHand::step`].
/// - Beats: a beat with a chosen [`CompactionPace`](crate::compaction::CompactionPace) returns to
///   the caller wherever it waits for the device.
///
/// Tickets of lookups and scans belong to the store that returned them. With another store they
/// panic, even if it is a new [`Store`] on the same device. A ticket of an earlier opening of its
/// store gets the answer [`StoreError::Reopened`](super::StoreError::Reopened).
///
/// # Example
///
/// Two lookups at once.
///
/// ```
/// # use downbeat_lsm::record::{Record, Usage};
/// # use downbeat_lsm::storage::MemoryStorage;
/// # use downbeat_lsm::store::{LookupProgress, Store, StoreError, StoreOptions};
/// # use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};
/// # #[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
/// # #[repr(C)]
/// # struct Balance {
/// #     account: u64,
/// #     amount: u64,
/// # }
/// # impl Record for Balance {
/// #     type Key = u64;
/// #     const USAGE: Usage = Usage::General;
/// #     fn key(&self) -> u64 {
/// #         self.account
/// #     }
/// #     fn is_tombstone(&self) -> bool {
/// #         self.amount == u64::MAX
/// #     }
/// #     fn tombstone(account: u64) -> Self {
/// #         Balance { account, amount: u64::MAX }
/// #     }
/// # }
/// # let options = StoreOptions::tiny(256);
/// # let mut store = Store::<Balance, _>::format(MemoryStorage::new(1 << 20, 256), &options, 1)?;
/// # store.put(&Balance { account: 1, amount: 100 })?;
/// # store.put(&Balance { account: 2, amount: 50 })?;
/// # store.checkpoint()?;
/// let mut by_hand = store.by_hand();
/// let mut pending = Vec::new();
/// pending.extend(by_hand.lookup_begin(1));
/// pending.extend(by_hand.lookup_begin(2));
/// let mut sum = 0;
/// while let Some(ticket) = pending.pop() {
///     match by_hand.lookup_take(ticket) {
///         LookupProgress::Ended(answer) => sum += answer?.map_or(0, |balance| balance.amount),
///         LookupProgress::Pending(ticket) => {
///             pending.push(ticket);
///             assert!(by_hand.step(), "the device completes what it was asked for");
///         }
///     }
/// }
/// assert_eq!(sum, 150);
/// # Ok::<(), StoreError>(())
/// ```
#[derive(Debug)]
pub struct ByHand<'a, R: Record, S: Storage> {
    pub(super) store: &'a mut Store<R, S>,
}

impl<R: Record, S: Storage> Store<R, S> {
    /// Returns the store driven by hand: lookups, scans and beats that return where they would wait
    /// for the device. The store can be written to during lookups and scans. When the handle is
    /// dropped, they stay under way.
    #[inline]
    pub fn by_hand(&mut self) -> ByHand<'_, R, S> {
        ByHand { store: self }
    }
}

impl<'a, R: Record, S: Storage> ByHand<'a, R, S> {
    /// Completes one operation of the device. Returns whether an operation completed.
    ///
    /// # Panics
    ///
    /// If a beat is under way: continue it with [`ByHand::beat_step`].
    #[inline]
    pub fn step(&mut self) -> bool {
        self.store.forest.step()
    }

    /// The tree, and the grid that its lookups and scans read. Consumes the handle.
    #[must_use]
    #[inline]
    pub fn tree_and_grid(self) -> (&'a Tree<R>, &'a mut Grid<S>) {
        {
            let forest = &mut self.store.forest;
            (&forest.trees, &mut forest.grid)
        }
    }

    /// The grid: the cache, the device, and the blocks on it. Consumes the handle.
    #[must_use]
    #[inline]
    pub fn grid_mut(self) -> &'a mut Grid<S> {
        &mut self.store.forest.grid
    }
}
