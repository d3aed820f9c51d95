//! Forgeries that once led to a panic or to a wrong answer.

use downbeat_lsm::block::{Corruption, Place, Reason};
use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::store::{StoreError, StoreOptions};
use downbeat_lsm::superblock::SuperblockError;

use super::image::{Group, Image};
use super::play::{End, opened, play};
use crate::random::Random;
use crate::records::{Entry, Numbered, Object};

fn image() -> Image {
    let mut options = StoreOptions::tiny(512);
    options.tree.level_count = 5;
    Image::new::<Object>(&options, &mut Random(3))
}

/// Changes a file, makes its checksums valid, and plays it.
fn end(image: &Image, change: impl FnOnce(&mut Image)) -> End {
    let mut image = image.clone();
    change(&mut image);
    image.seal();
    play::<Object>(&image, &mut Random(7))
}

/// The corruption that a store ended with.
fn corruption(end: End) -> Option<Corruption> {
    let (End::Refused(error) | End::Unreadable(error) | End::ReadOnly(error)) = end else {
        return None;
    };
    match error {
        StoreError::Superblock(SuperblockError::Corruption(corruption))
        | StoreError::Grid(GridError::Corruption(corruption))
        | StoreError::ReadOnly(
            BeatError::Grid(GridError::Corruption(corruption))
            | BeatError::Checkpoint(CheckpointError::Superblock(SuperblockError::Corruption(
                corruption,
            ))),
        ) => Some(corruption),
        _ => None,
    }
}

fn meaning(end: End) -> &'static str {
    match corruption(end) {
        Some(Corruption { reason: Reason::Meaning(what), place: _ }) => what,
        other => panic!("{other:?}, {end:?}"),
    }
}

/// Whether a file is refused when it is opened, because of its superblock.
fn is_refused(end: End) -> bool {
    matches!(end, End::Refused(_))
        && corruption(end).is_some_and(|corruption| corruption.place == Place::Superblock)
}

#[test]
fn the_last_sequence_is_refused() {
    let too_large = "the number of checkpoints is too large";
    let end = |sequence| end(&image(), |image| image.set(64, 8, sequence));
    assert_eq!(end((1 << 62) - 1000), End::Worked);
    for sequence in [(1 << 62) + 1, u64::MAX] {
        assert!(is_refused(end(sequence)), "{sequence}");
        assert_eq!(meaning(end(sequence)), too_large);
    }
    for sequence in [(1 << 62) - 1, 1 << 62] {
        assert_is_at_its_end(64, sequence, too_large);
    }
}

#[test]
fn the_last_beat_is_refused() {
    let too_large = "the number of beats is too large";
    // Bars of four beats end before the multiples of four.
    for beat in [(1 << 62) - 1, (1 << 62) - 5] {
        assert_is_at_its_end(72, beat, too_large);
    }
    let end = end(&image(), |image| image.set(72, 8, (1 << 62) + 3));
    assert!(is_refused(end), "{end:?}");
}

/// Checks that a store whose superblock has this number at this offset takes few checkpoints and
/// then is read-only, and that each acknowledged checkpoint opens.
fn assert_is_at_its_end(offset: usize, number: u64, reason: &'static str) {
    let mut image = image();
    image.set(offset, 8, number);
    image.seal();
    let mut store = opened::<Object>(&image).expect("the number is the largest, or less");
    let mut acknowledged = store.beat_number();
    let mut count = 0;
    let ended = loop {
        store.put(&Object::put(count, 1)).expect("the memory has room");
        match store.checkpoint() {
            Ok(beat) => acknowledged = beat,
            Err(error) => break error,
        }
        store.open_again().expect("an acknowledged checkpoint opens");
        assert_eq!(store.beat_number(), acknowledged);
        count += 1;
    };
    let reason = Reason::Meaning(reason);
    assert_eq!(
        corruption(End::ReadOnly(ended)),
        Some(Corruption { place: Place::Superblock, reason })
    );
    assert!(count < 2, "{count} checkpoints");
    store.open_again().expect("the last checkpoint is not touched");
    assert_eq!(store.beat_number(), acknowledged);
}

#[test]
fn a_checkpoint_older_than_its_tables_is_refused() {
    let image = image();
    let beat = image.number(72, 8);
    let newest = image.tables.iter().map(|table| image.number(table.entry + 88, 8)).max();
    // The checkpoint was taken a bar of four beats after its last beat.
    assert_eq!(newest, Some(beat + 5), "a table was written at the trigger");
    assert_eq!(
        meaning(end(&image, |image| image.set(72, 8, beat - 4))),
        "a table is newer than the checkpoint"
    );
    assert_eq!(end(&image, |image| image.set(72, 8, beat + 4)), End::Worked);
}

#[test]
fn a_store_that_was_just_formatted_has_no_blocks() {
    let end = end(&image(), |image| image.set(72, 8, 0));
    assert!(is_refused(end));
    assert_eq!(meaning(end), "a store that was just formatted has blocks");
}

#[test]
fn two_tables_with_the_same_value_blocks_are_corruption_when_both_are_merged() {
    let image = image();
    let ends = image.tables.iter().flat_map(|one| {
        let others = image.tables.iter().filter(|other| other.level > one.level);
        let image = &image;
        others.map(move |other| end(image, |image| image.alias(one, other)))
    });
    let shared = "a value block was released, or two tables have it";
    let is_shared = |end: End| {
        corruption(end).is_some_and(|corruption| corruption.reason == Reason::Meaning(shared))
    };
    assert!(ends.filter(|end| is_shared(*end)).count() > 0);
}

#[test]
fn a_table_at_the_address_of_a_value_block_is_corruption_when_the_block_is_released() {
    let image = image();
    let ends = image.tables.iter().flat_map(|one| {
        let image = &image;
        let address = image.tables[0].values[0];
        let others = image.tables.iter().skip(1).map(|other| other.values[0]);
        let forged = move |value| end(image, |image| image.set(one.entry + 80, 8, value));
        std::iter::once(address).chain(others).map(forged)
    });
    let named = "a value block has the address of another table's index";
    let is_named = |end: End| {
        corruption(end).is_some_and(|corruption| corruption.reason == Reason::Meaning(named))
    };
    assert!(ends.filter(|end| is_named(*end)).count() > 0);
}

#[test]
fn a_table_whose_keys_differ_from_its_index_is_corruption() {
    let image = image();
    for table in &image.tables {
        for (offset, change) in [(0, u64::MAX), (0, 1), (32, u64::MAX), (32, 1)] {
            let key = image.number(table.entry + offset, 8).wrapping_add(change);
            if key > u64::MAX / 2 {
                continue;
            }
            let end = end(&image, |image| image.set(table.entry + offset, 8, key));
            let what = meaning(end);
            assert!(
                [
                    "the keys of the index differ from the table",
                    "the smallest key of a table is above the largest",
                    "two tables of a level overlap",
                ]
                .contains(&what),
                "{what}"
            );
        }
    }
}

/// A scan and a lookup find the same keys: both refuse an index that is out of order.
#[test]
fn an_index_out_of_order_is_corruption() {
    let mut options = StoreOptions::tiny(512);
    // Tables of three value blocks.
    options.tree.beat_value_count_max = 8;
    options.tree.growth_factor = 3;
    let image = Image::new::<Object>(&options, &mut Random(3));
    let table = image.tables.iter().find(|table| table.values.len() == 3);
    let table = table.expect("there is a table of three blocks");
    let keys = image.fields(Group::Index).into_iter().filter(|(offset, _)| {
        let index = image.block(table.index);
        (index + 64..index + options.layout.block_size).contains(offset)
    });
    // Swap the second and the third block.
    let end = end(&image, |image| {
        let numbers: Vec<_> = keys.map(|(offset, _)| offset).collect();
        let max = image.number(image.block(table.index) + 44, 4) as usize;
        for place in [2 * max + 1, 3 * max + 1, 4 * max + 1] {
            let (one, other) = (numbers[place], numbers[place + 1]);
            let kept = image.number(one, 8);
            image.copy(other, one, 8);
            image.set(other, 8, kept);
        }
    });
    assert_eq!(meaning(end), "the index has value blocks whose keys do not ascend");
}

#[test]
fn records_out_of_order_are_corruption() {
    let image = image();
    let table = image.tables.iter().find(|table| image.number(table.entry + 104, 4) > 2);
    let body = image.block(table.expect("a table has three records").values[0]) + 64;
    let end = end(&image, |image| image.copy(body, body + 16, 8));
    assert_eq!(meaning(end), "the keys of the records do not ascend");
}

/// A damaged block stays in the cache, and each lookup that uses it fails.
#[test]
fn a_lookup_in_memory_refuses_records_out_of_order() {
    let mut image = image();
    let tables = image.tables.iter().filter(|table| image.number(table.entry + 104, 4) > 2);
    let table = tables.min_by_key(|table| table.level).expect("a table has three records");
    let body = image.block(table.values[0]) + 64;
    let key = image.number(body, 8);
    image.copy(body, body + 16, 8);
    image.seal();
    let mut store = opened::<Object>(&image).expect("opening reads no tables");
    let refused = store.get(key);
    let said = refused.expect_err("the records are out of order").to_string();
    assert!(said.contains("the keys of the records do not ascend"), "{said}");
    assert_eq!(store.by_hand().lookup_cached(key).err(), refused.err());
}

#[test]
fn a_table_of_an_unknown_tree_or_level_is_refused() {
    let mut options = StoreOptions::tiny(512);
    options.tree.id = 2;
    let image = Image::new::<Object>(&options, &mut Random(3));
    for table in &image.tables {
        for tree in [1, 3] {
            let end = end(&image, |image| image.set(table.entry + 108, 2, tree));
            assert_eq!(meaning(end), "the manifest log has a table of an unknown tree");
        }
        // The upper two bits of the label are the event. The tree has four levels.
        let label = image.number(table.entry + 110, 1);
        let end = end(&image, |image| image.set(table.entry + 110, 1, label & 0xc0 | 4));
        assert_eq!(meaning(end), "the manifest log has a table of an unknown level");
    }
}

#[test]
fn records_of_an_index_that_were_not_put_and_removed_in_turn_are_corruption_when_they_meet() {
    let mut options = StoreOptions::tiny(512);
    options.layout.block_size = 512;
    let image = Image::new::<Entry>(&options, &mut Random(3));
    let turn = Reason::Meaning("the keys of an index were not put and removed alternately");
    let mut found = 0;
    for changed in 1..image.tables.len() {
        let mut forged = image.clone();
        for table in &image.tables[..changed] {
            let values = image.fields(Group::Values).into_iter().filter(|(offset, _)| {
                let begin = image.block(table.values[0]) + 64;
                (begin..begin + 448).contains(offset)
            });
            // The last number of a record says whether it is a tombstone.
            for (offset, _) in values.skip(3).step_by(4) {
                forged.set(offset, 8, 1 - image.number(offset, 8));
            }
        }
        forged.seal();
        let end = play::<Entry>(&forged, &mut Random(7));
        found += u32::from(corruption(end).is_some_and(|corruption| corruption.reason == turn));
    }
    assert!(found > 0);
}

#[test]
fn a_block_of_the_free_set_belongs_to_no_tree() {
    let image = image();
    let block = image.block(image.sets[0][0]);
    for (offset, size) in [(24, 8), (38, 2)] {
        let end = end(&image, |image| image.set(block + offset, size, 1));
        assert_eq!(meaning(end), "a block of the free set has a tree or a snapshot");
    }
}

#[test]
fn a_table_without_a_snapshot_is_corruption() {
    let image = image();
    let end = end(&image, |image| image.set(image.tables[0].entry + 88, 8, 0));
    assert_eq!(meaning(end), "a table of the log has no snapshot");
}

/// The manifest log takes the lowest free block when the half-bar's first entry is appended, and
/// writes it later. Until then the device has the older contents of that block.
#[test]
fn a_value_block_that_is_free_and_is_taken_by_the_log_is_corruption() {
    let image = image();
    let ends = image.tables.iter().map(|table| {
        end(&image, |image| {
            let values = &table.values;
            let used = image.blocks();
            // As many unused blocks are acquired instead.
            let spare = image.blocks().into_iter().max().unwrap_or_default();
            let spare = (1..=values.len() as u64).map(|number| spare + number);
            let used = used.into_iter().filter(|block| !values.contains(block)).chain(spare);
            image.set_acquired(&used.collect::<Vec<_>>());
        })
    });
    let free = "a block of a table is free, is being replaced, or is beyond the last";
    let reasons: Vec<_> = ends.filter_map(corruption).map(|corruption| corruption.reason).collect();
    assert_eq!(reasons.len(), image.tables.len());
    assert!(reasons.contains(&Reason::Meaning(free)), "{reasons:?}");
}

#[test]
fn more_tables_than_blocks_for_them_are_corruption() {
    // All blocks of tables, except the indexes, are free.
    let image = image();
    let end = end(&image, Image::free_all_but_indexes);
    assert_eq!(meaning(end), "there are more tables than blocks for them");
}
