//! Tests of the numbers of records and blocks in tables, and of invalid sizes.

use downbeat_lsm::table::{InvalidTable, TableLayout, TableOptions};

use crate::records::{Record16, Record32, Record128};
use crate::shelf::layout;

const VALID: TableOptions =
    TableOptions { block_size: 4096, record_size: 32, key_size: 16, value_count_max: 1000 };

fn refusal(options: TableOptions) -> (InvalidTable, String) {
    let reason = options.validate().expect_err("the sizes are invalid");
    assert_eq!(TableLayout::new(options), Err(reason));
    (reason, reason.to_string())
}

#[test]
fn the_value_blocks_of_a_table_have_room_for_a_full_memory_table() {
    for (layout, block_value_count, value_block_count) in [
        (layout::<Record16>(256, 1), 12, 1),
        (layout::<Record16>(256, 12), 12, 1),
        (layout::<Record16>(256, 13), 12, 2),
        (layout::<Record32>(256, 13), 6, 3),
        (layout::<Record128>(256, 2), 1, 2),
        (layout::<Record128>(4096, 31), 31, 1),
    ] {
        assert_eq!(layout.block_value_count_max(), block_value_count);
        assert_eq!(layout.value_block_count_max(), value_block_count);
        assert_eq!(layout.value_count_max_on_disk(), block_value_count * value_block_count);
        assert!(layout.value_count_max_on_disk() >= layout.value_count_max());
        assert!(layout.index_block_size() <= layout.block_size());
    }
}

#[test]
fn the_number_of_records_gives_the_number_of_value_blocks() {
    let layout = layout::<Record32>(256, 18);
    let counts = [1, 6, 7, 12, 13, 18].map(|value_count| layout.value_block_count(value_count));
    assert_eq!(counts, [1, 1, 2, 2, 3, 3]);
}

#[test]
fn the_index_has_room_for_all_value_blocks_used_or_not() {
    let layout = TableLayout::new(VALID).expect("the sizes are valid");
    assert_eq!(layout.block_value_count_max(), 126);
    assert_eq!(layout.value_block_count_max(), 8);
    assert_eq!(layout.index_body_size(), 8 * (16 + 2 * 16 + 8));
    assert_eq!(layout.index_block_size(), 64 + layout.index_body_size());
}

#[test]
fn the_largest_table_whose_value_blocks_fit_in_one_index_block_is_valid() {
    for (options, limit) in [
        (VALID, 72 * 126),
        (TableOptions { key_size: 8, ..VALID }, 100 * 126),
        (TableOptions { key_size: 32, ..VALID }, 45 * 126),
        (TableOptions { block_size: 256, record_size: 128, ..VALID }, 3),
        (TableOptions { block_size: 128, key_size: 8, ..VALID }, 2),
    ] {
        let largest = TableOptions { value_count_max: limit, ..options };
        let layout = TableLayout::new(largest).expect("the sizes are valid");
        assert_eq!(layout.value_count_max_on_disk(), limit);
        let value_count_max = limit + 1;
        let (reason, text) = refusal(TableOptions { value_count_max, ..options });
        assert_eq!(reason, InvalidTable::IndexOverBlock { value_count_max, limit });
        assert!(text.contains(&format!("lower it to at most {limit}, or raise")), "{text}");
    }
}

#[test]
fn blocks_without_room_for_a_record_or_an_index_entry_are_refused() {
    let (reason, text) = refusal(TableOptions { block_size: 256, record_size: 256, ..VALID });
    assert_eq!(reason, InvalidTable::RecordOverBlock { record_size: 256, body_size: 192 });
    assert!(text.contains("set block_size to at least 512"), "{text}");
    let (reason, text) = refusal(TableOptions { block_size: 128, key_size: 32, ..VALID });
    assert_eq!(reason, InvalidTable::IndexOverBlock { value_count_max: 1000, limit: 0 });
    assert!(text.contains("raise it"), "{text}");
}

#[test]
fn sizes_outside_of_their_limits_are_refused() {
    for block_size in [0, 64, 5000, 1 << 25] {
        let (reason, text) = refusal(TableOptions { block_size, ..VALID });
        assert_eq!(reason, InvalidTable::BlockSize { block_size });
        assert!(text.contains("a power of two from 128 to 16777216"), "{text}");
    }
    for record_size in [0, 4, 24, 512] {
        let (reason, text) = refusal(TableOptions { record_size, ..VALID });
        assert_eq!(reason, InvalidTable::RecordSize { record_size });
        assert!(text.contains("a power of two from 8 to 256"), "{text}");
    }
    for key_size in [0, 4, 24, 64] {
        let (reason, text) = refusal(TableOptions { key_size, ..VALID });
        assert_eq!(reason, InvalidTable::KeySize { key_size });
        assert!(text.contains("set it to 8, 16 or 32"), "{text}");
    }
    let (reason, text) = refusal(TableOptions { value_count_max: 0, ..VALID });
    assert_eq!(reason, InvalidTable::ValueCountMaxZero);
    assert!(text.contains("at least 1"), "{text}");
}

#[test]
fn a_table_whose_full_value_blocks_hold_more_records_than_32_bits_count_is_refused() {
    let large = TableOptions { block_size: 1 << 24, record_size: 8, key_size: 8, ..VALID };
    let (reason, text) = refusal(TableOptions { value_count_max: u32::MAX, ..large });
    assert_eq!(reason, InvalidTable::ValueCountOverLimit { value_count_max: u32::MAX });
    assert!(text.contains("counted in 32 bits"), "{text}");
    let block_value_count = ((1 << 24) - 64) / 8;
    let value_count_max = u32::MAX / block_value_count * block_value_count;
    let layout = TableLayout::new(TableOptions { value_count_max, ..large });
    assert_eq!(layout.expect("the sizes are valid").value_count_max_on_disk(), value_count_max);
}
