//! A reservation of free blocks for one job.
//!
//! - A reservation cannot be copied or cloned, so a forfeited reservation cannot be used.
//! - A reservation must be forfeited. If it is dropped instead, its blocks stay reserved, and the
//!   next checkpoint panics.

/// Free blocks that are reserved for one job, from [`FreeSet::reserve`] until [`FreeSet::forfeit`].
///
/// ```compile_fail,E0382
/// # use downbeat_lsm::grid::free_set::{FreeSet, Reservation};
/// fn job(free_set: &mut FreeSet, mut reservation: Reservation) {
///     free_set.forfeit(reservation);
///     free_set.acquire(&mut reservation);
/// }
/// ```
///
/// [`FreeSet::reserve`]: super::FreeSet::reserve
/// [`FreeSet::forfeit`]: super::FreeSet::forfeit
#[derive(Debug)]
#[must_use = "a reservation must be forfeited"]
pub struct Reservation {
    /// The block where the next search starts. The reservation has no free block before it.
    pub(super) next: usize,
    /// The first block after the reservation.
    pub(super) end: usize,
    /// The number of free blocks from `next` to `end`.
    pub(super) remaining: u64,
    /// The session of the set in which the reservation was made.
    pub(super) session: u64,
}

impl Reservation {
    /// Returns the number of blocks that can still be acquired.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.remaining
    }
}
