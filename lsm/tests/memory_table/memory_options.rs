//! Tests of the options: each invalid option is refused with a reason that says what to change.

use downbeat_lsm::table::memory::{
    ImmutableTable, InvalidMemoryTable, MemoryCursor, MemoryScan, MemoryTableOptions, MutableTable,
};

use crate::records::Object;

const SMALLEST: MemoryTableOptions = MemoryTableOptions { value_count_max: 1, beats_per_bar: 1 };

fn refusal(options: MemoryTableOptions) -> String {
    let reason = options.validate().expect_err("the options are invalid");
    assert_eq!(MutableTable::<Object>::new(options).err(), Some(reason));
    assert_eq!(ImmutableTable::<Object>::new(options).err(), Some(reason));
    assert_eq!(MemoryScan::<Object>::new(&options).err(), Some(reason));
    assert_eq!(MemoryCursor::<Object>::new(&options).err(), Some(reason));
    reason.to_string()
}

#[test]
fn the_smallest_and_the_largest_options_are_valid() {
    assert_eq!(SMALLEST.validate(), Ok(()));
    let largest = MemoryTableOptions {
        value_count_max: MemoryTableOptions::VALUE_COUNT_MAX,
        beats_per_bar: MemoryTableOptions::BEATS_MAX,
    };
    assert_eq!(largest.validate(), Ok(()));
}

#[test]
fn numbers_of_values_outside_of_the_limits_are_refused() {
    for value_count_max in [0, MemoryTableOptions::VALUE_COUNT_MAX + 1] {
        let options = MemoryTableOptions { value_count_max, ..SMALLEST };
        assert_eq!(options.validate(), Err(InvalidMemoryTable::ValueCountMax { value_count_max }));
        assert!(refusal(options).contains("set it to a number from 1 to 268435456"));
    }
}

#[test]
fn numbers_of_beats_outside_of_the_limits_are_refused() {
    for beats_per_bar in [0, MemoryTableOptions::BEATS_MAX + 1] {
        let options = MemoryTableOptions { beats_per_bar, ..SMALLEST };
        assert_eq!(options.validate(), Err(InvalidMemoryTable::BeatsPerBar { beats_per_bar }));
        assert!(refusal(options).contains("set it to a number from 1 to 4096"));
    }
}
