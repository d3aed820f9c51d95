//! Tests of the verification of tables that differ from their descriptions.

use downbeat_lsm::block::{BODY_OFFSET, Corruption, Place, Reason};
use downbeat_lsm::manifest::TableInfo;

use crate::records::{Record16, Record32};
use crate::shelf::{Built, Shelf, built, layout, records};

/// Value blocks of 12, 12 and 6 records. There is room for a fourth block.
fn table() -> Built<Record16> {
    built(&layout::<Record16>(256, 48), &records(30, 9), 0xaa, 12)
}

fn refusal(built: &Built<Record16>) -> (u64, &'static str) {
    match built.verify() {
        Err(Corruption { place: Place::Block(address), reason: Reason::Meaning(what) }) => {
            (address, what)
        }
        verified => panic!("a meaning is wrong ({verified:?})"),
    }
}

#[test]
fn a_table_as_it_was_built_is_verified() {
    assert_eq!(table().verify(), Ok(()));
    let layout = layout::<Record32>(256, 18);
    assert_eq!(built(&layout, &records::<Record32>(18, 0), 0xaa, 5).verify(), Ok(()));
}

#[test]
fn a_table_of_other_keys_snapshots_or_counts_than_described_is_found() {
    let index = 4;
    let said = table().table;
    for (table, part) in [
        (TableInfo { key_min: 9, ..said }, "keys of the index differ"),
        (TableInfo { key_max: 301, ..said }, "keys of the index differ"),
        (TableInfo { snapshot_min: 41, ..said }, "snapshot of the index differs"),
        (TableInfo { value_count: 24, ..said }, "number of value blocks"),
        (TableInfo { value_count: 37, ..said }, "number of value blocks"),
        (TableInfo { value_count: 0, ..said }, "number of value blocks"),
        (TableInfo { value_count: u32::MAX, ..said }, "number of value blocks"),
    ] {
        let (address, what) = refusal(&Built { table, ..self::table() });
        assert_eq!(address, index);
        assert!(what.contains(part), "{what}");
    }
}

#[test]
fn a_last_value_block_of_another_count_than_described_is_found() {
    for value_count in [25, 29, 31, 36] {
        let built = table();
        let (address, what) =
            refusal(&Built { table: TableInfo { value_count, ..built.table }, ..built });
        assert_eq!(address, 3);
        assert!(what.contains("wrong for the block's place"), "{what}");
    }
}

#[test]
fn value_blocks_whose_ends_differ_from_the_index_are_found() {
    for (number, offset, part) in [
        (0, 0, "first key"),
        (1, 0, "first key"),
        (1, 16 * 11, "last key"),
        (2, 16 * 5, "last key"),
    ] {
        let mut built = table();
        built.forge_values(number, BODY_OFFSET + offset, 0x7b);
        let (address, what) = refusal(&built);
        assert_eq!(address, number as u64 + 1);
        assert!(what.contains(part), "{what}");
    }
}

#[test]
fn the_error_of_the_reader_is_returned() {
    let built = table();
    let verified = built.verification().run::<Record16, _, Corruption>(
        |reference| match reference.address {
            2 => Err(Corruption { place: Place::Block(2), reason: Reason::Checksum }),
            _ => built.shelf.open(reference),
        },
        |block| *block,
    );
    assert_eq!(verified, Err(Corruption { place: Place::Block(2), reason: Reason::Checksum }));
    let nothing = Built::<Record16> { shelf: Shelf::default(), ..built };
    let place = Place::Block(4);
    assert_eq!(nothing.verify(), Err(Corruption { place, reason: Reason::Address }));
}
