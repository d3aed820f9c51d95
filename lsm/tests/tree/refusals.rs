//! Tests of what a store refuses: invalid options, small devices, stores of other options, full
//! devices.

use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::storage::{Layout, MemoryStorage};
use downbeat_lsm::store::{Batch, Fullness, InvalidStore, Store, StoreError, StoreOptions};
use downbeat_lsm::superblock::{ChangingOptions, CheckpointState, Superblock, SuperblockError};
use downbeat_lsm::table::memory::MemoryTableOptions;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::records::{Entry, IndexEntry};
use crate::stores::{filled, memory};

fn formatted(options: &StoreOptions) -> MemoryStorage {
    filled(memory(options), options).into_storage()
}

fn opened<R: Record>(options: &StoreOptions, device: MemoryStorage) -> Result<(), StoreError> {
    Store::<R, _>::open(device, options).map(drop)
}

#[test]
fn a_store_must_be_opened_with_its_on_disk_options() {
    let options = StoreOptions::tiny(512);
    let changes: [fn(&mut StoreOptions); 6] = [
        |options| options.tree.id = 2,
        |options| options.tree.beat_value_count_max = 1,
        |options| options.tree.beats_per_bar = 6,
        |options| options.tree.growth_factor = 3,
        |options| options.tree.level_count = 3,
        |options| options.manifest_compact_extra_blocks = 5,
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut other = options;
        change(&mut other);
        let refused = opened::<Entry>(&other, formatted(&options));
        assert_eq!(refused, Err(StoreError::OtherOptions), "change {number}");
    }
    assert_eq!(opened::<IndexEntry>(&options, formatted(&options)), Err(StoreError::OtherOptions));
    assert_eq!(
        StoreError::OtherOptions.to_string(),
        "the store was formatted with other options or for other records: open it with those"
    );
}

#[test]
fn a_store_opens_with_other_memory_sizes_and_other_limits_of_operations_in_flight() {
    let options = StoreOptions::tiny(512);
    let changes: [fn(&mut StoreOptions); 7] = [
        |options| options.tree.read_ahead = 4,
        |options| options.manifest_node_size = 4096,
        |options| options.cache.sets = 1,
        |options| options.reads_in_flight_max = 9,
        |options| options.writes_in_flight_max = 1,
        |options| options.lookups_max = 1,
        |options| options.scans_max = 9,
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut other = options;
        change(&mut other);
        assert_eq!(opened::<Entry>(&other, formatted(&options)), Ok(()), "change {number}");
    }
}

#[test]
fn invalid_options_are_refused_with_a_remedy() {
    let mut options = StoreOptions::tiny(512);
    options.lookups_max = 0;
    let refused = Store::<Entry, _>::new(memory(&options), &options).map(drop);
    assert_eq!(refused, Err(InvalidStore::Zero { option: "lookups_max" }));
    assert_eq!(refused.unwrap_err().to_string(), "lookups_max is 0: set it to 1 or more");
    let mut options = StoreOptions::tiny(512);
    options.scans_max = 0;
    let refused = Store::<Entry, _>::new(memory(&options), &options).map(drop);
    assert_eq!(refused, Err(InvalidStore::Zero { option: "scans_max" }));
    let options = StoreOptions::tiny(512);
    let small = StoreOptions::tiny(256);
    let refused = Store::<Entry, _>::format(memory(&small), &options, 1).map(drop);
    let Err(StoreError::Invalid(InvalidStore::Device { size, needed })) = refused else {
        panic!("{refused:?}")
    };
    assert!(size < needed);
}

#[test]
fn a_checkpoint_of_an_impossible_beat_is_a_corruption() {
    let options = StoreOptions::tiny(512);
    let layout = Layout::new(options.layout).unwrap();
    let store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    let identity = store.superblock().working().store();
    for (beat, is_refused) in [(3, false), (4, true), ((1 << 62) + 3, true), (u64::MAX, true)] {
        let stored = ChangingOptions { block_count: 512, checkpoint_interval: 1 };
        let state = CheckpointState { beat, options: stored, ..CheckpointState::default() };
        let mut device = memory(&options);
        Superblock::new(&layout).format(&mut device, identity, &state).unwrap();
        let opened = opened::<Entry>(&options, device);
        let is_corrupt = matches!(opened, Err(StoreError::Grid(GridError::Corruption(_))));
        assert_eq!((is_corrupt, opened.is_ok()), (is_refused, !is_refused), "beat {beat}");
    }
}

#[test]
fn a_store_whose_levels_are_full_refuses_puts_and_is_emptied_by_removals() {
    let mut options = StoreOptions::tiny(512);
    options.tree.level_count = 2;
    let mut store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    for round in 0..4 {
        let refused = (0..4096).find(|key| match store.put(&Entry { key: *key, stamp: round }) {
            Ok(()) => false,
            Err(error) => {
                assert_eq!(error, StoreError::Full);
                true
            }
        });
        let count = refused.expect("two levels have room for fewer records");
        assert!(count >= 8, "{count}");
        store.checkpoint().unwrap();
        store.open_again().unwrap();
        assert_eq!(store.range(..).count() as u64, count);
        for key in 0..count {
            assert_eq!(store.remove(key), Ok(()));
        }
        store.checkpoint().unwrap();
        assert_eq!(store.range(..).count(), 0);
        assert_eq!(store.make_room(), Ok(true));
        assert!(store.fullness() <= Fullness::NearlyFull);
    }
}

#[test]
fn a_device_that_is_too_small_for_a_reserve_makes_a_full_store_read_only() {
    let mut options = StoreOptions::tiny(96);
    options.tree.growth_factor = 8;
    let mut store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    let refused = (0..4096).find_map(|key| store.put(&Entry { key, stamp: 1 }).err());
    assert_eq!(refused, Some(StoreError::ReadOnly(BeatError::Grid(GridError::Full))));
    assert_eq!(store.get(1).unwrap(), Some(Entry { key: 1, stamp: 1 }));
}

#[test]
fn a_device_that_is_full_refuses_puts_and_accepts_removals() {
    let mut options = StoreOptions::tiny(384);
    options.tree.growth_factor = 8;
    let mut store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    let refused = (0..4096).find_map(|key| store.put(&Entry { key, stamp: 1 }).err());
    assert_eq!(refused, Some(StoreError::Full));
    assert_eq!(store.failed(), None);
    let mut batch = Batch::new();
    batch.remove(1);
    batch.put(&Entry { key: 1, stamp: 2 });
    assert_eq!(store.write(&batch), Err(StoreError::Full));
    assert_eq!(store.get(1).unwrap(), Some(Entry { key: 1, stamp: 1 }));
    assert_eq!(store.remove(0), Ok(()));
    assert_eq!(store.get(0).unwrap(), None);
}

#[test]
fn sizes_out_of_bounds_are_refused_with_a_remedy() {
    let said = |change: fn(&mut StoreOptions)| {
        let mut options = StoreOptions::tiny(512);
        change(&mut options);
        let device = MemoryStorage::new(1 << 20, 256);
        let refused = Store::<Entry, _>::format(device, &options, 7).map(drop);
        let invalid = options.validate::<Entry>().unwrap_err();
        assert_eq!(refused, Err(StoreError::Invalid(invalid)));
        let device = MemoryStorage::new(1 << 20, 256);
        assert_eq!(Store::<Entry, _>::open(device, &options).map(drop), refused);
        invalid.to_string()
    };
    assert_eq!(
        said(|options| options.tree.growth_factor = 1),
        "growth_factor is 1: set it to a number from 2 to 16"
    );
    assert_eq!(
        said(|options| options.tree.beats_per_bar = 5),
        "beats_per_bar is 5, but a bar has two halves: set it to an even number"
    );
    assert_eq!(
        said(|options| options.lookups_max = u32::MAX),
        "lookups_max is 4294967295, but the grid has a block buffer for each lookup: set it to a number from 1 to 65536"
    );
    assert_eq!(
        said(|options| options.scans_max = 1025),
        "scans_max is 1025, but the grid has two block buffers for each level of a scan: set it to a number from 1 to 1024"
    );
    for change in [
        (|options| options.layout.block_size = 100) as fn(&mut StoreOptions),
        |options| options.layout.block_size = 128,
        |options| options.tree.id = 0,
        |options| options.tree.beat_value_count_max = 1 << 20,
        |options| options.manifest_node_size = 8,
        |options| options.manifest_compact_extra_blocks = 0,
        |options| options.reads_in_flight_max = 0,
        |options| options.checkpoint_interval = 0,
    ] {
        assert!(!said(change).is_empty());
    }
}

#[test]
fn a_store_reports_its_options_and_state() {
    let options = StoreOptions::tiny(512);
    let mut store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    assert_eq!((store.options(), store.beat_number()), (&options, 0));
    assert_eq!(store.tree().options(), &options.tree);
    assert_eq!(store.tree().manifest().growth_factor(), options.tree.growth_factor);
    assert!(store.tree().mutable().view().is_empty());
    assert_eq!(store.tree().immutable().capacity(), options.tree.value_count_max());
    assert_eq!(store.tree().layout().options().block_size, options.layout.block_size);
    for key in 0..40 {
        store.put(&Entry { key, stamp: 1 }).unwrap();
    }
    let runs = store.tree().immutable().view().runs();
    let records: u32 = runs.iter().map(downbeat_lsm::table::memory::Run::len).sum();
    assert_eq!(records, store.tree().immutable().len());
    store.checkpoint().unwrap();
    store.by_hand().grid_mut().drop_cache();
    let mut lookup = store.tree().lookup(3, 0);
    assert_eq!((lookup.key(), lookup.reads()), (3, 0));
    let found = loop {
        let (tree, grid) = store.by_hand().tree_and_grid();
        if let Some(found) = lookup.advance(tree, grid) {
            break found.unwrap();
        }
        assert!(store.by_hand().step());
    };
    assert_eq!((found, lookup.reads()), (Some(Entry { key: 3, stamp: 1 }), 2));
}

#[test]
fn every_growth_factor_is_valid_with_every_number_of_levels() {
    for growth_factor in 2..=16 {
        for level_count in 2..=8 {
            let mut options = StoreOptions::tiny(4096);
            options.tree.growth_factor = growth_factor;
            options.tree.level_count = level_count;
            assert_eq!(options.tree.validate(), Ok(()));
            let store = Store::<Entry, _>::format(memory(&options), &options, 7);
            assert_eq!(store.map(drop), Ok(()), "{growth_factor}, {level_count}");
        }
    }
}

#[test]
fn the_size_of_a_store_does_not_depend_on_its_tree_number() {
    let mut options = StoreOptions::tiny(512);
    let first = Store::<Entry, _>::new(memory(&options), &options).unwrap();
    for id in [2, 1000, u16::MAX] {
        options.tree.id = id;
        let device = formatted(&options);
        let store = Store::<Entry, _>::open(device, &options).unwrap();
        assert_eq!(store.manifest_log().pace(), first.manifest_log().pace());
        assert_eq!(store.grid().buffers(), first.grid().buffers());
    }
}

#[test]
fn the_production_sizes_are_valid() {
    let options = StoreOptions::production(1 << 20);
    assert_eq!(options.tree.validate(), Ok(()));
    assert_eq!(options.device_size(), Ok(Layout::new(options.layout).unwrap().size()));
}

/// A record of `WORDS` words of 8 bytes, of which the first is the key.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Wide<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Record for Wide<WORDS> {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.0[0]
    }
    fn is_tombstone(&self) -> bool {
        self.0[1] == 1
    }
    fn tombstone(key: u64) -> Self {
        let mut words = [0; WORDS];
        words[..2].copy_from_slice(&[key, 1]);
        Self(words)
    }
}

fn production_of<R: Record>() {
    for shift in 12..=20 {
        let options = StoreOptions::production_of::<R>(1 << shift, 1 << 20);
        assert_eq!(options.layout.block_size, 1 << shift);
        assert_eq!(options.validate::<R>(), Ok(()), "blocks of {} bytes", 1 << shift);
        let slots = u64::from(options.cache.sets) * 16;
        assert_eq!(slots << shift, 512 << 20);
        let beat = options.tree.beat_value_count_max;
        assert!((1..=2048).contains(&beat), "{beat}");
    }
    let same = StoreOptions::production_of::<Entry>(1 << 16, 1 << 20);
    assert_eq!(same, StoreOptions::production(1 << 20));
}

#[test]
fn production_accepts_blocks_from_4_kib_to_1_mib() {
    production_of::<Wide<2>>();
    production_of::<Wide<4>>();
    production_of::<Wide<16>>();
    production_of::<Wide<32>>();
}

#[test]
fn production_keeps_a_reserve_if_the_device_is_large_enough() {
    let options =
        |shift: u32, blocks| StoreOptions::production_of::<Wide<16>>(1_usize << shift, blocks);
    for (shift, blocks) in [(12, 100), (12, 1 << 10), (16, 100), (16, 1 << 14), (20, 111)] {
        let options = options(shift, blocks);
        assert_eq!(options.has_reserve::<Wide<16>>(), Ok(true), "{blocks} blocks");
        assert!(options.tree.beat_value_count_max > 1, "{blocks} blocks");
    }
    let tiny = options(16, 8);
    assert_eq!(tiny.has_reserve::<Wide<16>>(), Ok(false));
    assert_eq!(tiny.tree, options(16, 1 << 20).tree, "no memtable is small enough");
}

#[test]
fn a_production_store_with_small_blocks_works() {
    let mut options = StoreOptions::production_of::<Wide<16>>(4096, 4096);
    options.cache.sets = 8;
    let mut store = Store::<Wide<16>, _>::format(memory(&options), &options, 7).unwrap();
    for key in 0..20_000_u64 {
        store
            .put(&Wide([
                key.wrapping_mul(0x9e37_79b9) % 5000,
                2,
                key,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
            ]))
            .unwrap();
    }
    store.checkpoint().unwrap();
    assert!(store.verify().unwrap().is_clean());
    assert_eq!(store.range(..).count(), 5000);
}

#[test]
#[should_panic(expected = "there is no open scope to close")]
fn closing_no_scope_panics() {
    let options = StoreOptions::tiny(512);
    let mut store = Store::<Entry, _>::format(memory(&options), &options, 7).unwrap();
    store.scope_close(downbeat_lsm::collections::ScopeOutcome::Persist);
}

#[test]
fn errors_say_what_is_wrong() {
    let layout =
        downbeat_lsm::storage::LayoutOptions { block_size: 100, ..StoreOptions::tiny(512).layout };
    let memory = MemoryTableOptions { value_count_max: 0, beats_per_bar: 4 };
    let invalid = StoreOptions { layout, ..StoreOptions::tiny(512) };
    assert!(matches!(invalid.device_size(), Err(InvalidStore::Layout(_))));
    for said in [
        InvalidStore::Layout(Layout::new(layout).unwrap_err()).to_string(),
        InvalidStore::Memory(memory.validate().unwrap_err()).to_string(),
        InvalidStore::Device { size: 1, needed: 2 }.to_string(),
        StoreError::from(GridError::Gone).to_string(),
        StoreError::from(CheckpointError::Grid(GridError::Gone)).to_string(),
        StoreError::from(CheckpointError::Superblock(SuperblockError::Gone)).to_string(),
        StoreError::ReadOnly(BeatError::Checkpoint(CheckpointError::Grid(GridError::Gone)))
            .to_string(),
    ] {
        assert!(said.len() > 10, "{said}");
    }
}
