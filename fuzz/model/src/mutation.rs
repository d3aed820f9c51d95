//! Models broken on purpose: a target whose checks cannot see that its model is wrong checks
//! nothing.
//!
//! With debug assertions, as `cargo test` builds, a test switches one [`Mutation`] on at a time and sees the target
//! object. Without them every question here is answered `false` at compile time.

/// One way to break a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// A removed key is forgotten, as if it had never been.
    CacheMapForgetsRemovals,
    /// A discarded scope keeps its oldest write.
    CacheMapKeepsAnUndoneWrite,
    /// What a compaction may forget is held to be certain.
    CacheMapIsCertainOfOldValues,
    /// A removal takes one element too few.
    SegmentedArrayRemovesTooFew,
    /// An element is put behind those of its key.
    SegmentedArrayPutsEqualsBehind,
    /// A batch is inserted in reverse.
    SegmentedArrayReversesBatches,
    /// What is above a key begins at the key.
    SegmentedArraySearchesAboveTooLow,
    /// A closed table is invisible at once.
    ManifestLevelClosesAtOnce,
    /// A range does not meet the table that ends where it begins.
    ManifestLevelRangesExcludeTheirStart,
    /// Of two tables with the least overlap, the last is chosen.
    ManifestLevelBreaksTiesUpwards,
    /// The key range never shrinks.
    ManifestLevelRangeNeverShrinks,
    /// A removal leaves the generation as it is.
    ManifestLevelForgetsGenerations,
    /// Values are counted by their low bits.
    ManifestLevelCountsShortValues,
    /// A block released while the checkpoint may be lost is free as soon as it may not.
    FreeSetForgetsStaging,
    /// A reservation takes the lowest free blocks, whoever has them.
    FreeSetReservesTwice,
    /// The blocks of the encoded sets stay acquired when the set is opened.
    FreeSetForgetsTrailers,
    /// Blocks that were released are free once the next checkpoint is written.
    FreeSetFreesTooEarly,
    /// Zeros at the end of a set are stored.
    FreeSetStoresZeros,
    /// A released block stays released.
    GridNeverFrees,
    /// A crash loses nothing.
    GridForgetsCrashes,
    /// A half-bar compacts a block too few.
    ManifestLogCompactsLess,
    /// A table that is moved stays at its level.
    ManifestLogForgetsMoves,
    /// A crash loses nothing.
    ManifestLogForgetsCrashes,
    /// What is under way when the power goes is never there afterwards.
    SuperblockForgetsWhatIsUnderWay,
    /// What is under way when the power goes is always there afterwards.
    SuperblockTakesUnderWayForDone,
    /// A superblock has the number of the one before.
    SuperblockSequencesStand,
    /// A superblock names none before it.
    SuperblockForgetsItsParent,
    /// A scan ends before the largest key of its range.
    TreeScanExcludesMaximum,
    /// A scope that is taken back leaves its first write.
    TreeScopeForgetsOne,
    /// A range ends before its last key.
    TableExcludesTheEndOfARange,
    /// A key before a value block is looked for in it.
    TableFindsGaps,
    /// A tombstone is not found.
    TableHidesTombstones,
    /// A value block says that it has a record more.
    TableCountsOneMore,
    /// An index has the low bits of keys.
    TableCutsKeys,
    /// A put and a removal of a key leave the newer of them, in an index too.
    VersionsNeverVanish,
    /// Of the records of one key, the largest stream's is given.
    MergeGivesTheOldest,
    /// A seek passes over a key more.
    MergeSeeksOneTooFar,
    /// A discarded scope keeps its first put, if that went to the tail.
    TableMemoryKeepsAnUndonePut,
    /// Where runs become one, the oldest version of a key is kept.
    TableMemoryAbsorbsNewestFirst,
}

impl Mutation {
    /// Every mutation, and the target that must object to it.
    pub const ALL: &[(Mutation, &'static str)] = &[
        (Mutation::CacheMapForgetsRemovals, "cache_map"),
        (Mutation::CacheMapKeepsAnUndoneWrite, "cache_map"),
        (Mutation::CacheMapIsCertainOfOldValues, "cache_map"),
        (Mutation::SegmentedArrayRemovesTooFew, "segmented_array"),
        (Mutation::SegmentedArrayPutsEqualsBehind, "segmented_array"),
        (Mutation::SegmentedArrayReversesBatches, "segmented_array"),
        (Mutation::SegmentedArraySearchesAboveTooLow, "segmented_array"),
        (Mutation::ManifestLevelClosesAtOnce, "manifest_level"),
        (Mutation::ManifestLevelRangesExcludeTheirStart, "manifest_level"),
        (Mutation::ManifestLevelBreaksTiesUpwards, "manifest_level"),
        (Mutation::ManifestLevelRangeNeverShrinks, "manifest_level"),
        (Mutation::ManifestLevelForgetsGenerations, "manifest_level"),
        (Mutation::ManifestLevelCountsShortValues, "manifest_level"),
        (Mutation::FreeSetForgetsStaging, "free_set"),
        (Mutation::FreeSetReservesTwice, "free_set"),
        (Mutation::FreeSetForgetsTrailers, "free_set"),
        (Mutation::FreeSetFreesTooEarly, "free_set"),
        (Mutation::FreeSetStoresZeros, "free_set"),
        (Mutation::GridNeverFrees, "grid"),
        (Mutation::GridForgetsCrashes, "grid"),
        (Mutation::ManifestLogCompactsLess, "manifest_log"),
        (Mutation::ManifestLogForgetsMoves, "manifest_log"),
        (Mutation::ManifestLogForgetsCrashes, "manifest_log"),
        (Mutation::SuperblockForgetsWhatIsUnderWay, "superblock"),
        (Mutation::SuperblockTakesUnderWayForDone, "superblock"),
        (Mutation::SuperblockSequencesStand, "superblock"),
        (Mutation::SuperblockForgetsItsParent, "superblock"),
        (Mutation::TreeScanExcludesMaximum, "tree"),
        (Mutation::TreeScopeForgetsOne, "tree"),
        (Mutation::TreeScopeForgetsOne, "tree_twin"),
        (Mutation::TableExcludesTheEndOfARange, "table"),
        (Mutation::TableFindsGaps, "table"),
        (Mutation::TableHidesTombstones, "table"),
        (Mutation::TableCountsOneMore, "table"),
        (Mutation::TableCutsKeys, "table"),
        (Mutation::VersionsNeverVanish, "merge"),
        (Mutation::MergeGivesTheOldest, "merge"),
        (Mutation::MergeSeeksOneTooFar, "merge"),
        (Mutation::VersionsNeverVanish, "table_memory"),
        (Mutation::TableMemoryKeepsAnUndonePut, "table_memory"),
        (Mutation::TableMemoryAbsorbsNewestFirst, "table_memory"),
    ];
}

#[cfg(debug_assertions)]
mod switch {
    use super::Mutation;

    thread_local! {
        static ON: std::cell::Cell<Option<Mutation>> = const { std::cell::Cell::new(None) };
    }

    /// From now on, models of this thread are broken in this way, or in none.
    pub fn switch(mutation: Option<Mutation>) {
        ON.set(mutation);
    }

    pub(crate) fn is_on(mutation: Mutation) -> bool {
        ON.get() == Some(mutation)
    }
}

#[cfg(debug_assertions)]
pub(crate) use switch::is_on;
#[cfg(debug_assertions)]
pub use switch::switch;

#[cfg(not(debug_assertions))]
#[inline]
pub(crate) const fn is_on(_mutation: Mutation) -> bool {
    false
}
