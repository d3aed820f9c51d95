//! What a cache map counts.

/// What the map counts; the number of a fact is its index in [`Facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "NAMES says them in words")]
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
    /// The names of the facts, in the order of the variants.
    pub const NAMES: [&str; 19] = [
        "hit in the cache",
        "hit in the stash",
        "hit on a tombstone",
        "miss",
        "insert",
        "update",
        "eviction to the stash",
        "promotion from the stash",
        "insert over a tombstone",
        "remove from the cache",
        "remove from the stash",
        "compaction",
        "entry dropped from the stash",
        "scope persisted",
        "scope discarded",
        "undo: value restored",
        "undo: tombstone restored",
        "undo: insert taken from the cache",
        "undo: insert taken from the stash",
    ];
}

/// How often each fact occurred, by number.
pub type Facts = [u64; Fact::NAMES.len()];
