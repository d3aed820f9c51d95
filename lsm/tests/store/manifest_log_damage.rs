//! Tests of logs with valid checksums and invalid contents, and of damaged blocks.

use downbeat_lsm::block::{
    BODY_OFFSET, BlockKind, BlockReference, Contents, Corruption, METADATA_SIZE, Place, Reason,
};
use downbeat_lsm::grid::{GridError, Stepped};
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::manifest_log::{LOG_ENTRY_SIZE, LogEntry, LogEvent};
use downbeat_lsm::record::{Key, Key256};
use downbeat_lsm::superblock::ManifestReferences;

use crate::log_fixture::{Logged, OPTIONS, Table, entry, layout, table};

/// Writes a block of the log with any contents, valid or not.
fn write(store: &mut Logged, contents: Contents, body: &[u8]) -> BlockReference {
    let address = store.acquire();
    let mut buffer = store.grid.take_buffer().expect("there is memory");
    buffer.bytes_mut()[BODY_OFFSET..BODY_OFFSET + body.len()].copy_from_slice(body);
    let contents = Contents { body_size: body.len(), ..contents };
    while !store.grid.has_write_room(1) {
        assert!(matches!(store.grid.step(), Stepped::Progress), "the device works");
    }
    store.grid.write(address, &contents, buffer).expect("the device works")
}

fn contents(previous: BlockReference) -> Contents {
    Contents {
        kind: BlockKind::Manifest,
        tree: 0,
        snapshot: 0,
        metadata: previous.to_metadata(),
        body_size: 0,
    }
}

/// Opens a log of these blocks, each with these entries. Returns the reason of the refusal. If the
/// log opens, returns the meaning "none", and the entries that the log reports.
fn refusal(blocks: &[&[LogEntry]]) -> (Reason, Vec<LogEntry>) {
    let mut store = Logged::format();
    // The tables of these tests have the addresses from 1.
    for _ in 0..8 {
        store.acquire();
    }
    let (mut oldest, mut newest) = (None, BlockReference::default());
    for entries in blocks {
        let body: Vec<u8> = entries.iter().flat_map(LogEntry::bytes).copied().collect();
        newest = write(&mut store, contents(newest), &body);
        oldest.get_or_insert(newest);
    }
    let block_count = blocks.len() as u32;
    let oldest = oldest.expect("there is a block");
    refusal_of(store, ManifestReferences { oldest, newest, block_count })
}

fn refusal_of(mut store: Logged, references: ManifestReferences) -> (Reason, Vec<LogEntry>) {
    store.write_checkpoint(references);
    match store.reopen() {
        Ok(reported) => (Reason::Meaning("none"), reported),
        Err(GridError::Corruption(Corruption { reason, place: _ })) => (reason, Vec::new()),
        Err(error) => panic!("{error}"),
    }
}

fn meaning(blocks: &[&[LogEntry]]) -> &'static str {
    match refusal(blocks) {
        (Reason::Meaning(what), _) => what,
        (reason, _) => panic!("{reason}"),
    }
}

#[test]
fn a_valid_log_opens() {
    let [insert, update, remove] = LogEvent::ALL.map(|event| entry(event, 1));
    let (reason, reported) =
        refusal(&[&[update, remove], &[insert, update], &[remove, insert], &[update]]);
    assert_eq!((reason, reported), (Reason::Meaning("none"), vec![update]));
}

#[test]
fn entries_in_an_invalid_order_are_corruption() {
    let [insert, update, remove] = LogEvent::ALL.map(|event| entry(event, 1));
    assert_eq!(meaning(&[&[remove], &[remove]]), "a table of the log is removed twice");
    assert_eq!(meaning(&[&[remove, update]]), "a table of the log is changed after it was removed");
    assert_eq!(meaning(&[&[insert, insert]]), "two tables of the log have the same address");
    assert_eq!(meaning(&[&[update], &[insert]]), "two tables of the log have the same address");
}

#[test]
fn entries_of_missing_trees_levels_or_blocks_are_corruption() {
    let inserted = |tree, level, info: &Table| LogEntry::new(tree, level, LogEvent::Insert, info);
    assert_eq!(
        meaning(&[&[inserted(3, 0, &table(1))]]),
        "the manifest log has a table of an unknown tree"
    );
    assert_eq!(
        meaning(&[&[inserted(1, 2, &table(1))]]),
        "the manifest log has a table of an unknown level"
    );
    assert_eq!(
        meaning(&[&[inserted(1, 1, &table(257))]]),
        "a table of the log is beyond the last block"
    );
    assert_eq!(meaning(&[&[inserted(1, 1, &table(200))]]), "a table of the log is not in use");
    // The block of the log has the address after those of the tables.
    assert_eq!(
        meaning(&[&[inserted(1, 1, &table(9))]]),
        "a block of the manifest log is also a table's"
    );
}

#[test]
fn an_entry_that_contradicts_itself_is_corruption() {
    let bytes = entry(LogEvent::Insert, 1).bytes().to_vec();
    let decoded = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        match LogEntry::decode(&bytes) {
            Err(Reason::Meaning(what)) => what,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(decoded(&|bytes| bytes[110] &= 63), "an entry of the log has no event");
    assert_eq!(decoded(&|bytes| bytes[111] = 1), "an entry of the log has a byte that is not zero");
    assert_eq!(decoded(&|bytes| bytes[108] = 0), "an entry of the log has no tree");
    assert_eq!(decoded(&|bytes| bytes[80] = 0), "an entry of the log has no address");
    assert_eq!(decoded(&|bytes| bytes[104] = 0), "a table of the log holds no value");
    assert_eq!(decoded(&|bytes| bytes[88] = 0), "a table of the log has no snapshot");
    let keys = "the smallest key of a table is above the largest";
    assert_eq!(decoded(&|bytes| bytes[31] = 1), keys);
    assert_eq!(decoded(&|bytes| bytes[32..64].fill(0)), keys);
    let snapshots = "the snapshots of a table are out of order";
    assert_eq!(decoded(&|bytes| bytes[96..104].fill(0)), snapshots);
    assert_eq!(decoded(&|bytes| bytes[96] = 0xfe), snapshots);
    assert_eq!(decoded(&|bytes| bytes[88..96].fill(0xff)), snapshots);
}

#[test]
fn a_key_wider_than_those_of_its_tree_is_corruption() {
    let wide = |high, low| LogEntry::new(1, 0, LogEvent::Insert, &wide_table(Key256 { high, low }));
    let refused = Err(Reason::Meaning("a key of a table has more bytes than its tree's keys"));
    assert_eq!(wide(1, 0).table::<u64>().map(drop), refused);
    assert_eq!(wide(1, 0).table::<u128>().map(drop), refused);
    assert_eq!(wide(0, 1 << 64).table::<u64>().map(drop), refused);
    let largest = Key256 { high: 1, low: 0 };
    let range = TableInfo { key_max: largest, ..wide_table(Key256::MIN) };
    let entry = LogEntry::new(1, 0, LogEvent::Insert, &range);
    assert_eq!(entry.table::<u128>().map(drop), refused);
    assert!(wide(0, 1 << 64).table::<u128>().is_ok());
    assert!(wide(0, u64::MAX.into()).table::<u64>().is_ok());
}

fn wide_table(key: Key256) -> TableInfo<Key256> {
    let Table { checksum, address, snapshot_min, snapshot_max, value_count, .. } = table(1);
    TableInfo {
        key_min: key,
        key_max: key,
        checksum,
        address,
        snapshot_min,
        snapshot_max,
        value_count,
    }
}

#[test]
fn a_tree_may_refuse_a_table() {
    let mut store = Logged::format();
    let address = store.insert();
    store.checkpoint();
    let references = store.log.references();
    store.log.reset();
    let refused = Reason::Meaning("no tree has it");
    let error = store.log.open(&mut store.grid, &references, |_| Err(refused)).unwrap_err();
    let place = Place::Block(references.newest.address);
    assert_eq!(error, GridError::Corruption(Corruption { place, reason: refused }));
    assert_ne!(references.newest.address, address);
}

#[test]
fn too_many_tables_are_corruption() {
    let mut store = Logged::format();
    let addresses: Vec<u64> = (0..41).map(|_| store.acquire()).collect();
    let mut newest = BlockReference::default();
    let mut oldest = None;
    for chunk in addresses.chunks(4) {
        let entries = chunk.iter().map(|address| entry(LogEvent::Insert, *address));
        let body: Vec<u8> = entries.flat_map(|entry| entry.bytes().to_vec()).collect();
        newest = write(&mut store, contents(newest), &body);
        oldest.get_or_insert(newest);
    }
    let references = ManifestReferences { oldest: oldest.unwrap(), newest, block_count: 11 };
    let (reason, _) = refusal_of(store, references);
    assert_eq!(reason, Reason::Meaning("the log has more tables than its limit"));
}

#[test]
fn a_chain_of_another_length_is_corruption() {
    let chain = |block_count, end: usize| {
        let mut store = Logged::format();
        let mut blocks = vec![BlockReference::default()];
        for address in [1, 2, 3] {
            let previous = *blocks.last().unwrap();
            let body = entry(LogEvent::Insert, address);
            blocks.push(write(&mut store, contents(previous), body.bytes()));
        }
        let references = ManifestReferences { oldest: blocks[end], newest: blocks[3], block_count };
        refusal_of(store, references).0
    };
    let other = Reason::Meaning("the length of the manifest log is wrong");
    assert_eq!(chain(2, 1), other);
    assert_eq!(chain(3, 2), other);
    // The first block ever has no previous block.
    assert_eq!(chain(4, 1), other);
    let long = Reason::Meaning("the manifest log is longer than its limit");
    assert_eq!(chain(u32::MAX, 1), long);
}

/// A log as long as it may be, with the newest entries of all tables in the oldest blocks, is not
/// the result of any history. Its compaction would make it longer before it makes it shorter. The
/// log reports this before a checkpoint has a log that does not open.
#[test]
fn a_log_that_would_get_longer_than_its_limit_is_corruption() {
    let mut store = Logged::format_with(&OPTIONS, &layout(512));
    let tables: Vec<u64> = (0..40).map(|_| store.acquire()).collect();
    let length = store.log.pace().blocks_limit();
    let mut references = ManifestReferences::default();
    let mut append = |store: &mut Logged, entries: &[LogEntry]| {
        let body: Vec<u8> = entries.iter().flat_map(LogEntry::bytes).copied().collect();
        references.newest = write(store, contents(references.newest), &body);
        while !store.grid.is_idle() {
            assert!(matches!(store.grid.step(), Stepped::Progress));
        }
        if references.block_count == 0 {
            references.oldest = references.newest;
        }
        references.block_count += 1;
        references
    };
    for chunk in tables.chunks(4) {
        let entries: Vec<_> = chunk.iter().map(|table| entry(LogEvent::Insert, *table)).collect();
        append(&mut store, &entries);
    }
    let gone = |number| entry(LogEvent::Remove, 100 + number);
    let references = (10..length).map(|number| append(&mut store, &[gone(number)])).last();
    store.write_checkpoint(references.expect("the log is longer than its tables need"));
    assert_eq!(store.reopen().map(|reported| reported.len()), Ok(40));
    let refused = (0..40_usize).find_map(|round| {
        if let Err(error) = store.begin() {
            return Some(error);
        }
        let update = |number| entry(LogEvent::Update, tables[(round + number) % 40]);
        (20..32).for_each(|number| store.append(update(number)));
        store.end();
        if let Err(error) = store.close() {
            return Some(error);
        }
        assert!(store.log.block_count() as u64 <= length, "each checkpoint opens");
        store.write_checkpoint(store.log.references());
        None
    });
    let reason = Reason::Meaning("the manifest log is longer than its limit");
    let too_long = GridError::Corruption(Corruption { place: Place::Superblock, reason });
    assert_eq!(refused, Some(too_long));
    assert_eq!(store.log.failed(), Some(too_long));
    assert_eq!(store.reopen().map(|reported| reported.len()), Ok(40));
}

#[test]
fn a_block_of_the_log_that_is_not_in_use_is_corruption() {
    let free = Reason::Meaning("a block of the manifest log is not in use");
    let mut store = Logged::format();
    store.insert();
    store.close().unwrap();
    let references = store.log.references();
    store.grid.release(references.newest.address);
    assert_eq!(refusal_of(store, references).0, free);
    for address in [200, 257, u64::MAX] {
        let lost = BlockReference { address, checksum: 1 };
        let references = ManifestReferences { oldest: lost, newest: lost, block_count: 1 };
        assert_eq!(refusal_of(Logged::format(), references).0, free);
    }
}

#[test]
fn a_block_that_is_not_of_the_log_is_corruption() {
    let other = |change: &dyn Fn(&mut Contents), body: &[u8]| {
        let mut store = Logged::format();
        store.acquire();
        let mut contents = contents(BlockReference::default());
        change(&mut contents);
        let newest = write(&mut store, contents, body);
        refusal_of(store, ManifestReferences { oldest: newest, newest, block_count: 1 }).0
    };
    let whole = entry(LogEvent::Insert, 1);
    let whole = whole.bytes();
    assert_eq!(other(&|_| {}, whole), Reason::Meaning("none"));
    assert_eq!(other(&|contents| contents.kind = BlockKind::Index, whole), Reason::Kind);
    let header = Reason::Meaning("a block of the log has a tree or a snapshot");
    assert_eq!(other(&|contents| contents.tree = 1, whole), header);
    assert_eq!(other(&|contents| contents.snapshot = 1, whole), header);
    let cut = Reason::Meaning("a block of the log ends within an entry");
    assert_eq!(other(&|_| {}, &whole[..LOG_ENTRY_SIZE - 1]), cut);
    let mut contradiction = whole.to_vec();
    contradiction[111] = 1;
    let zero = Reason::Meaning("an entry of the log has a byte that is not zero");
    assert_eq!(other(&|_| {}, &contradiction), zero);
    // The reference in the oldest block is not followed.
    let dangling = |contents: &mut Contents| contents.metadata = [0xff; METADATA_SIZE];
    assert_eq!(other(&dangling, whole), Reason::Meaning("none"));
}

#[test]
fn damage_is_an_error_that_names_the_block() {
    let mut store = Logged::format();
    store.insert();
    store.checkpoint();
    let BlockReference { address, .. } = store.log.references().newest;
    let offset = store.grid.layout().block(address).offset as usize;
    store.grid.storage_mut().bytes_mut()[offset + 100] ^= 8;
    let error = store.reopen().unwrap_err();
    let (place, reason) = (Place::Block(address), Reason::Checksum);
    assert_eq!(error, GridError::Corruption(Corruption { place, reason }));
}
