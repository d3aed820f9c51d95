//! The registry: a row for each target.
//!
//! A row contains what must be known about a target before its program is built. Targets are listed
//! and run in the order of the rows.

/// The row of a target in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The name of the target. Its feature, program, corpus and dictionary have the same name.
    pub name: &'static str,
    /// A description of the target, in a line.
    pub about: &'static str,
    /// Whether its worlds have a simulated disk, so that a sweep can interfere with every I/O.
    pub has_device: bool,
    /// Whether the target is an adapter of an engine. Its program is built in the workspace of the
    /// adapters, and `downbeat` knows it from the adapter's folder.
    pub is_adapter: bool,
    /// The limits of runs and searches.
    pub budget: Budget,
}

/// The limits of a run of a target, and of a search with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The number of steps after which a run ends as if its input had ended. This is no failure.
    pub steps: u64,
    /// The maximum length in bytes of the inputs that drivers make. Longer inputs can still be run.
    pub input_bytes: usize,
    /// The maximum number of CPU seconds that the header of a planted bug may ask for.
    pub search_seconds: u64,
}

impl Budget {
    /// The budget of an adapter of an engine.
    pub const ENGINE: Self = Budget { steps: 1 << 12, input_bytes: 512, search_seconds: 600 };

    /// The budget of a component. `steps` is the maximum number of steps of a run.
    const fn component(steps: u64) -> Self {
        Budget { steps, input_bytes: 512, search_seconds: 120 }
    }

    /// The budget of a whole tree. `steps` is the maximum number of steps of a run.
    ///
    /// Deep levels get their first table only after thousands of steps. So inputs may be longer
    /// than those of a component, and searches may take longer.
    const fn tree(steps: u64) -> Self {
        Budget { steps, input_bytes: 1024, search_seconds: 600 }
    }
}

macro_rules! registry {
    ($($NAME:ident $name:literal $about:literal, device: $device:literal, $budget:expr;)*) => {
        $(
            #[doc = concat!("The target `", $name, "`.")]
            pub const $NAME: Listing =
                Listing {
                    name: $name,
                    about: $about,
                    has_device: $device,
                    is_adapter: false,
                    budget: $budget,
                };
        )*

        /// Every target.
        pub static TARGETS: &[Listing] = &[$($NAME),*];
    };
}

registry! {
    CACHE_MAP "cache_map" "a set-associative cache over a stash, with scopes that undo writes",
        device: false, Budget::component(1 << 20);
    SEGMENTED_ARRAY "segmented_array" "arrays in nodes of a shared pool, plain and sorted",
        device: false, Budget::component(1 << 20);
    MANIFEST_LEVEL "manifest_level" "the tables of two levels of a manifest, as snapshots see them",
        device: false, Budget::component(1 << 20);
    FREE_SET "free_set" "blocks reserved, acquired and released, across checkpoints and crashes",
        device: false, Budget::component(1 << 20);
    SUPERBLOCK "superblock" "the copies of the superblock, on a disk that crashes and fails",
        device: true, Budget::component(1 << 18);
    GRID "grid" "blocks written, cached, read and released, on a disk that crashes and fails",
        device: true, Budget::component(1 << 14);
    MERGE "merge" "merging of sorted streams: newest first, oldest first, or as a tournament",
        device: false, Budget::component(1 << 18);
    TABLE_MEMORY "table_memory" "the two memtables of a tree: runs, scopes, scans, swaps and absorption",
        device: false, Budget::component(1 << 20);
    TABLE "table" "tables on disk: built, read by key, damaged and forged",
        device: false, Budget::component(1 << 18);
    MANIFEST_LOG "manifest_log" "the log of tables and its compaction, on a disk that crashes and fails",
        device: true, Budget::component(1 << 14);
    TREE "tree" "a tree in a store: puts, gets, scans, beats, checkpoints, crashes and faults",
        device: true, Budget::tree(1 << 14);
    TREE_TWIN "tree_twin" "two stores with the same history, but different I/O order, caching and reads",
        device: false, Budget::tree(1 << 15);
    TREE_LARGE "tree_large" "a tree with sizes of real use: large blocks, memtables, tables, levels, devices",
        device: true, Budget::tree(1 << 17);
    IMAGE "image" "a store on a device whose bytes are changed, with valid checksums or not",
        device: false, Budget::component(1 << 12);
    OPTIONS "options" "options of every part of the core, at their limits and beyond",
        device: false, Budget::component(1 << 12);
    GROOVE "groove" "objects with unique keys and indexes: writes, prefetch, queries, scopes, crashes",
        device: true, Budget::tree(1 << 14);
    FOREST "forest" "plain trees and grooves in a store: one budget, one log, crashes, replay",
        device: true, Budget::tree(1 << 14);
    SCAN "scan" "queries of a groove with four indexes: expressions, pages, seeks, crashes",
        device: true, Budget::tree(1 << 14);
    STATE_MACHINE "state_machine" "a service with a log of requests: every request once, over crashes of both disks",
        device: true, Budget::tree(1 << 14);
    DURABLE_STORE "durable_store" "a tree with a log of batches: every acknowledged batch, over crashes of both disks",
        device: true, Budget::tree(1 << 14);
}

/// Finds a target by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Listing> {
    TARGETS.iter().find(|listing| listing.name == name)
}
