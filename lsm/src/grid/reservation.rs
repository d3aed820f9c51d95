//! The blocks of a grid that are acquired and released.

use super::Grid;
use super::free_set::Reservation;
use crate::storage::Storage;

impl<S: Storage> Grid<S> {
    /// Reserves `count` free blocks for one job. Returns `None` if too few blocks are free. Some
    /// free blocks are set aside for the free set of the next checkpoint.
    ///
    /// # Panics
    ///
    /// The same as [`FreeSet::reserve`](super::free_set::FreeSet::reserve).
    pub fn reserve(&mut self, count: u64) -> Option<Reservation> {
        if !self.has_room(count) {
            self.statistics.refused_for_want_of_blocks += 1;
            return None;
        }
        self.free_set.reserve(count)
    }

    /// Returns whether [`Grid::reserve`] finds `count` free blocks.
    fn has_room(&self, count: u64) -> bool {
        let free = self.free_set.free_count() - self.free_set.reserved_count();
        count <= free.saturating_sub(self.free_set_blocks_max())
    }

    /// Returns the maximum number of blocks of the free set of a checkpoint. [`Grid::reserve`] sets
    /// as many free blocks aside.
    #[must_use]
    pub fn free_set_blocks_max(&self) -> u64 {
        2 * self.trailers.blocks_max() as u64
    }

    /// Acquires the lowest free block of a reservation. Returns `None` if all of its blocks are
    /// acquired.
    ///
    /// # Panics
    ///
    /// The same as [`FreeSet::acquire`](super::free_set::FreeSet::acquire).
    pub fn acquire(&mut self, reservation: &mut Reservation) -> Option<u64> {
        let address = self.free_set.acquire(reservation)?;
        let block = (address - 1) as usize;
        if !self.unwritten.contains(block) {
            self.unwritten.insert(block);
        }
        Some(address)
    }

    /// Forfeits a reservation.
    ///
    /// # Panics
    ///
    /// The same as [`FreeSet::forfeit`](super::free_set::FreeSet::forfeit).
    pub fn forfeit(&mut self, reservation: Reservation) {
        self.free_set.forfeit(reservation);
    }

    /// Releases a block. It stays readable until it becomes free, which is when a later checkpoint
    /// is durable.
    ///
    /// # Panics
    ///
    /// The same as [`FreeSet::release`](super::free_set::FreeSet::release).
    pub fn release(&mut self, address: u64) {
        self.free_set.release(address);
        self.cache.weaken(address);
    }

    /// Marks the last checkpoint as durable. The blocks that were released before it become free.
    ///
    /// # Panics
    ///
    /// The same as
    /// [`FreeSet::mark_checkpoint_durable`](super::free_set::FreeSet::mark_checkpoint_durable), and
    /// if a read or write of a block that becomes free is pending.
    pub fn mark_checkpoint_durable(&mut self) {
        for address in self.reads.addresses().chain(self.writes.addresses()) {
            assert!(
                !self.free_set.to_be_freed_at_durability(address),
                "grid: no read or write may be pending for a block that becomes free ({address})",
            );
        }
        self.free_set.mark_checkpoint_durable();
    }
}
