//! Counters of the memtables.
//!
//! - `runs_extended + tail_puts` is the number of puts.
//! - Of the records of a beat's tail, `duplicates_dropped + 2 * pairs_annihilated` are not in its
//!   run.
//! - No decision depends on a counter, and no read changes one.

/// Counters of a mutable table, since construction or the latest reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MutableStatistics {
    /// Puts that extended the last run.
    pub runs_extended: u64,
    /// Puts into the tail.
    pub tail_puts: u64,
    /// Merges of two pieces, the younger of which sorted completely after the older. The pieces are
    /// those of the tail, and the runs of an immutable table before it absorbed this table.
    pub pieces_joined: u64,
    /// All other merges of two pieces.
    pub pieces_merged: u64,
    /// Tails that became a run at the end of a beat.
    pub runs_added: u64,
    /// Tails whose values all cancelled each other at the end of a beat.
    pub tails_annihilated: u64,
    /// Values of tails that a newer one replaced.
    pub duplicates_dropped: u64,
    /// Pairs of values of tails that cancelled each other.
    pub pairs_annihilated: u64,
    /// Scopes persisted.
    pub scopes_persisted: u64,
    /// Scopes discarded.
    pub scopes_discarded: u64,
    /// Puts discarded with their scopes.
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
    /// How often several runs became one, before a table was absorbed.
    pub collapses: u64,
    /// How often all values of an immutable table cancelled each other, before a table was
    /// absorbed.
    pub collapses_annihilated: u64,
    /// Values of these runs that a newer one replaced.
    pub duplicates_dropped: u64,
    /// Pairs of values of these runs that cancelled each other.
    pub pairs_annihilated: u64,
    /// How often the table was marked as flushed.
    pub flushes: u64,
}
