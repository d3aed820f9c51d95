//! States of tables: how full they are, where in them keys and ranges lie, what happened to forged
//! bytes.

use super::tables::Tables;
use downbeat::model::table::{Geometry, Table};
use downbeat::records::Versioned;
use downbeat::run::Run;

downbeat::states! {
    Sizes "bytes of a block (4) by those of a record (3), when a table is finished" 12,
    BlocksOfTable "value blocks of a table, from 1" 6,
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
    RecordsAtOnce "records that are written at once, of the room for them: one, some, all" 3,
}

fn block_size(geometry: &Geometry) -> usize {
    match geometry.block_size {
        256 => 0,
        512 => 1,
        1024 => 2,
        _ => 3,
    }
}

fn record_size(geometry: &Geometry) -> usize {
    match geometry.record_size {
        16 => 0,
        32 => 1,
        _ => 2,
    }
}

pub(super) fn finished(geometry: &Geometry, table: &Table, run: &mut Run) {
    let count = table.block_count();
    let last = table.block(count - 1).len();
    run.state(Sizes, 3 * block_size(geometry) + record_size(geometry));
    run.state(BlocksOfTable, count - 1);
    run.state(FillOfLast, 8 * last / geometry.block_values());
    run.state(Unused, geometry.blocks() - count);
}

/// Marks a key that is found at `place` of block number `number`.
pub(super) fn found(table: &Table, number: usize, place: usize, run: &mut Run) {
    let (first, last) = (place == 0, place + 1 == table.block(number).len());
    run.state(
        KeyLands,
        match (first, last) {
            (true, false) => 4,
            (false, false) => 5,
            (false, true) => 6,
            (true, true) => 7,
        },
    );
    let (first, last) = (number == 0, number + 1 == table.block_count());
    run.state(
        BlockOfKey,
        match (first, last) {
            (true, false) => 0,
            (false, false) => 1,
            (false, true) => 2,
            (true, true) => 3,
        },
    );
}

/// Marks a key that is not found: before the table, after it, between blocks, or between records.
pub(super) fn missed(sort: usize, run: &mut Run) {
    run.state(KeyLands, sort);
}

pub(super) fn range(table: &Table, min: u64, max: u64, blocks: usize, run: &mut Run) {
    let ends = 2 * usize::from(table.get(min).is_some()) + usize::from(table.get(max).is_some());
    run.state(RangeMeets, if blocks == 0 { 0 } else { 4 * blocks.min(3) - 3 + ends });
}

impl<R: Versioned> Tables<R> {
    /// Marks which part of an index or a value block the byte at `offset` is. The offset counts
    /// from the beginning of the metadata.
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
