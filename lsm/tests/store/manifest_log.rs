//! Tests of the manifest log: half-bars, checkpoints, and opening.

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest::{SNAPSHOT_OPEN, TableInfo};
use downbeat_lsm::manifest_log::{
    LogEntry, LogEvent, ManifestLog, ManifestLogOptions, ManifestLogStatistics,
};
use downbeat_lsm::record::{Key, Key256};
use downbeat_lsm::superblock::ManifestReferences;

use crate::log_fixture::{Logged, OPTIONS, Table, entry, layout, table};

#[test]
fn a_log_without_entries_has_no_block() {
    let mut store = Logged::format();
    store.half_bar([]);
    store.checkpoint();
    assert_eq!(store.log.references(), ManifestReferences::default());
    store.assert_reopens();
    assert_eq!(store.grid.unused_buffers(), store.grid.buffers());
}

#[test]
fn a_log_reports_its_sizes_and_state() {
    let mut store = Logged::format();
    assert_eq!(store.log.options(), &OPTIONS);
    assert!(store.log.is_open());
    store.begin().unwrap();
    assert!(store.log.is_ready());
    store.append(entry(LogEvent::Insert, 200));
    store.log.verify();
    store.end();
    assert!(!store.log.is_ready());
    store.log.reset();
    assert!(!store.log.is_open());
    store.log.verify();
}

#[test]
fn an_entry_is_shown_in_words() {
    let closed = Table { snapshot_max: 9, ..table(4) };
    assert_eq!(
        format!("{:?}", LogEntry::new(2, 1, LogEvent::Update, &closed)),
        "Update of table 4 of tree 2 at level 1, 7 values, snapshots 3 to 9"
    );
    assert_eq!(
        format!("{:?}", entry(LogEvent::Insert, 4)),
        "Insert of table 4 of tree 1 at level 0, 7 values, snapshots 3 to open"
    );
}

#[test]
fn tables_are_reported_in_their_newest_version() {
    let mut store = Logged::format();
    let [first, second, third] = [0; 3].map(|_| store.insert());
    store.half_bar([
        LogEntry::new(2, 1, LogEvent::Update, &table(first)),
        LogEntry::new(1, 0, LogEvent::Update, &Table { snapshot_max: 9, ..table(second) }),
        entry(LogEvent::Remove, third),
    ]);
    store.checkpoint();
    store.assert_reopens();
    assert_eq!(store.live.len(), 2);
    let moved = store.live[&first];
    assert_eq!((moved.tree(), moved.level(), moved.event()), (2, 1, LogEvent::Update));
    assert_eq!(store.live[&second].table(), Ok(Table { snapshot_max: 9, ..table(second) }));
}

#[test]
fn entries_after_the_last_checkpoint_are_lost() {
    let mut store = Logged::format();
    let kept = store.insert();
    store.checkpoint();
    store.insert();
    let reported = store.reopen().unwrap();
    assert_eq!(reported, [entry(LogEvent::Insert, kept)]);
}

#[test]
fn a_block_that_is_full_is_closed_at_once() {
    let mut store = Logged::format();
    assert_eq!(store.log.entries_per_block(), 4);
    for count in 1..=3 {
        store.insert();
        assert_eq!((store.log.block_count(), store.log.open_entry_count()), (0, count));
    }
    store.insert();
    assert_eq!((store.log.block_count(), store.log.open_entry_count()), (1, 0));
    store.checkpoint();
    let statistics = *store.log.statistics();
    assert_eq!((statistics.blocks_closed_full, statistics.blocks_closed_partly), (1, 0));
    store.assert_reopens();
}

#[test]
fn a_checkpoint_closes_the_open_block_and_acquires_none() {
    let mut store = Logged::format();
    store.insert();
    let acquired = store.grid.free_set().acquired_count();
    store.close().unwrap();
    assert_eq!(store.grid.free_set().acquired_count(), acquired);
    assert_eq!((store.log.block_count(), store.log.open_entry_count()), (1, 0));
    assert_eq!(store.log.statistics().blocks_closed_partly, 1);
    let references = store.log.references();
    assert_eq!(references.oldest, references.newest);
    store.write_checkpoint(references);
    store.assert_reopens();
}

#[test]
fn a_reused_address_is_another_table() {
    let mut store = Logged::format();
    let address = store.insert();
    for stamp in 1..=5 {
        let again = Table { value_count: stamp, ..table(address) };
        store.half_bar([
            LogEntry::new(1, 0, LogEvent::Update, &Table { snapshot_max: 9, ..table(address) }),
            entry(LogEvent::Remove, address),
            LogEntry::new(2, 1, LogEvent::Insert, &again),
        ]);
        store.checkpoint();
        store.assert_reopens();
        assert_eq!(store.live[&address].table(), Ok(again));
    }
    // At least the last removal follows an insert.
    assert!(store.log.statistics().removes_passed > 0);
    store.half_bar([entry(LogEvent::Remove, address)]);
    store.checkpoint();
    store.assert_reopens();
    assert!(store.log.statistics().incarnations_cancelled > 0);
    assert_eq!(store.log.table_count(), 0);
}

#[test]
fn the_log_stays_within_its_pace_and_accounts_for_its_blocks() {
    let mut store = Logged::format();
    let mut tables = Vec::new();
    for round in 0..200_u64 {
        let fresh: Vec<_> =
            if tables.len() < 36 { (0..4).map(|_| store.acquire()).collect() } else { vec![] };
        let mut entries: Vec<_> =
            fresh.iter().map(|address| entry(LogEvent::Insert, *address)).collect();
        let gone = (round % 9 == 8).then(|| tables.remove(0));
        entries.extend(gone.map(|address| entry(LogEvent::Remove, address)));
        entries.extend(tables.iter().cycle().skip(round as usize).take(tables.len().min(7)).map(
            |address| {
                let changed = Table { snapshot_max: 10 + round, ..table(*address) };
                LogEntry::new(1, (round % 2) as u8, LogEvent::Update, &changed)
            },
        ));
        store.half_bar(entries);
        tables.extend(fresh);
        gone.into_iter().for_each(|address| store.grid.release(address));
        assert!(store.log.block_count() as u64 <= store.log.pace().blocks_limit());
        if round % 3 == 0 {
            store.checkpoint();
            let blocks = store.log.block_addresses().count() + store.log.table_count();
            let free_set = store.grid.free_set();
            let trailers = store.grid.trailer_blocks().iter();
            let trailers = trailers.filter(|address| free_set.is_released(**address)).count();
            let released = free_set.released_count() + free_set.staged_count() - trailers as u64;
            let acquired = free_set.acquired_count() - released - trailers as u64;
            assert_eq!(acquired, blocks as u64);
            store.assert_reopens();
        }
    }
    let ManifestLogStatistics { blocks_opened, tables_opened, versions_passed, .. } =
        *store.log.statistics();
    assert!(blocks_opened > 10 && versions_passed > 0);
    assert_eq!(tables_opened, tables.len() as u64);
}

#[test]
fn compaction_keeps_live_entries_and_drops_the_rest() {
    let mut store = Logged::format();
    let addresses = [0; 6].map(|_| store.insert());
    for address in &addresses[..5] {
        let changed = Table { snapshot_max: 9, ..table(*address) };
        let [changed, gone] =
            [LogEvent::Update, LogEvent::Remove].map(|event| LogEntry::new(1, 0, event, &changed));
        store.half_bar([changed, gone]);
    }
    for _ in 0..20 {
        store.half_bar([]);
    }
    let statistics = *store.log.statistics();
    assert!(statistics.entries_kept > 0, "{statistics:?}");
    assert!(statistics.versions_dropped > 5, "{statistics:?}");
    assert!(statistics.removes_dropped > 0, "{statistics:?}");
    assert_eq!(store.log.table_count(), 1);
    store.checkpoint();
    store.assert_reopens();
}

#[test]
fn the_same_events_give_the_same_blocks_whatever_is_cached() {
    let bytes = |cached: bool| {
        let mut store = Logged::format();
        for _ in 0..30 {
            let address = store.insert();
            store.half_bar([LogEntry::new(1, 1, LogEvent::Update, &table(address))]);
            if !cached {
                // Taking every buffer evicts the cached blocks.
                let held: Vec<_> = std::iter::from_fn(|| store.grid.take_buffer()).collect();
                held.into_iter().for_each(|buffer| store.grid.give_buffer(buffer));
            }
        }
        store.checkpoint();
        store.grid.storage_mut().bytes_mut().to_vec()
    };
    assert!(bytes(true) == bytes(false));
}

#[test]
fn a_half_bar_waits_for_buffers_and_returns_unused_ones() {
    let mut store = Logged::format();
    let mut taken: Vec<_> = std::iter::from_fn(|| store.grid.take_buffer()).collect();
    let needed = store.log.pace().append_blocks() as usize;
    store.log.compact_begin(store.log.pace().entries_max(), &mut store.grid).unwrap();
    for _ in 1..needed {
        store.grid.give_buffer(taken.pop().unwrap());
        assert_eq!(store.log.advance(&mut store.grid), None);
        assert!(!store.log.is_ready());
    }
    store.grid.give_buffer(taken.pop().unwrap());
    assert_eq!(store.log.advance(&mut store.grid), Some(Ok(())));
    assert_eq!(store.log.advance(&mut store.grid), Some(Ok(())));
    assert_eq!(store.log.statistics().memory_awaited, needed as u64 - 1);
    let address = 200;
    store.append(entry(LogEvent::Insert, address));
    store.end();
    taken.into_iter().for_each(|buffer| store.grid.give_buffer(buffer));
    assert_eq!(store.grid.unused_buffers(), store.grid.buffers() - 1, "the open block has one");
}

#[test]
fn too_few_free_blocks_refuse_a_half_bar_and_leave_the_log_unchanged() {
    let mut store = Logged::format();
    store.insert();
    let mut reservation = store.grid.reserve(store.grid.free_set().free_count() - 4).unwrap();
    while store.grid.acquire(&mut reservation).is_some() {}
    store.grid.forfeit(reservation);
    assert_eq!(store.begin(), Err(GridError::Full));
    assert_eq!(store.log.statistics().half_bars_refused, 1);
    assert_eq!(store.log.failed(), None);
    store.checkpoint();
    store.assert_reopens();
}

#[test]
fn a_log_holds_keys_of_any_width() {
    fn round<K: Key>(min: K, max: K) {
        let info = TableInfo {
            key_min: min,
            key_max: max,
            checksum: u128::MAX - 1,
            address: u64::MAX,
            snapshot_min: u64::MAX - 2,
            snapshot_max: SNAPSHOT_OPEN,
            value_count: u32::MAX,
        };
        for (level, event) in LogEvent::ALL.into_iter().enumerate() {
            let entry = LogEntry::new(u16::MAX, 63 - level as u8, event, &info);
            let entry = LogEntry::decode(entry.bytes()).unwrap();
            assert_eq!(entry.table(), Ok(info));
            let found = (entry.tree(), entry.level(), entry.event(), entry.address());
            assert_eq!(found, (u16::MAX, 63 - level as u8, event, u64::MAX));
        }
    }
    round(0_u64, u64::MAX);
    round(u128::MAX - 1, u128::MAX);
    round(Key256 { high: 1, low: 0 }, Key256::MAX);
}

#[test]
fn invalid_options_are_refused_with_a_reason() {
    let refused = |options: ManifestLogOptions, block_size: usize| {
        ManifestLog::new(&options, &layout(block_size)).unwrap_err().to_string()
    };
    assert_eq!(
        refused(ManifestLogOptions { tree_count: 0, ..OPTIONS }, 512),
        "tree_count is 0: set it to a number from 1 to 65535"
    );
    assert_eq!(
        refused(ManifestLogOptions { tree_id_max: 1, ..OPTIONS }, 512),
        "tree_id_max is 1: set it to a number from 2 to 65535"
    );
    assert_eq!(
        refused(ManifestLogOptions { level_count: 65, ..OPTIONS }, 512),
        "level_count is 65: set it to a number from 1 to 64"
    );
    assert_eq!(
        refused(OPTIONS, 128),
        "block_size is 128, but an entry of the manifest log must fit: set it to 176 or more"
    );
    let slow =
        ManifestLogOptions { tree_count: 900, tree_id_max: 900, table_count_max: 4000, ..OPTIONS };
    assert!(
        refused(ManifestLogOptions { compact_extra_blocks: 1, ..slow }, 256).contains("raise it")
    );
}

#[test]
fn a_failed_log_refuses_calls_and_still_accounts_for_its_blocks() {
    let mut store = Logged::format();
    for _ in 0..8 {
        store.insert();
    }
    store.checkpoint();
    store.reopen().unwrap();
    let BlockReference { address, .. } = store.log.references().oldest;
    let offset = store.grid.layout().block(address).offset as usize;
    store.grid.storage_mut().bytes_mut()[offset + 70] ^= 1;
    let error = loop {
        match store.begin() {
            Ok(()) => store.end(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, GridError::Corruption(_)), "{error}");
    store.end();
    assert_eq!(store.log.failed(), Some(error));
    assert_eq!(store.close(), Err(error));
    assert_eq!(store.begin(), Err(error));
    store.log.verify();
}

#[test]
fn a_block_may_have_room_for_one_entry() {
    let mut store = Logged::format_with(&OPTIONS, &layout(256));
    assert_eq!(store.log.entries_per_block(), 1);
    for _ in 0..40 {
        store.insert();
        store.checkpoint();
    }
    assert_eq!(store.log.statistics().blocks_closed_partly, 0);
    store.assert_reopens();
}
