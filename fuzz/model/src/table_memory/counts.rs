//! The counts of the memtables of a tree.

/// The counts of the memtables of a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Puts that made a run longer.
    pub runs_extended: u64,
    /// Puts into the tail.
    pub tail_puts: u64,
    /// Tails that became a run.
    pub runs_added: u64,
    /// Tails whose values all cancelled each other.
    pub tails_annihilated: u64,
    /// Values of tails that a newer value replaced.
    pub tail_duplicates: u64,
    /// Pairs of values of tails that cancelled each other.
    pub tail_pairs: u64,
    /// Scopes persisted.
    pub scopes_persisted: u64,
    /// Scopes discarded.
    pub scopes_discarded: u64,
    /// Puts undone.
    pub puts_discarded: u64,
    /// Tables swapped.
    pub swaps: u64,
    /// Tables absorbed.
    pub absorbs: u64,
    /// Empty tables absorbed.
    pub absorbs_empty: u64,
    /// How often several runs were merged into one.
    pub collapses: u64,
    /// How often all values of an absorbing table cancelled each other.
    pub collapses_annihilated: u64,
    /// Values of merged runs that a newer value replaced.
    pub collapse_duplicates: u64,
    /// Pairs of values of merged runs that cancelled each other.
    pub collapse_pairs: u64,
    /// Flushes.
    pub flushes: u64,
}
