//! Tests that each field of each structure has the place and the meaning that `FORMAT.md` gives.

use downbeat_lsm::block::{BODY_OFFSET, BlockKind, BlockReference, Contents, METADATA_SIZE, seal};
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::manifest_log::{LOG_ENTRY_SIZE, LogEntry, LogEvent};
use downbeat_lsm::record::{Key, Key256};
use downbeat_lsm::storage::{Layout, LayoutOptions, MemoryStorage, Storage};
use downbeat_lsm::superblock::{
    ChangingOptions, CheckpointState, ManifestReferences, Superblock, Trailer,
};

use super::examples::value_block;
use super::page::{assert_fields, number, rows};

/// A reference whose bytes differ from each other and from those of other stamps.
fn reference(stamp: u8) -> BlockReference {
    let byte = |place: u8| stamp ^ place.wrapping_mul(7);
    BlockReference {
        checksum: u128::from_le_bytes(std::array::from_fn(|place| byte(place as u8))),
        address: u64::from_le_bytes(std::array::from_fn(|place| byte(16 + place as u8))),
    }
}

#[test]
fn a_reference_is_as_the_page_says() {
    let BlockReference { checksum, address } = reference(0x80);
    let known: [(&str, &[u8]); 2] =
        [("checksum", &checksum.to_le_bytes()), ("address", &address.to_le_bytes())];
    assert_fields("Reference", &reference(0x80).to_metadata(), &known);
}

#[test]
fn a_block_header_is_as_the_page_says() {
    let metadata: [u8; METADATA_SIZE] = std::array::from_fn(|place| place as u8 | 0x40);
    let (address, snapshot, tree) =
        (0x1112_1314_1516_1718_u64, 0x2122_2324_2526_2728_u64, 0x3132_u16);
    let contents =
        Contents { kind: BlockKind::Value, tree, snapshot, metadata, body_size: 0x0001_0203 };
    let mut bytes = vec![0xaa; 1 << 17];
    let (reference, end) = seal(&mut bytes, address, &contents, 4096);
    let size = BODY_OFFSET as u32 + 0x0001_0203;
    let known: [(&str, &[u8]); 8] = [
        ("checksum", &reference.checksum.to_le_bytes()),
        ("address", &address.to_le_bytes()),
        ("snapshot", &snapshot.to_le_bytes()),
        ("size", &size.to_le_bytes()),
        ("kind", &[4]),
        ("version", &[1]),
        ("tree", &tree.to_le_bytes()),
        ("metadata", &metadata),
    ];
    assert_fields("Block header", &bytes[..BODY_OFFSET], &known);
    let size = size as usize;
    assert_eq!(downbeat_lsm::block::checksum(&bytes[16..size]), reference.checksum);
    assert_eq!(end, size.next_multiple_of(4096));
    assert!(bytes[size..end].iter().all(|byte| *byte == 0));
    assert!(bytes[end..].iter().all(|byte| *byte == 0xaa));
}

#[test]
fn block_kinds_and_events_have_the_numbers_of_the_page() {
    let name = |row: &Vec<&str>| (number(row[0]), row[1].to_owned());
    let kinds: Vec<_> = rows("Block kinds", 0).iter().map(name).collect();
    assert_eq!(kinds, BlockKind::ALL.map(|kind| (kind as u64, format!("{kind:?}"))));
    let events: Vec<_> = rows("Manifest events", 0).iter().map(name).collect();
    assert_eq!(events, LogEvent::ALL.map(|event| (event as u64, format!("{event:?}"))));
}

#[test]
fn a_superblock_is_as_the_page_says() {
    let options =
        LayoutOptions { sector_size: 128, block_size: 256, superblock_copies: 4, block_count: 8 };
    let layout = Layout::new(options).expect("the sizes are valid");
    let mut storage = MemoryStorage::new(layout.size() as usize, layout.sector_size());
    let mut superblock = Superblock::new(&layout);
    let store = 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_01f0;
    superblock
        .format(&mut storage, store, &CheckpointState::default())
        .expect("the superblock is written");
    let parent = superblock.working().checksum();
    let trailer = |stamp, size| Trailer { last: reference(stamp), size };
    let state = CheckpointState {
        beat: 0x7172_7374_7576_7778,
        options: ChangingOptions {
            block_count: 0xb1b2_b3b4_b5b6_b7b8,
            checkpoint_interval: 0xc1c2_c3c4,
        },
        acquired: trailer(0x10, 0x8182_8384_8586_8788),
        released: trailer(0x30, 0x9192_9394_9596_9798),
        manifest: ManifestReferences {
            oldest: reference(0x50),
            newest: reference(0x70),
            block_count: 0xa1a2_a3a4,
        },
    };
    superblock.checkpoint(&mut storage, &state);
    while let Some(completion) = storage.step() {
        if let Some(ended) = superblock.complete(&mut storage, completion) {
            ended.expect("the superblock is written");
        }
    }
    let checksum = superblock.working().checksum();
    let CheckpointState { beat, options, acquired, released, manifest } = state;
    for copy in 0..4 {
        let known: [(&str, &[u8]); 20] = [
            ("checksum", &checksum.to_le_bytes()),
            ("copy", &(copy as u16).to_le_bytes()),
            ("version", &2_u16.to_le_bytes()),
            ("copies", &4_u16.to_le_bytes()),
            ("sector size", &128_u32.to_le_bytes()),
            ("block size", &256_u32.to_le_bytes()),
            ("store", &store.to_le_bytes()),
            ("sequence", &2_u64.to_le_bytes()),
            ("beat", &beat.to_le_bytes()),
            ("parent", &parent.to_le_bytes()),
            ("acquired checksum", &acquired.last.checksum.to_le_bytes()),
            ("acquired address", &acquired.last.address.to_le_bytes()),
            ("acquired size", &acquired.size.to_le_bytes()),
            ("released checksum", &released.last.checksum.to_le_bytes()),
            ("released address", &released.last.address.to_le_bytes()),
            ("released size", &released.size.to_le_bytes()),
            ("oldest checksum", &manifest.oldest.checksum.to_le_bytes()),
            ("oldest address", &manifest.oldest.address.to_le_bytes()),
            ("newest checksum", &manifest.newest.checksum.to_le_bytes()),
            ("newest address", &manifest.newest.address.to_le_bytes()),
        ];
        let last: [(&str, &[u8]); 3] = [
            ("log blocks", &manifest.block_count.to_le_bytes()),
            ("interval", &options.checkpoint_interval.to_le_bytes()),
            ("blocks", &options.block_count.to_le_bytes()),
        ];
        let known: Vec<_> = known.into_iter().chain(last).collect();
        let bytes = &storage.bytes()[layout.superblock_copy(copy).offset as usize..][..512];
        assert_fields("Superblock", bytes, &known);
        assert_eq!(downbeat_lsm::block::checksum(&bytes[32..512]), checksum);
    }
}

#[test]
fn a_manifest_entry_is_as_the_page_says() {
    let key = |stamp: u8| -> [u8; 32] { std::array::from_fn(|place| stamp + place as u8) };
    let BlockReference { checksum, address } = reference(0x11);
    let (snapshot_min, snapshot_max) = (0x0102_0304_0506_0708_u64, 0x1112_1314_1516_1718_u64);
    let (value_count, tree) = (0x2122_2324_u32, 0x3132_u16);
    let table = TableInfo {
        key_min: Key256::load(&key(0x40)),
        key_max: Key256::load(&key(0x60)),
        checksum,
        address,
        snapshot_min,
        snapshot_max,
        value_count,
    };
    for event in LogEvent::ALL {
        let entry = LogEntry::new(tree, 0x2d, event, &table);
        let known: [(&str, &[u8]); 9] = [
            ("key_min", &key(0x40)),
            ("key_max", &key(0x60)),
            ("checksum", &checksum.to_le_bytes()),
            ("address", &address.to_le_bytes()),
            ("snapshot_min", &snapshot_min.to_le_bytes()),
            ("snapshot_max", &snapshot_max.to_le_bytes()),
            ("value_count", &value_count.to_le_bytes()),
            ("tree", &tree.to_le_bytes()),
            ("label", &[0x2d | (event as u8) << 6]),
        ];
        assert_fields("Manifest entry", entry.bytes(), &known);
    }
    assert_eq!(LOG_ENTRY_SIZE, 112);
    let narrow = TableInfo { key_min: 0x0807_u64, key_max: 0x0908_u64, ..narrowed(&table) };
    let entry = LogEntry::new(tree, 0, LogEvent::Insert, &narrow);
    let mut keys = [0; 64];
    keys[..2].copy_from_slice(&[7, 8]);
    keys[32..34].copy_from_slice(&[8, 9]);
    assert_eq!(entry.bytes()[..64], keys, "a key is a little-endian number, then zeros");
}

/// The same table with smaller keys.
fn narrowed(table: &TableInfo<Key256>) -> TableInfo<u64> {
    let TableInfo { checksum, address, snapshot_min, snapshot_max, value_count, .. } = *table;
    let (key_min, key_max) = (0, 0);
    TableInfo { key_min, key_max, checksum, address, snapshot_min, snapshot_max, value_count }
}

#[test]
fn value_metadata_is_as_the_page_says() {
    let (bytes, _) = value_block();
    let known: [(&str, &[u8]); 3] = [
        ("records max", &4_u32.to_le_bytes()),
        ("records", &2_u32.to_le_bytes()),
        ("record size", &16_u32.to_le_bytes()),
    ];
    assert_fields("Value metadata", &bytes[40..64], &known);
}
