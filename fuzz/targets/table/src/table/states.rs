//! States of tables: how full they are, where in a table a key or a range is, and what happened to
//! forged bytes.

use super::tables::Tables;
use downbeat::Run;
use downbeat::records::Versioned;
use downbeat_model::table::{BLOCKS_LARGE, Geometry, Table};

downbeat::states! {
    Sizes "bytes of a block (256 to 4,096 or more) by those of a record (3), when a table is finished" 12,
    BlocksOfTable "value blocks of a table: 1 to 5, more, more than 256" 7,
    FillOfLast "fill of the last value block, in eighths" 9,
    Unused "value blocks for which a table still has room" 5,
    KeyLands "key looked up: before the table, after it, between blocks, between records; or the first of a \
              block, within, its last, its only one" 8,
    BlockOfKey "value block of a key that is found: the first, one between, the last, the only one" 4,
    RangeMeets "value blocks of a range: none; or one, two, more, by whether it begins and ends at a record" 13,
    ForgedByte "forged byte: metadata, checksums, first keys, last keys, addresses of an index; metadata, a \
                   key, the rest of a record" 8,
    ForgedFate "forged value block (from 0) or index (from 3): refused by its reader, only by a verification, \
                  not refused" 5,
    RecordsAtOnce "records that are written at once: one, some of those that fit, all that fit" 3,
}

pub(super) fn finished(geometry: &Geometry, table: &Table, run: &mut Run) {
    let count = table.block_count();
    let last = table.block(count - 1).len();
    let octave = |size: usize, least: usize| (size / least).ilog2() as usize;
    let (block, record) = (octave(geometry.block_size, 256), octave(geometry.record_size, 16));
    run.state(Sizes, 3 * block.min(3) + record.min(2));
    run.state(BlocksOfTable, if count > BLOCKS_LARGE { 6 } else { (count - 1).min(5) });
    run.state(FillOfLast, 8 * last / geometry.block_values());
    run.state(Unused, geometry.blocks() - count);
}

/// Marks a key that is found as record `place` of value block `number`.
pub(super) fn found(table: &Table, number: usize, place: usize, run: &mut Run) {
    run.state(KeyLands, 4 + among(place, table.block(number).len()));
    run.state(BlockOfKey, among(number, table.block_count()));
}

/// The bucket of a place among `count`: 0 for the first, 1 for one between, 2 for the last, 3 for
/// the only one.
fn among(place: usize, count: usize) -> usize {
    match (place == 0, place + 1 == count) {
        (true, false) => 0,
        (false, false) => 1,
        (false, true) => 2,
        (true, true) => 3,
    }
}

pub(super) fn range(table: &Table, min: u64, max: u64, blocks: usize, run: &mut Run) {
    let ends = 2 * usize::from(table.get(min).is_some()) + usize::from(table.get(max).is_some());
    run.state(RangeMeets, if blocks == 0 { 0 } else { 4 * blocks.min(3) - 3 + ends });
}

impl<R: Versioned> Tables<R> {
    /// Marks to which part of an index or a value block the byte at `offset` belongs. The offset
    /// counts from the beginning of the metadata.
    pub(super) fn note_forged(&self, is_index: bool, offset: usize, run: &mut Run) {
        const METADATA: usize = 24;
        let Geometry { record_size, key_size, .. } = self.geometry;
        let place = match (is_index, offset.checked_sub(METADATA)) {
            (true, None) => 0,
            (true, Some(offset)) => {
                let blocks = self.geometry.blocks();
                let ends = [16, key_size, key_size, 8].map(|size| size * blocks);
                let mut left = offset;
                1 + ends
                    .iter()
                    .position(|size| left.checked_sub(*size).map(|rest| left = rest).is_none())
                    .unwrap_or(3)
            }
            (false, None) => 5,
            (false, Some(offset)) => 6 + usize::from(offset % record_size >= key_size),
        };
        run.state(ForgedByte, place);
    }
}
