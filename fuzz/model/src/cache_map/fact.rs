//! The facts that a cache map counts.

/// A fact that the map counts. Its number is its index in [`Facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name describes its fact")]
pub enum Fact {
    HitCache,
    HitStash,
    HitTombstone,
    Miss,
    Insert,
    Update,
    Eviction,
    Promotion,
    TombstonePromotion,
    RemoveFromCache,
    RemoveFromStash,
    Compaction,
    StashDropped,
    ScopePersisted,
    ScopeDiscarded,
    UndoRestore,
    UndoTombstone,
    UndoRemoveFromCache,
    UndoRemoveFromStash,
}

impl Fact {
    /// The number of facts.
    pub const COUNT: usize = Fact::UndoRemoveFromStash as usize + 1;
}

/// How often each fact occurred, by number.
pub type Facts = [u64; Fact::COUNT];
