//! Tests that zones, the identity of a store, the quorum and the limits are as `FORMAT.md` says.

use downbeat_lsm::compaction::BEATS_PER_BAR;
use downbeat_lsm::manifest::{GROWTH_FACTORS, LEVELS, SNAPSHOT_LATEST};
use downbeat_lsm::manifest_log::{InvalidManifestLog, LOG_LEVEL_COUNT_MAX, ManifestLog};
use downbeat_lsm::record::{Key, Key256, RECORD_SIZE_MAX, RECORD_SIZE_MIN};
use downbeat_lsm::storage::{Layout, LayoutOptions, MemoryStorage};
use downbeat_lsm::store::{Store, StoreOptions};
use downbeat_lsm::superblock::quorum;
use downbeat_lsm::table::memory::MemoryTableOptions;
use downbeat_lsm::tree::TreeOptions;

use super::examples::Pair;
use super::page::{number, rows, value};

#[test]
fn zones_are_those_of_the_page() {
    for row in rows("Profiles", 0) {
        let options = match row[0] {
            "production" => StoreOptions::production(1000),
            "tiny" => StoreOptions::tiny(1000),
            profile => panic!("{profile} is a profile"),
        };
        let layout = Layout::new(options.layout).expect("the sizes are valid");
        let sizes: Vec<u64> = row[1..].iter().map(|cell| number(cell)).collect();
        let [sector, block, copies, copy_size, grid, all] = sizes[..] else {
            panic!("a profile has six sizes")
        };
        assert_eq!([sector, block], [layout.sector_size() as u64, layout.block_size() as u64]);
        assert_eq!(copies, layout.superblock_copies() as u64);
        assert_eq!(copy_size, 512_u64.next_multiple_of(sector));
        for copy in 0..copies {
            let span = layout.superblock_copy(copy as usize);
            assert_eq!((span.offset, span.length as u64), (copy * copy_size, copy_size));
        }
        assert_eq!((grid, all), ((copies * copy_size).next_multiple_of(block), layout.size()));
        for address in [1, 2, 1000] {
            let span = layout.block(address);
            assert_eq!((span.offset, span.length as u64), (grid + (address - 1) * block, block));
        }
    }
}

#[test]
fn the_identity_of_a_store_is_that_of_the_page() {
    let options = StoreOptions::tiny(256);
    let StoreOptions { layout, tree, .. } = options;
    let number_of = |name: &str| match name {
        "layout.sector_size" => layout.sector_size as u64,
        "layout.block_size" => layout.block_size as u64,
        "layout.superblock_copies" => layout.superblock_copies as u64,
        "number of trees, 1 in a store of one tree" => 1,
        "bytes of the name" => tree.name.len() as u64,
        "id" => tree.id.into(),
        "beat_value_count_max" => tree.beat_value_count_max.into(),
        "beats_per_bar" => tree.beats_per_bar.into(),
        "growth_factor" => tree.growth_factor.into(),
        "level_count" => tree.level_count.into(),
        "manifest_compact_extra_blocks" => options.manifest_compact_extra_blocks.into(),
        "R" => 16,
        "K" => 8,
        "usage of the records: 0 general, 1 secondary index" => 0,
        "checksum of the fields, 0 if the records are not objects" => 0,
        _ => panic!("\"{name}\" is an option"),
    };
    let mut numbers = Vec::new();
    for row in rows("Identity of the store", 0) {
        numbers.extend(number_of(row[0]).to_le_bytes());
    }
    numbers.extend(tree.name.as_bytes());
    let sum = downbeat_lsm::block::checksum(&numbers) as u64;
    let storage = MemoryStorage::new(1 << 17, 256);
    let store = Store::<Pair, _>::format(storage, &options, 0x0102_0304_0506_0708);
    let storage = store.expect("a sound device").into_storage();
    let identity = value("Superblock", storage.bytes(), "store");
    assert_eq!(identity, 0x0102_0304_0506_0708 << 64 | u128::from(sum));
}

#[test]
fn thresholds_are_those_of_the_page() {
    for row in rows("Quorum", 0) {
        let [copies, threshold, damaged] = [row[0], row[1], row[2]].map(number);
        assert_eq!(threshold, quorum::threshold(copies as usize) as u64);
        assert_eq!(damaged, copies - threshold);
    }
}

/// The minimum and the maximum in a row of the page.
fn limits(what: &str) -> [u64; 2] {
    let rows = rows("Limits", 0);
    let row = rows.iter().find(|row| row[0].replace('`', "") == what);
    let row = row.unwrap_or_else(|| panic!("the page has the limits of the {what}"));
    [number(row[1]), number(row[2])]
}

#[test]
fn limits_are_those_of_the_page() {
    let known: [(&str, [u64; 2]); 13] = [
        ("bytes of a sector, S", [Layout::SECTOR_SIZE_MIN as u64, Layout::SECTOR_SIZE_MAX as u64]),
        ("bytes of a block, B", [Layout::BLOCK_SIZE_MIN as u64, Layout::BLOCK_SIZE_MAX as u64]),
        ("blocks, N", [1, Layout::BLOCK_COUNT_MAX]),
        ("bytes of a record, R", [RECORD_SIZE_MIN as u64, RECORD_SIZE_MAX as u64]),
        ("bytes of a key, K", [u64::SIZE as u64, Key256::SIZE as u64]),
        ("beats of a bar", [*BEATS_PER_BAR.start(), *BEATS_PER_BAR.end()]),
        ("records of a bar", [*BEATS_PER_BAR.start(), MemoryTableOptions::VALUE_COUNT_MAX.into()]),
        ("levels of a tree", [u64::from(*LEVELS.start()), u64::from(*LEVELS.end())]),
        ("level that an entry can name", [0, u64::from(LOG_LEVEL_COUNT_MAX) - 1]),
        ("growth factor", [u64::from(*GROWTH_FACTORS.start()), u64::from(*GROWTH_FACTORS.end())]),
        ("number of a tree", [1, u16::MAX.into()]),
        ("snapshot_min of a table", [1, SNAPSHOT_LATEST - 1]),
        ("copies of the superblock, C", [2, 8]),
    ];
    for (what, known) in known {
        assert_eq!(limits(what), known, "{what}");
    }
    let copies = |superblock_copies| {
        let options = LayoutOptions { superblock_copies, ..StoreOptions::tiny(9).layout };
        Layout::new(options).is_ok()
    };
    assert_eq!((0..20).filter(|count| copies(*count)).collect::<Vec<_>>(), [2, 4, 6, 8]);
}

#[test]
fn a_beat_has_as_many_records_as_the_page_says() {
    let [least, most] = limits("records of a beat").map(|limit| limit as u32);
    let is_valid = |beat_value_count_max| {
        TreeOptions { beat_value_count_max, ..StoreOptions::tiny(9).tree }.validate().is_ok()
    };
    assert!(is_valid(least) && is_valid(most));
    assert!(!is_valid(least - 1) && !is_valid(most + 1));
}

#[test]
fn the_blocks_of_a_store_are_as_large_as_the_page_says() {
    let [least, most] = limits("bytes of a block of a store").map(|limit| limit as usize);
    let log = |block_size| {
        let options = LayoutOptions { sector_size: 64, block_size, ..StoreOptions::tiny(9).layout };
        let layout = Layout::new(options).expect("the sizes are valid");
        ManifestLog::new(&StoreOptions::tiny(9).manifest_log(), &layout)
    };
    assert!(log(least).is_ok() && log(most).is_ok());
    let refused = InvalidManifestLog::BlockTooSmall { block_size: 128, block_size_min: 64 + 112 };
    assert_eq!(log(least / 2).unwrap_err(), refused);
}
