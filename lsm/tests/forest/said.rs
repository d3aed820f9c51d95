//! Tests of the messages for invalid options of a store: each says what to do.

use downbeat_lsm::collections::InvalidOptions;
use downbeat_lsm::forest::{InvalidStore, StoreError};
use downbeat_lsm::table::memory::MemoryTableOptions;
use downbeat_lsm::tree::InvalidTree;

#[test]
fn invalid_options_of_a_store_say_what_to_do() {
    let memory = MemoryTableOptions { value_count_max: 0, beats_per_bar: 4 };
    let memory = memory.validate().expect_err("no values");
    let nodes = InvalidOptions::NodeSizeUnaligned { node_size: 100, alignment: 16 };
    for (error, said) in [
        (InvalidStore::Nodes(nodes), nodes.to_string().as_str()),
        (InvalidStore::Objects(InvalidOptions::SetsZero), &InvalidOptions::SetsZero.to_string()),
        (InvalidStore::Memory(memory), &memory.to_string()),
        (InvalidStore::Tree(InvalidTree::Memory(memory)), &memory.to_string()),
        (InvalidStore::Tree(InvalidTree::Manifest(nodes)), &nodes.to_string()),
        (InvalidStore::Zero { option: "prefetch_max" }, "prefetch_max is 0: set it to 1 or more"),
        (InvalidStore::Trees { count: 0 }, "the forest has 0 trees: declare from 1 to 1024 trees"),
        (
            InvalidStore::SameTree { id: 7 },
            "two trees have the number 7: give each tree its own number",
        ),
        (
            InvalidStore::DifferentBars { beats_per_bar: 4, other: 8 },
            "beats_per_bar is 4 in one tree and 8 in another: set it to the same number in all",
        ),
        (
            InvalidStore::Lookups { lookups_max: 70_000 },
            "lookups_max is 70000, but the grid has a block buffer for each lookup: set it to a \
             number from 1 to 65536",
        ),
        (
            InvalidStore::Scans { scans_max: 2000 },
            "scans_max is 2000, but the grid has two block buffers for each level of a scan: set \
             it to a number from 1 to 1024",
        ),
        (
            InvalidStore::BatchRecords { batch_records_max: 0, most: 8 },
            "batch_records_max is 0, but a batch is written in one beat: set it to a number from 1 \
             to 8",
        ),
        (
            InvalidStore::Device { size: 10, needed: 20 },
            "the device has 10 bytes and the store needs 20, or their sector sizes differ: change \
             the device or the options",
        ),
    ] {
        assert_eq!(error.to_string(), said);
        assert_eq!(StoreError::Invalid(error).to_string(), said);
    }
}

#[test]
fn errors_of_a_store_that_refuses_say_what_to_do() {
    for (error, said) in [
        (StoreError::Full, "the store is full: remove records, and run beats or take a checkpoint"),
        (
            StoreError::Closed,
            "the store is closed: it was not opened, or opening it failed; open or format it first",
        ),
        (
            StoreError::Reopened,
            "the store was reopened after the lookup or scan began: begin it again",
        ),
        (
            StoreError::OtherOptions,
            "the store was formatted with other options or for other records: open it with those",
        ),
    ] {
        assert_eq!(error.to_string(), said);
    }
}
