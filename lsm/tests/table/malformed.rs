//! Tests of blocks with valid checksums and invalid contents: readers return an error or some
//! answer, and never panic.

use downbeat_lsm::block::{BODY_OFFSET, BlockKind, Contents, METADATA_SIZE, Reason};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::{IndexBlock, TableLookup, ValueBlock};

use crate::records::Record16;
use crate::shelf::{Built, TREE, built, layout, records};

const METADATA: usize = BODY_OFFSET - METADATA_SIZE;

/// Keys 10, 20, .., 150 in value blocks of 12 and 3 records. There is room for a third block.
fn table() -> Built<Record16> {
    built(&layout::<Record16>(256, 25), &records(15, 9), 0xaa, 12)
}

/// The reason why an index block is refused, if it is.
fn decode_index(contents: &Contents, body: &[u8]) -> Option<Reason> {
    IndexBlock::<u64>::decode(&table().layout, TREE, contents, body).err()
}

fn decode_values(contents: &Contents, body: &[u8]) -> Option<Reason> {
    ValueBlock::<Record16>::decode(&table().layout, TREE, contents, body).err()
}

/// The contents with another number at this offset of the metadata.
fn with(contents: &Contents, offset: usize, number: u32) -> Contents {
    let mut metadata = contents.metadata;
    metadata[offset..offset + 4].copy_from_slice(&number.to_le_bytes());
    Contents { metadata, ..*contents }
}

fn meaning(reason: Option<Reason>) -> &'static str {
    match reason {
        Some(Reason::Meaning(what)) => what,
        reason => panic!("its meaning is wrong ({reason:?})"),
    }
}

#[test]
fn an_index_of_another_kind_tree_or_size_is_refused() {
    let built = table();
    let block = built.shelf.open(built.reference()).expect("it is whole");
    let (contents, body) = (block.contents, block.body);
    assert_eq!(decode_index(&contents, body), None);
    for kind in [BlockKind::Value, BlockKind::Manifest, BlockKind::FreeSet] {
        assert_eq!(decode_index(&Contents { kind, ..contents }, body), Some(Reason::Kind));
    }
    let tree = Contents { tree: TREE + 1, ..contents };
    assert!(meaning(decode_index(&tree, body)).contains("another tree"));
    let snapshot = Contents { snapshot: 0, ..contents };
    assert!(meaning(decode_index(&snapshot, body)).contains("no snapshot"));
    for count in [0, 4, u32::MAX] {
        assert!(meaning(decode_index(&with(&contents, 0, count), body)).contains("no value block"));
    }
    for (offset, number) in [(4, 2), (4, 4), (8, 16), (12, 32)] {
        let other = with(&contents, offset, number);
        assert!(meaning(decode_index(&other, body)).contains("other sizes"));
    }
    for offset in [16, 20] {
        assert_eq!(decode_index(&with(&contents, offset, 1 << 31), body), Some(Reason::Padding));
    }
    for length in [0, body.len() - 1] {
        assert!(meaning(decode_index(&contents, &body[..length])).contains("wrong body size"));
    }
}

#[test]
fn records_of_another_kind_tree_or_size_are_refused() {
    let built = table();
    let block = built.shelf.open(built.entry(1).reference).expect("it is whole");
    let (contents, body) = (block.contents, block.body);
    assert_eq!(decode_values(&contents, body), None);
    for kind in [BlockKind::Index, BlockKind::Manifest, BlockKind::FreeSet] {
        assert_eq!(decode_values(&Contents { kind, ..contents }, body), Some(Reason::Kind));
    }
    let tree = Contents { tree: 0, ..contents };
    assert!(meaning(decode_values(&tree, body)).contains("another tree"));
    let snapshot = Contents { snapshot: 0, ..contents };
    assert!(meaning(decode_values(&snapshot, body)).contains("no snapshot"));
    for (offset, number) in [(0, 11), (0, 13), (8, 32)] {
        let other = with(&contents, offset, number);
        assert!(meaning(decode_values(&other, body)).contains("other sizes"));
    }
    for count in [0, 13, u32::MAX] {
        assert!(meaning(decode_values(&with(&contents, 4, count), body)).contains("no record"));
    }
    for count in [2, 4, 12] {
        let other = with(&contents, 4, count);
        assert!(meaning(decode_values(&other, body)).contains("more or fewer bytes"));
    }
    for offset in [12, 16, 20] {
        assert_eq!(decode_values(&with(&contents, offset, 1), body), Some(Reason::Padding));
    }
}

/// The result of `check` for an index whose bytes are changed.
fn check_index(change: impl Fn(&mut [u8])) -> Result<(), Reason> {
    let built = table();
    let block = built.shelf.open(built.reference()).expect("it is whole");
    let mut body = block.body.to_vec();
    change(&mut body);
    IndexBlock::<u64>::decode(&built.layout, TREE, &block.contents, &body)
        .expect("sizes are right")
        .check()
}

#[test]
fn an_inconsistent_index_is_found() {
    let reason = |offset: usize, number: u64| {
        check_index(|body| body[offset..offset + 8].copy_from_slice(&number.to_le_bytes()))
    };
    let (key_min, key_max, address) = (48, 72, 96);
    assert_eq!(check_index(|_| {}), Ok(()));
    assert!(meaning(reason(address + 8, 0).err()).contains("without address"));
    assert!(meaning(reason(key_max, 9).err()).contains("ends before it begins"));
    assert_eq!(reason(key_max, 10), Ok(()));
    assert!(meaning(reason(key_max, 130).err()).contains("do not ascend"));
    assert_eq!(reason(key_min + 8, 121), Ok(()));
    assert!(meaning(reason(key_min + 8, 120).err()).contains("do not ascend"));
    for unused in [32, 40, key_min + 16, key_max + 16, address + 16] {
        assert_eq!(reason(unused, 1), Err(Reason::Padding));
        assert_eq!(reason(unused, 1 << 63), Err(Reason::Padding));
    }
}

#[test]
fn records_whose_keys_do_not_ascend_are_found() {
    let built = table();
    let block = built.shelf.open(built.entry(0).reference).expect("it is whole");
    for (record, key) in [(0, 20_u64), (0, 21), (11, 110), (5, 50), (5, 70)] {
        let mut buffer = Buffer::new(256);
        let body = &mut buffer.bytes_mut()[..block.body.len()];
        body.copy_from_slice(block.body);
        body[16 * record..16 * record + 8].copy_from_slice(&key.to_le_bytes());
        let values = ValueBlock::<Record16>::decode(&built.layout, TREE, &block.contents, body);
        let values = values.expect("sizes are right");
        assert!(meaning(values.check().err()).contains("do not ascend"));
    }
}

/// Looks up every key, and reads ranges of all kinds. The answers may be wrong.
fn ask(built: &Built<Record16>) {
    for key in (0..=160).chain([u64::MAX]) {
        let _answer = look_up(built, key);
        let _records = go_through(built, &KeyRange::new(key, key.saturating_add(35)));
    }
}

fn look_up(built: &Built<Record16>, key: u64) -> Result<Option<Record16>, Reason> {
    let lookup = TableLookup::new(&built.layout, TREE, key);
    let block = built.open(built.reference())?;
    let Some(entry) = lookup.index_block(&block.contents, block.body)? else { return Ok(None) };
    let block = built.open(entry.reference)?;
    Ok(lookup.value_block::<Record16>(&entry, &block.contents, block.body)?.copied())
}

fn go_through(built: &Built<Record16>, range: &KeyRange<u64>) -> Result<Vec<Record16>, Reason> {
    let block = built.open(built.reference())?;
    let index = IndexBlock::<u64>::decode(&built.layout, TREE, &block.contents, block.body)?;
    let mut found = Vec::new();
    for number in index.overlapping(range) {
        let block = built.open(index.reference(number))?;
        let values =
            ValueBlock::<Record16>::decode(&built.layout, TREE, &block.contents, block.body)?;
        found.extend_from_slice(values.range(range));
    }
    Ok(found)
}

#[test]
fn no_damaged_byte_of_an_index_makes_a_reader_panic_and_verification_finds_all() {
    for offset in METADATA..table().layout.index_block_size() {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut built = table();
            let changed = built.shelf.blocks[2].bytes()[offset] != byte;
            built.forge_index(offset, byte);
            ask(&built);
            assert_eq!(built.verify().is_err(), changed, "byte {byte} at {offset}");
        }
    }
}

#[test]
fn no_damaged_byte_of_records_makes_a_reader_panic_and_verification_finds_every_invalid_key() {
    for offset in METADATA..256 {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut built = table();
            let changed = built.shelf.blocks[0].bytes()[offset] != byte;
            built.forge_values(0, offset, byte);
            ask(&built);
            let bytes = &built.shelf.blocks[0].bytes()[BODY_OFFSET..];
            let keys: Vec<u64> = bytes
                .chunks_exact(16)
                .map(|record| u64::from_le_bytes(record[..8].try_into().unwrap()))
                .collect();
            let ascend = keys.is_sorted_by(|one, next| one < next);
            let valid = ascend && keys[0] == 10 && keys[11] == 120;
            let wrong = if offset < BODY_OFFSET { changed } else { !valid };
            assert_eq!(built.verify().is_err(), wrong, "byte {byte} at {offset}");
        }
    }
}
