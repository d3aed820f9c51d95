//! Tests that stores and forests allocate no more memory than their options add up to, and not much
//! less. This is a test program of its own, because it counts the allocations of the whole process.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

use allocation_counter::measure;
use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::forest::{Forest, ForestOptions, InvalidStore, TreeSet, TreeShape};
use downbeat_lsm::groove::{Groove, GrooveOptions};
use downbeat_lsm::storage::{LayoutOptions, MemoryStorage};
use downbeat_lsm::store::{Store, StoreOptions};
use downbeat_lsm::tree::{Tree, TreeOptions};
use objects::Order;
use records::{Entry, Object};

#[expect(dead_code, reason = "other tests make records")]
mod records;

mod objects {
    downbeat_lsm::object! {
        /// An object with indexes.
        pub struct Order {
            pub timestamp: u64 => timestamp,
            pub state: u64 => index,
            pub id: u128 => primary,
            pub buyer: u128 => index,
            pub number: u64 => unique,
            pub note: u64,
        }
    }
}

fn device(options: &ForestOptions) -> MemoryStorage {
    let size = options.device_size().expect("a valid layout") as usize;
    MemoryStorage::new(size, options.layout.sector_size)
}

/// Checks what a forest allocates against `due`.
fn is_near(name: &str, due: u64, allocated: u64) {
    assert!(allocated <= due, "{name}: {allocated} bytes are allocated, and {due} are due");
    // 64 KiB are for what every forest takes.
    let most = 4 * allocated + (1 << 16);
    assert!(due <= most, "{name}: {due} bytes are due, but only {allocated} are allocated");
}

fn forest<T>(name: &str, options: &ForestOptions, trees: &T::Options)
where
    T: TreeSet + downbeat_lsm::forest::Trees<MemoryStorage>,
{
    let due = options.memory_size(&T::shapes(trees)).expect("valid options");
    let (device, mut made) = (device(options), None);
    let info = measure(|| made = Some(Forest::<T, _>::format(device, options, trees, 1)));
    let made = made.expect("it was made").expect("a sound device");
    is_near(name, due, info.bytes_max);
    drop(made);
}

/// Options with 1,000 blocks, of which one part is made large.
fn larger() -> Vec<(&'static str, StoreOptions)> {
    let tiny = StoreOptions::tiny(1000);
    let layout = tiny.layout;
    let tree = tiny.tree;
    let cache = CacheOptions { ways: Ways::Sixteen, sets: 300 };
    vec![
        ("tiny", tiny),
        ("cache", StoreOptions { cache, ..tiny }),
        ("reads", StoreOptions { reads_in_flight_max: 5000, ..tiny }),
        ("lookups", StoreOptions { lookups_max: 3000, ..tiny }),
        ("scans", StoreOptions { scans_max: 500, ..tiny }),
        ("nodes", StoreOptions { manifest_node_size: 1 << 14, ..tiny }),
        ("log", StoreOptions { manifest_compact_extra_blocks: 400, ..tiny }),
        (
            "blocks",
            StoreOptions { layout: LayoutOptions { block_count: 1 << 20, ..layout }, ..tiny },
        ),
        ("size", StoreOptions { layout: LayoutOptions { block_size: 1 << 16, ..layout }, ..tiny }),
        (
            "records",
            StoreOptions {
                layout: LayoutOptions { block_size: 1 << 14, block_count: 100, ..layout },
                tree: TreeOptions { beat_value_count_max: 5000, beats_per_bar: 16, ..tree },
                ..tiny
            },
        ),
        (
            "beats",
            StoreOptions {
                layout: LayoutOptions { block_size: 1 << 13, ..layout },
                tree: TreeOptions { beats_per_bar: 1024, ..tree },
                scans_max: 200,
                ..tiny
            },
        ),
        ("ahead", StoreOptions { tree: TreeOptions { read_ahead: 1000, ..tree }, ..tiny }),
    ]
}

#[test]
fn a_store_allocates_what_its_options_add_up_to() {
    for (name, options) in larger() {
        let due = options.memory_size::<Object>().expect("valid options");
        let size = options.device_size().expect("a valid layout") as usize;
        let device = MemoryStorage::new(size, options.layout.sector_size);
        let mut store = None;
        let info = measure(|| store = Some(Store::<Object, _>::format(device, &options, 1)));
        is_near(name, due, info.bytes_max);
        drop(store);
    }
}

#[test]
fn a_forest_allocates_what_its_options_add_up_to() {
    let mut options = ForestOptions { scans_max: 4, ..ForestOptions::tiny(16_384) };
    options.layout.block_size = 512;
    let trees = (TreeOptions::tiny(1, "objects"), TreeOptions::tiny(2, "entries"));
    forest::<(Tree<Object>, Tree<Entry>)>("two trees", &options, &trees);
    let small = GrooveOptions { growth_factor: 8, ..GrooveOptions::tiny(1) };
    forest::<Groove<Order>>("a groove", &options, &small);
    let objects_cache = CacheOptions { ways: Ways::Sixteen, sets: 1000 };
    forest::<Groove<Order>>("objects", &options, &GrooveOptions { objects_cache, ..small });
    let prefetches = GrooveOptions { prefetch_max: 10_000, ..small };
    forest::<Groove<Order>>("prefetches", &options, &prefetches);
    let production = ForestOptions::production(100);
    let production =
        ForestOptions { cache: CacheOptions { ways: Ways::Four, sets: 8 }, ..production };
    forest::<Groove<Order>>("production", &production, &GrooveOptions::production(1));
}

#[test]
fn a_cache_takes_the_size_of_its_blocks() {
    for block_size in [256, 512, 4096, 1 << 14, 1 << 16] {
        let tiny = StoreOptions::tiny(1000);
        let cache = CacheOptions { ways: Ways::Sixteen, sets: (1 << 19) / block_size as u32 };
        let layout = LayoutOptions { block_size, ..tiny.layout };
        let options = StoreOptions { layout, cache, ..tiny };
        let size = options.device_size().expect("a valid layout") as usize;
        let device = MemoryStorage::new(size, layout.sector_size);
        let mut store = None;
        let info = measure(|| store = Some(Store::<Object, _>::new(device, &options)));
        let store = store.expect("it was made").expect("valid options");
        let blocks = (store.grid().buffers() * block_size.max(512)) as u64;
        // A tenth, and the same for every block: the place of its bytes, and the lists that it can
        // be in.
        let most = blocks + blocks / 10 + (128 + 640) * store.grid().buffers() as u64;
        let allocated = info.bytes_max;
        assert!(allocated <= most, "{block_size}: {allocated} for {blocks} bytes of blocks");
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures the memory of the process: run it alone"]
#[expect(
    clippy::disallowed_macros,
    reason = "the lint is for the library, and this is a measurement"
)]
fn a_cache_of_512_mib_is_resident_with_little_more() {
    let resident = || {
        let pages = std::fs::read_to_string("/proc/self/statm").expect("a process");
        let pages = pages.split(' ').nth(1).and_then(|it| it.parse::<u64>().ok());
        pages.expect("the number of pages in memory") * 4096
    };
    for block_size in [4 << 10, 8 << 10, 16 << 10, 64 << 10] {
        let mut options = StoreOptions::production_of::<Object>(block_size, 64);
        options.cache.sets = ((512 << 20) / (16 * block_size)) as u32;
        let size = options.device_size().expect("a valid layout") as usize;
        let device = MemoryStorage::new(size, options.layout.sector_size);
        let before = resident();
        let store = Store::<Object, _>::new(device, &options).expect("valid options");
        let taken = resident() - before;
        let due = options.memory_size::<Object>().expect("valid options");
        println!("{block_size}: {} MiB resident, {} MiB due", taken >> 20, due >> 20);
        assert!(taken <= due + (64 << 20), "{block_size}: {taken} bytes, {due} are due");
        drop(store);
    }
}

#[test]
fn options_that_add_up_to_too_much_are_refused() {
    let production = StoreOptions::production(1 << 20);
    let size = production.memory_size::<Object>().expect("valid options");
    assert!((512 << 20..2 << 30).contains(&size), "{size}");
    let layout = LayoutOptions { block_size: 1 << 24, ..production.layout };
    let cache = CacheOptions { ways: Ways::Sixteen, sets: 1 << 26 };
    let hostile = StoreOptions { layout, cache, ..production };
    let refused = hostile.validate::<Object>();
    let Err(InvalidStore::MemorySize { memory_size }) = refused else { panic!("{refused:?}") };
    assert!(memory_size > StoreOptions::MEMORY_SIZE_MAX);
    assert_eq!(hostile.memory_size::<Object>(), refused.map(|()| 0));
    let said = InvalidStore::MemorySize { memory_size }.to_string();
    assert!(said.contains(&memory_size.to_string()), "{said}");
    // The objects of a groove count, too, although only the groove checks their number.
    let objects_cache = CacheOptions { ways: Ways::Sixteen, sets: u32::MAX };
    let groove = GrooveOptions { objects_cache, ..GrooveOptions::production(1) };
    let shapes = <Groove<Order> as TreeSet>::shapes(&groove);
    let options = ForestOptions::production(1 << 20);
    let all = options.memory_size(&shapes).expect("2^43 bytes are few enough");
    assert!(all > 16 * u64::from(u32::MAX) * size_of::<Order>() as u64);
    let tree = TreeShape::of::<Object>(&TreeOptions::production(1, "objects"));
    assert!(options.memory_size(&[tree.with_objects(1 << 47)]).is_err());
}
