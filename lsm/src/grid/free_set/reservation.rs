//! A reservation: blocks that nobody else acquires.
//!
//! - It is a value that is neither copied nor cloned: what was forfeited cannot be used.
//!
//! What this does not do: it does not go back by itself. One that is dropped stays reserved, and no
//! checkpoint can end.

/// Free blocks that are kept for one job; from [`FreeSet::reserve`], to [`FreeSet::forfeit`].
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
#[must_use = "what is reserved must be forfeited"]
pub struct Reservation {
    /// Where the next search starts: no block of it is free below.
    pub(super) next: usize,
    /// The first block that is not its own.
    pub(super) end: usize,
    /// Free blocks from `next` to `end`.
    pub(super) remaining: u64,
    /// Reservations are made and forfeited together; which of these times it was.
    pub(super) session: u64,
}

impl Reservation {
    /// The blocks that can still be acquired from it.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.remaining
    }
}
