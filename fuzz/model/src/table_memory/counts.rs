//! What happened to the tables of a tree.

/// What happened, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Puts that made a run longer.
    pub runs_extended: u64,
    /// Puts into the tail.
    pub tail_puts: u64,
    /// Tails that became a run.
    pub runs_added: u64,
    /// Tails of which nothing was left.
    pub tails_annihilated: u64,
    /// Values of tails that a newer one replaced.
    pub tail_duplicates: u64,
    /// Pairs of values of tails that vanished.
    pub tail_pairs: u64,
    /// Scopes kept.
    pub scopes_persisted: u64,
    /// Scopes taken back.
    pub scopes_discarded: u64,
    /// Puts taken back.
    pub puts_discarded: u64,
    /// Tables swapped.
    pub swaps: u64,
    /// Tables absorbed.
    pub absorbs: u64,
    /// Empty tables absorbed.
    pub absorbs_empty: u64,
    /// Times that several runs became one.
    pub collapses: u64,
    /// Times that an absorbing table had nothing left.
    pub collapses_annihilated: u64,
    /// Values of collapsed runs that a newer one replaced.
    pub collapse_duplicates: u64,
    /// Pairs of values of collapsed runs that vanished.
    pub collapse_pairs: u64,
    /// Flushes.
    pub flushes: u64,
}
