//! Tests that the examples in `FORMAT.md` equal the bytes that the code writes.

use std::fmt::Write;

use downbeat_lsm::block::{BlockReference, seal};
use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions};
use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::{TableBuilder, TableLayout, TableOptions};
use zerocopy::little_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::page::{code, number, rows};

/// A record of two little-endian numbers. The tombstone has the largest value.
#[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Pair {
    pub(crate) key: U64,
    pub(crate) value: U64,
}

impl Pair {
    pub(crate) fn new(key: u64, value: u64) -> Self {
        Self { key: U64::new(key), value: U64::new(value) }
    }
}

impl Record for Pair {
    type Key = u64;
    const USAGE: Usage = Usage::General;

    fn key(&self) -> u64 {
        self.key.get()
    }

    fn is_tombstone(&self) -> bool {
        self.value.get() == u64::MAX
    }

    fn tombstone(key: u64) -> Self {
        Self::new(key, u64::MAX)
    }
}

/// The value block of the example on the page: its bytes up to the end of the sector, and its
/// reference.
pub(crate) fn value_block() -> (Vec<u8>, BlockReference) {
    let layout = TableLayout::new(TableOptions::of::<Pair>(128, 4)).expect("the sizes are valid");
    let mut builder = TableBuilder::<Pair>::new(&layout, 1);
    let used = || {
        let mut buffer = Buffer::new(128);
        buffer.bytes_mut().fill(0xaa);
        buffer
    };
    builder.set_index_block(used(), 9);
    builder.set_value_block(used());
    builder.room()[..2].copy_from_slice(&[Pair::new(1, 10), Pair::new(2, 11)]);
    builder.advance(2);
    let (contents, mut buffer) = builder.finish_value_block();
    let (reference, end) = seal(buffer.bytes_mut(), 7, &contents, 64);
    (buffer.bytes()[..end].to_vec(), reference)
}

/// Prints bytes, sixteen a line, each line after the offset of its first byte.
fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in bytes.chunks(16).enumerate() {
        write!(text, "{:02x} ", 16 * number).expect("a string accepts any text");
        for byte in line {
            write!(text, " {byte:02x}").expect("a string accepts any text");
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_example_of_a_block_is_what_the_code_writes() {
    assert_eq!(code("Example"), dump(&value_block().0));
}

#[test]
fn the_example_of_a_stream_is_what_the_code_writes() {
    let options = FreeSetOptions {
        block_count: 200,
        shard_size: FreeSetOptions::SHARD_SIZE_MIN,
        reservation_count_max: 2,
    };
    let mut free_set = FreeSet::new(options).expect("the sizes are valid");
    free_set.open([], [], []).expect("empty sets are valid");
    free_set.mark_checkpoint_durable();
    let mut all = free_set.reserve(130).expect("the blocks are free");
    while free_set.acquire(&mut all).is_some() {}
    free_set.forfeit(all);
    // Block 129 is released with the first checkpoint, and free with the second.
    free_set.release(129);
    free_set.mark_checkpoint_not_durable();
    free_set.mark_checkpoint_durable();
    let mut bytes = [0; 32];
    let size = free_set.encode_acquired([&mut bytes[..]]);
    assert_eq!(code("Stream example"), dump(&bytes[..size]));
    assert_eq!(options.encoded_size_max(), 8 * (200_usize.div_ceil(64) + 1));
}

#[test]
fn a_marker_is_as_the_page_says() {
    let mut end = 0;
    let mut marker = 0;
    let known = [("bit", 1), ("run", 2), ("literals", 1)];
    for (row, (name, value)) in rows("Stream", 0).iter().zip(known) {
        let [bit, bits] = [row[0], row[1]].map(number);
        assert_eq!((row[2], bit), (name, end));
        marker |= value << bit;
        end += bits;
    }
    assert_eq!(end, 64);
    // The marker of the example.
    assert!(code("Stream example").starts_with(dump(&u64::to_le_bytes(marker)).trim_end()));
}

#[test]
fn checksums_are_those_of_the_page() {
    let shown = |input: &[u8]| format!("0x{:032x}", downbeat_lsm::block::checksum(input));
    let known: Vec<_> = rows("Checksum", 0).iter().map(|row| row[1].to_owned()).collect();
    assert_eq!(known, [shown(b""), shown(b"abcdefghijklmnopqrstuvwxyz")]);
}
