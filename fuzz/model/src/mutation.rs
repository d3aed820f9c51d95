//! Models broken on purpose. If a target does not notice that its model is wrong, its checks are
//! useless.
//!
//! With debug assertions, as in `cargo test`, a test switches on one [`Mutation`] at a time and
//! expects the target to fail. Without debug assertions, every mutation is off at compile time.

/// One way to break a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// A removed key is forgotten, as if it had never been written.
    CacheMapForgetsRemovals,
    /// A discarded scope keeps its oldest write.
    CacheMapKeepsAnUndoneWrite,
    /// A value that a compaction may drop is expected for certain.
    CacheMapIsCertainOfOldValues,
    /// A removal takes one element too few.
    SegmentedArrayRemovesTooFew,
    /// An element is inserted after the elements of the same key.
    SegmentedArrayPutsEqualsBehind,
    /// A batch is inserted in reverse.
    SegmentedArrayReversesBatches,
    /// A search for what is above a key finds the key itself.
    SegmentedArraySearchesAboveTooLow,
    /// A closed table is invisible even to its last snapshot.
    ManifestLevelClosesAtOnce,
    /// A range does not overlap the table that ends where the range begins.
    ManifestLevelRangesExcludeTheirStart,
    /// Of two tables with the least overlap, the last is chosen.
    ManifestLevelBreaksTiesUpwards,
    /// The key range never shrinks.
    ManifestLevelRangeNeverShrinks,
    /// A removal does not change the generation.
    ManifestLevelForgetsGenerations,
    /// Only the low 16 bits of value counts are added up.
    ManifestLevelCountsShortValues,
    /// A block released while the newest checkpoint is not durable is free as soon as that
    /// checkpoint is durable, one checkpoint too early.
    FreeSetForgetsStaging,
    /// A reservation takes the lowest free blocks, even those that are reserved.
    FreeSetReservesTwice,
    /// When the set is opened, the blocks that held its encoded sets stay acquired.
    FreeSetForgetsTrailers,
    /// Released blocks are free once the next checkpoint is written, before it is durable.
    FreeSetFreesTooEarly,
    /// Zero words at the end of a set are encoded.
    FreeSetStoresZeros,
    /// A released block never becomes free.
    GridNeverFrees,
    /// A crash loses nothing.
    GridForgetsCrashes,
    /// A half-bar compacts one block too few.
    ManifestLogCompactsLess,
    /// A table that moves stays at its level.
    ManifestLogForgetsMoves,
    /// A crash loses nothing.
    ManifestLogForgetsCrashes,
    /// A superblock being written when power is lost is never found afterwards.
    SuperblockForgetsWhatIsUnderWay,
    /// A superblock being written when power is lost is always found afterwards.
    SuperblockTakesUnderWayForDone,
    /// A superblock has the sequence number of its parent.
    SuperblockSequencesStand,
    /// A superblock does not name its parent.
    SuperblockForgetsItsParent,
    /// A scan ends before the largest key of its range.
    TreeScanExcludesMaximum,
    /// A discarded scope keeps its first change.
    TreeScopeForgetsOne,
    /// A crash loses nothing.
    TreeForgetsCrashes,
    /// A lookup that stays open does not find the writes of the scope that is open.
    TreeLookupPassesOverScopes,
    /// A range ends before its last key.
    TableExcludesTheEndOfARange,
    /// A key in the gap before a value block is looked up in that block.
    TableFindsGaps,
    /// A lookup does not find tombstones.
    TableHidesTombstones,
    /// A value block's header counts one record too many.
    TableCountsOneMore,
    /// An index block holds only the low 16 bits of keys.
    TableCutsKeys,
    /// In an index, a put and a removal of a key leave the newer one.
    VersionsNeverVanish,
    /// Of the records of a key, that of the last stream is returned.
    MergeGivesTheOldest,
    /// A seek skips one key too many.
    MergeSeeksOneTooFar,
    /// A discarded scope keeps its first put, if the put went to the tail.
    TableMemoryKeepsAnUndonePut,
    /// When runs are merged, the oldest version of a key is kept.
    TableMemoryAbsorbsNewestFirst,
    /// A block is accepted whatever its checksum is.
    ImageTrustsChecksums,
    /// The tables of a level may overlap.
    ImageAllowsOverlaps,
    /// Of the records of a key, that of the lowest level is read.
    ImageReadsTheOldest,
    /// A cache may have twice as many slots.
    OptionsAllowMoreSlots,
    /// A bar may have an odd number of beats.
    OptionsAllowOddBars,
    /// A discarded scope keeps its first change.
    GrooveScopeForgetsOne,
    /// A crash loses nothing.
    GrooveForgetsCrashes,
    /// The difference of two conditions is the first one.
    GrooveDifferenceKeepsAll,
    /// The index of an optional field has the objects with the value 0.
    GrooveIndexesZero,
    /// The first write after a checkpoint is not repeated after a crash.
    ForestForgetsAWrite,
    /// A range of values ends before its largest value.
    ScanRangeExcludesItsEnd,
    /// An intersection of conditions loses its last row.
    ScanIntersectionLosesOne,
    /// A crash loses nothing.
    StateMachineForgetsCrashes,
    /// The value of a request does not depend on its client.
    StateMachineIgnoresClients,
    /// The results of a request begin one result too early.
    StateMachineSplitsBehind,
    /// A crash loses nothing.
    DurableStoreForgetsCrashes,
    /// The last write of a batch is lost.
    DurableStoreDropsTheLastOfABatch,
}

impl Mutation {
    /// Every mutation with a target that must notice it.
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
        (Mutation::TreeForgetsCrashes, "tree"),
        (Mutation::TreeLookupPassesOverScopes, "tree"),
        (Mutation::TreeScopeForgetsOne, "tree_twin"),
        (Mutation::TreeScanExcludesMaximum, "tree_large"),
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
        (Mutation::ImageTrustsChecksums, "image"),
        (Mutation::ImageAllowsOverlaps, "image"),
        (Mutation::ImageReadsTheOldest, "image"),
        (Mutation::OptionsAllowMoreSlots, "options"),
        (Mutation::OptionsAllowOddBars, "options"),
        (Mutation::GrooveScopeForgetsOne, "groove"),
        (Mutation::GrooveForgetsCrashes, "groove"),
        (Mutation::GrooveDifferenceKeepsAll, "groove"),
        (Mutation::GrooveIndexesZero, "groove"),
        (Mutation::ForestForgetsAWrite, "forest"),
        (Mutation::GrooveScopeForgetsOne, "forest"),
        (Mutation::GrooveForgetsCrashes, "forest"),
        (Mutation::GrooveIndexesZero, "forest"),
        (Mutation::ScanRangeExcludesItsEnd, "scan"),
        (Mutation::ScanIntersectionLosesOne, "scan"),
        (Mutation::GrooveForgetsCrashes, "scan"),
        (Mutation::StateMachineForgetsCrashes, "state_machine"),
        (Mutation::StateMachineIgnoresClients, "state_machine"),
        (Mutation::StateMachineSplitsBehind, "state_machine"),
        (Mutation::DurableStoreForgetsCrashes, "durable_store"),
        (Mutation::DurableStoreDropsTheLastOfABatch, "durable_store"),
    ];
}

#[cfg(debug_assertions)]
mod switch {
    use super::Mutation;

    thread_local! {
        static ON: std::cell::Cell<Option<Mutation>> = const { std::cell::Cell::new(None) };
    }

    /// Breaks the models of this thread in this way from now on; `None` breaks none.
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
