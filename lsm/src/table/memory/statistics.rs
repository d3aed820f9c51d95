//! Counters of what happened in the tables in memory.
//!
//! - `runs_extended + tail_puts` is the number of puts.
//! - Of the records of a beat's tail, `duplicates_dropped + 2 * pairs_annihilated` are not in its run.
//!
//! What this does not do: no call reads a counter to decide anything, and no read changes one.

/// Counters of a mutable table, since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MutableStatistics {
    /// Puts that made the last run longer.
    pub runs_extended: u64,
    /// Puts into the tail.
    pub tail_puts: u64,
    /// Neighbour pieces of the tail, or runs of an immutable table that absorbed this one, that became one as they
    /// were.
    pub pieces_joined: u64,
    /// The same, by a merge.
    pub pieces_merged: u64,
    /// Tails that became a run at the end of a beat.
    pub runs_added: u64,
    /// Tails of which the end of a beat left nothing.
    pub tails_annihilated: u64,
    /// Values of tails that a newer one took the place of.
    pub duplicates_dropped: u64,
    /// Pairs of values of tails that vanished.
    pub pairs_annihilated: u64,
    /// Scopes whose puts stayed.
    pub scopes_persisted: u64,
    /// Scopes whose puts were taken back.
    pub scopes_discarded: u64,
    /// Puts that were taken back.
    pub puts_discarded: u64,
}

/// Counters of an immutable table, since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImmutableStatistics {
    /// Swaps with a mutable table, empty ones included.
    pub swaps: u64,
    /// Mutable tables absorbed, empty ones included.
    pub absorbs: u64,
    /// Absorbed tables that were empty.
    pub absorbs_empty: u64,
    /// Times that several runs became one before a table was absorbed.
    pub collapses: u64,
    /// Times that these left nothing.
    pub collapses_annihilated: u64,
    /// Values of these that a newer one took the place of.
    pub duplicates_dropped: u64,
    /// Pairs of values of these that vanished.
    pub pairs_annihilated: u64,
    /// Times that it was marked as flushed.
    pub flushes: u64,
}
