//! Builds tables step by step, and compares their bytes with the format.

use downbeat_lsm::block::{BODY_OFFSET, BlockKind, Contents};
use downbeat_lsm::manifest::{SNAPSHOT_OPEN, TableInfo};
use downbeat_lsm::table::TableBuilder;

use super::built::{Built, Sealed};
use super::events::Event;
use super::tables::{Left, Tables};
use super::{compare, states};
use downbeat::check::same;
use downbeat::input::version::Version;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::table::{Geometry, Table, book};

/// How many records of a large table are one step, which takes about as long as any other.
const STEP_RECORDS: usize = 16;

impl<R: Versioned> Tables<R> {
    /// Adds records after the last one.
    pub(super) fn add(&mut self, count: u32, gap: u64, removed: bool, run: &mut Run) -> Checked {
        let key = self.next_key.map(|key| key.saturating_add(gap));
        if key.is_none() {
            // No key is left.
            self.finish_if_begun(run)?;
        }
        self.add_from(key.unwrap_or(0), count, gap, removed, run)
    }

    /// Finishes the table that is being built, unless `key` is above its last key.
    pub(super) fn begin_at(&mut self, key: u64, run: &mut Run) -> Checked {
        match self.building.records().last() {
            Some(last) if last.key >= key => self.finish_table(run),
            _ => Ok(()),
        }
    }

    /// Adds records from a key on, which must be above the last one of the table.
    pub(super) fn add_from(
        &mut self,
        key: u64,
        count: u32,
        gap: u64,
        removed: bool,
        run: &mut Run,
    ) -> Checked {
        let mut next = Some(key);
        let mut left = count as usize;
        while let Some(key) = next.filter(|_| left > 0) {
            self.make_room(run)?;
            let room = self.builder.room();
            let at_once = room.len().min(self.step).min(left);
            let mut written = 0;
            next = Some(key);
            while let Some(key) = next.filter(|_| written < at_once) {
                self.stamps += 1;
                let record = Version { key, stamp: self.stamps, removed };
                room[written] = R::of(record);
                self.building.push(record);
                run.keys.wrote(key);
                if !self.geometry.is_large || written.is_multiple_of(STEP_RECORDS) {
                    run.step();
                }
                written += 1;
                self.next_key = key.checked_add(1);
                next = self.next_key.map(|key| key.saturating_add(gap));
            }
            let sort = if written == 1 { 0 } else { 1 + usize::from(written == room.len()) };
            run.state(states::RecordsAtOnce, sort);
            self.builder.advance(written);
            self.counts_are()?;
            left -= written;
        }
        Ok(())
    }

    /// Makes sure that the builder has space for a record. Finishes a full value block, and a table
    /// whose index is full; begins a table and a value block as needed.
    fn make_room(&mut self, run: &mut Run) -> Checked {
        if self.builder.value_block_is_full() {
            self.finish_block(run)?;
        }
        if self.builder.index_is_full() {
            Event::TableForRoom.count(run);
            self.finish_table(run)?;
        }
        if self.builder.needs_index_block() {
            let buffer = self.take_buffer();
            self.snapshots += 1;
            run.step();
            self.builder.set_index_block(buffer, self.snapshots);
        }
        if !self.builder.has_value_block() {
            let buffer = self.take_buffer();
            run.step();
            self.builder.set_value_block(buffer);
        }
        Ok(())
    }

    /// Checks the counts of the builder.
    fn counts_are(&self) -> Checked {
        let builder = &self.builder;
        let values = self.building.records().len();
        let (block_values, blocks) = (self.geometry.block_values(), self.blocks.len());
        // The last value block may be partly filled.
        let in_block = values.saturating_sub(blocks * block_values);
        let expected = (
            [values, in_block, blocks],
            [
                in_block == 0,
                in_block == block_values,
                blocks == self.geometry.blocks(),
                values == 0,
            ],
        );
        let got = (
            [builder.value_count(), builder.block_value_count(), builder.value_block_count()]
                .map(|count| count as usize),
            [
                builder.value_block_is_empty(),
                builder.value_block_is_full(),
                builder.index_is_full(),
                builder.is_empty(),
            ],
        );
        same("builder-counts-equal-model", expected, got)
            .or("the builder's count of records or value blocks differs from the model's")
    }

    /// Adds records until `left` more fit in the value block.
    pub(super) fn fill_block(&mut self, left: u32, gap: u64, run: &mut Run) -> Checked {
        let used = self.builder.block_value_count() as usize % self.geometry.block_values();
        self.fill(self.geometry.block_values() - used, left, gap, run)
    }

    /// Adds records until `left` more fit in the table.
    pub(super) fn fill_table(&mut self, left: u32, gap: u64, run: &mut Run) -> Checked {
        let used = self.building.records().len() % self.geometry.values();
        self.fill(self.geometry.values() - used, left, gap, run)
    }

    fn fill(&mut self, room: usize, left: u32, gap: u64, run: &mut Run) -> Checked {
        let count = room.saturating_sub(left as usize) as u32;
        if count == 0 {
            run.idle();
            return Ok(());
        }
        self.add(count, gap, false, run)
    }

    /// Finishes the value block if it is full; otherwise fills it.
    pub(super) fn finish_full_block(&mut self, run: &mut Run) -> Checked {
        if self.builder.value_block_is_full() {
            return self.finish_block(run);
        }
        run.redirected(|| "fill_block left=0 gap=1".to_owned());
        self.fill_block(0, 1, run)
    }

    fn finish_block(&mut self, run: &mut Run) -> Checked {
        run.step();
        let finished = self.builder.finish_value_block();
        let number = self.blocks.len();
        self.value_block_is(number, &finished.0, finished.1.bytes())?;
        let sealed = self.seal(finished);
        let reference = sealed.reference;
        run.step();
        self.builder.value_block_written(reference);
        self.blocks.push(sealed);
        let is_full = self.building.block(number).len() == self.geometry.block_values();
        if is_full { Event::BlockFull } else { Event::BlockShort }.count(run);
        self.counts_are()
    }

    /// Checks the header and every byte of a value block.
    fn value_block_is(&mut self, number: usize, contents: &Contents, bytes: &[u8]) -> Checked {
        let records = self.building.block(number);
        let expected = Contents {
            kind: BlockKind::Value,
            tree: self.tree,
            snapshot: self.snapshots,
            metadata: book::value_metadata(&self.geometry, records.len()),
            body_size: records.len() * self.geometry.record_size,
        };
        same("value-header-equals-format", &expected, contents)
            .or("the header of a value block differs from the format")?;
        self.expected.clear();
        for record in records {
            self.expected.extend_from_slice(R::of(*record).as_bytes());
        }
        self.expected.resize(self.geometry.block_size - Geometry::HEADER, 0);
        compare::bytes("value-block-equals-format", &self.expected, &bytes[BODY_OFFSET..])
            .or("a byte of a value block differs from the format")
    }

    pub(super) fn finish_if_begun(&mut self, run: &mut Run) -> Checked {
        if self.building.records().is_empty() { Ok(()) } else { self.finish_table(run) }
    }

    /// Finishes the table that is being built. If it has no records, adds one instead.
    pub(super) fn finish_or_add(&mut self, run: &mut Run) -> Checked {
        if self.building.records().is_empty() {
            run.redirected(|| "add count=1 gap=1".to_owned());
            return self.add(1, 1, false, run);
        }
        self.finish_table(run)
    }

    /// Finishes the table that is being built, which must have a record.
    pub(super) fn finish_table(&mut self, run: &mut Run) -> Checked {
        if !self.builder.value_block_is_empty() {
            self.finish_block(run)?;
        }
        run.step();
        let finished = self.builder.finish_index_block();
        self.index_block_is(&finished.0, finished.1.bytes())?;
        let sealed = self.seal(finished);
        let reference = sealed.reference;
        run.step();
        let table = self.builder.table_written(reference);
        let model = std::mem::replace(&mut self.building, Table::new(&self.geometry));
        self.blocks.push(sealed);
        let built = Built { table, model, blocks: std::mem::take(&mut self.blocks) };
        self.table_is(&built)?;
        self.note(&built.model, run);
        run.result(reference.checksum as u64);
        self.keep(built);
        self.counts_are()?;
        self.verify(self.shelf.len() - 1, run)
    }

    /// Checks the header and every byte of an index block.
    fn index_block_is(&mut self, contents: &Contents, bytes: &[u8]) -> Checked {
        let expected = Contents {
            kind: BlockKind::Index,
            tree: self.tree,
            snapshot: self.snapshots,
            metadata: book::index_metadata(&self.geometry, self.building.block_count()),
            body_size: book::index_size(&self.geometry),
        };
        same("index-header-equals-format", &expected, contents)
            .or("the header of an index block differs from the format")?;
        self.expected.clear();
        let references = self.blocks.iter().map(|sealed| sealed.reference);
        let references = references.map(|reference| (reference.checksum, reference.address));
        book::append_index(&self.geometry, &self.building, references, &mut self.expected);
        compare::bytes("index-block-equals-format", &self.expected, &bytes[BODY_OFFSET..])
            .or("a byte of an index block differs from the format")
    }

    /// Checks the description of a table that was written.
    fn table_is(&self, built: &Built<R>) -> Checked {
        let records = built.model.records();
        let (first, last) = (records[0], records[records.len() - 1]);
        let reference = built.index().reference;
        let expected = TableInfo {
            key_min: R::wide(first.key),
            key_max: R::wide(last.key),
            checksum: reference.checksum,
            address: reference.address,
            snapshot_min: self.snapshots,
            snapshot_max: SNAPSHOT_OPEN,
            value_count: records.len() as u32,
        };
        same("table-info-equals-model", &expected, &built.table)
            .or("the description of a table differs from what was written")
    }

    fn note(&self, table: &Table, run: &mut Run) {
        Event::TableFinished.count(run);
        let records = table.records();
        Event::TableFull.count_if(records.len() == self.geometry.values(), run);
        Event::TableOfOneRecord.count_if(records.len() == 1, run);
        Event::SmallestKey.count_if(records[0].key == 0, run);
        Event::LargestKey.count_if(records[records.len() - 1].key == u64::MAX, run);
        states::finished(&self.geometry, table, run);
    }

    /// Abandons the table that is being built.
    pub(super) fn abandon(&mut self, run: &mut Run) -> Checked {
        if self.building.records().is_empty() {
            run.idle();
        } else {
            Event::TableAbandoned.count(run);
        }
        run.step();
        for buffer in self.builder.reset().into_iter().flatten() {
            self.give_buffer(buffer);
        }
        for sealed in std::mem::take(&mut self.blocks) {
            self.give_buffer(sealed.buffer);
        }
        self.building.clear(&self.geometry);
        self.next_key = Some(0);
        self.counts_are()
    }

    /// Builds a table of up to `count` records from `key` on, or several tables if the records do
    /// not fit in one.
    pub(super) fn build(&mut self, key: u64, count: u32, gap: u64, run: &mut Run) -> Checked {
        self.finish_if_begun(run)?;
        self.add_from(key, count, gap, false, run)?;
        self.finish_table(run)
    }

    /// Builds a table of `blocks` full value blocks, or of the maximum number if `blocks` is 0 or
    /// above the maximum.
    pub(super) fn build_full(&mut self, key: u64, blocks: u32, gap: u64, run: &mut Run) -> Checked {
        let blocks_max = self.geometry.blocks();
        let blocks = if blocks == 0 { blocks_max } else { blocks_max.min(blocks as usize) };
        self.build(key, (blocks * self.geometry.block_values()) as u32, gap, run)
    }

    /// Builds a table again, in zeroed buffers, with all records of a value block at once. Checks
    /// that all bytes are the same.
    pub(super) fn build_again(&mut self, place: usize, run: &mut Run) -> Checked {
        let mut builder = TableBuilder::<R>::new(&self.layout, self.tree);
        let buffer = self.take(Left::Zeros);
        builder.set_index_block(buffer, self.shelf[place].table.snapshot_min);
        for number in 0..self.shelf[place].model.block_count() {
            let buffer = self.take(Left::Zeros);
            builder.set_value_block(buffer);
            let built = &self.shelf[place];
            let records = built.model.block(number);
            for (number, (room, record)) in builder.room().iter_mut().zip(records).enumerate() {
                *room = R::of(*record);
                if !self.geometry.is_large || number.is_multiple_of(STEP_RECORDS) {
                    run.step();
                }
            }
            builder.advance(records.len());
            let (contents, buffer) = builder.finish_value_block();
            let expected = &built.blocks[number];
            let sealed = Sealed::seal(expected.reference.address, contents, buffer);
            same_bytes(expected, &sealed)?;
            builder.value_block_written(sealed.reference);
            self.give_buffer(sealed.buffer);
        }
        let built = &self.shelf[place];
        let (contents, buffer) = builder.finish_index_block();
        let sealed = Sealed::seal(built.index().reference.address, contents, buffer);
        same_bytes(built.index(), &sealed)?;
        let table = builder.table_written(sealed.reference);
        same("built-again-is-the-same", &built.table, &table)
            .or("a second build of the same records gives another table")?;
        Event::BuiltAgain.count(run);
        self.give_buffer(sealed.buffer);
        Ok(())
    }
}

/// Checks that two blocks have the same bytes.
fn same_bytes(expected: &Sealed, got: &Sealed) -> Checked {
    compare::bytes("built-again-is-the-same", expected.buffer.bytes(), got.buffer.bytes())
        .or("a second build of the same records gives other bytes")
}
