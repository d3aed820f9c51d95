//! The registry: every target, a row each.
//!
//! A row says what programs need to know of a target before they build it. The order of the rows is
//! the order in which targets are listed and run.

/// A target, as the registry lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its name: of its feature, its fuzz target, its corpus and its dictionary.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Whether its worlds have a simulated disk whose every I/O can be swept.
    pub has_device: bool,
    /// What a run and a search may cost.
    pub budget: Budget,
}

/// What a run of a target, and a search with it, may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Steps after which a run ends as if its input had. That is a normal end.
    pub steps: u64,
    /// The longest input that drivers make, in bytes. Longer ones are run all the same.
    pub input_bytes: usize,
    /// libFuzzer's `-len_control`: inputs grow after `length_control * log2(length)` executions
    /// without news.
    pub length_control: u32,
    /// The most CPU seconds that the header of a planted bug may ask for.
    pub search_seconds: u64,
}

impl Budget {
    /// The budget of a component: runs of this many steps at most.
    const fn component(steps: u64) -> Self {
        Budget { steps, input_bytes: 512, length_control: 100, search_seconds: 120 }
    }

    /// The budget of a whole tree.
    ///
    /// Nearly every thirtieth execution of a tree is news, so with libFuzzer's default of 100 its
    /// inputs would stay at 29 bytes. After 30 s from empty they had 1.9 effective operations and
    /// had reached 106 of 166 states; with 1, 14 and 124. Deep levels hold something only after
    /// thousands of steps, so searches may take longer.
    const fn tree(steps: u64) -> Self {
        Budget { steps, input_bytes: 512, length_control: 1, search_seconds: 600 }
    }
}

macro_rules! registry {
    ($($NAME:ident $name:literal $about:literal, device: $device:literal, $budget:expr;)*) => {
        $(
            #[doc = concat!("The target `", $name, "`.")]
            pub const $NAME: Listing =
                Listing { name: $name, about: $about, has_device: $device, budget: $budget };
        )*

        /// Every target.
        pub static TARGETS: &[Listing] = &[$($NAME),*];
    };
}

registry! {
    CACHE_MAP "cache_map" "a set-associative cache over a stash, with scopes that undo",
        device: false, Budget::component(1 << 20);
    SEGMENTED_ARRAY "segmented_array" "arrays in nodes of a shared pool, plain and sorted",
        device: false, Budget::component(1 << 20);
    MANIFEST_LEVEL "manifest_level" "levels of a manifest over a pool of nodes, seen by snapshots",
        device: false, Budget::component(1 << 20);
    FREE_SET "free_set" "blocks reserved, acquired and released, across checkpoints and crashes",
        device: false, Budget::component(1 << 20);
    SUPERBLOCK "superblock" "the copies of the superblock, on a device that crashes and lies",
        device: true, Budget::component(1 << 18);
    GRID "grid" "blocks of a store, written, cached and read, on a device that crashes and lies",
        device: true, Budget::component(1 << 14);
    MERGE "merge" "sorted streams merged: newest first, oldest first, by a tournament",
        device: false, Budget::component(1 << 18);
    TABLE_MEMORY "table_memory" "the two memtables of a tree: runs, a sorted tail, scopes, absorption",
        device: false, Budget::component(1 << 20);
    TABLE "table" "tables on disk: built, read by key, damaged and forged",
        device: false, Budget::component(1 << 18);
    MANIFEST_LOG "manifest_log" "the log of tables, compacted as it grows, on a device that crashes and lies",
        device: true, Budget::component(1 << 14);
    TREE "tree" "a tree in a store: puts, gets, scans, beats, checkpoints",
        device: false, Budget::tree(1 << 14);
    TREE_TWIN "tree_twin" "two trees that differ in what must not matter leave the same bytes",
        device: false, Budget::tree(1 << 15);
}

/// Finds a target by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Listing> {
    TARGETS.iter().find(|listing| listing.name == name)
}
