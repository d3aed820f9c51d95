//! Damaged blocks, whose checksums are wrong, and forged blocks, which are changed and sealed
//! again.
//!
//! A table with a forged block is read, and then restored. Invariants of these reads:
//!
//! * No reader panics, and a record that is found has the key that was requested.
//! * A verification refuses a table that contradicts itself. A forged byte contradicts the rest of
//!   the table if it is in the index, in the header of a value block, in a key that then breaks the
//!   order, or in the first or last key of a value block, which the index has, too.
//! * Records of value blocks that were not forged are found as before. No record is read from a
//!   forged block whose header is invalid for a value block of this table.

use downbeat_lsm::block::{BODY_OFFSET, BlockKind, Contents, METADATA_SIZE};
use downbeat_lsm::manifest::KeyRange;
use zerocopy::FromBytes;

use super::built::{Built, Sealed};
use super::events::Event;
use super::states;
use super::tables::{Left, Tables};
use downbeat::check::{fail, holds};
use downbeat::input::encoding::Place;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::table::{Mask, Part};

const METADATA_OFFSET: usize = BODY_OFFSET - METADATA_SIZE;

/// The size in bytes of the count of value blocks, which is at the start of an index's metadata.
const COUNT_SIZE: usize = 4;

/// A forged block, and what readers must do with its table.
#[derive(Clone, Copy, Debug)]
struct Forged {
    /// The number of the forged block. The index follows the value blocks.
    block: usize,
    /// Whether a verification must refuse the table.
    contradicts: bool,
    /// Whether every reader of the block must refuse it.
    unreadable: bool,
}

impl<R: Versioned> Tables<R> {
    /// Changes a byte of a block, so that its checksum is wrong, and checks that the damage is
    /// noticed. The byte is restored.
    pub(super) fn patch(
        &mut self,
        place: usize,
        block: Place,
        at: Place,
        mask: Mask,
        run: &mut Run,
    ) -> Checked {
        let built = &mut self.shelf[place];
        let block = block.of(built.blocks.len() as u32) as usize;
        let sealed = &mut built.blocks[block];
        let size = BODY_OFFSET + sealed.contents.body_size;
        let offset = at.of(size as u32) as usize;
        sealed.buffer.bytes_mut()[offset] ^= mask.get() as u8;
        run.step();
        let opened = built.open(built.blocks[block].reference).err();
        built.blocks[block].buffer.bytes_mut()[offset] ^= mask.get() as u8;
        let Some(reason) = opened else {
            return Err(fail("damage-is-seen", format!("an error for byte {offset}"), "none")
                .saying("a block with a damaged byte is accepted"));
        };
        run.remark(|| format!("byte {offset}: {reason}"));
        Event::DamageSeen.count(run);
        Ok(())
    }

    /// Changes a byte of a block's metadata or body, and seals the block again.
    pub(super) fn forge(
        &mut self,
        place: usize,
        block: Place,
        at: Place,
        mask: Mask,
        run: &mut Run,
    ) -> Checked {
        let built = &self.shelf[place];
        let block = block.of(built.blocks.len() as u32) as usize;
        let is_index = block == built.index_place();
        let size = METADATA_SIZE + built.blocks[block].contents.body_size;
        let offset = at.of(size as u32) as usize;
        self.note_forged(is_index, offset, run);
        self.with_copy(place, block, |tables, place| {
            let sealed = &mut tables.shelf[place].blocks[block];
            sealed.buffer.bytes_mut()[METADATA_OFFSET + offset] ^= mask.get() as u8;
            sealed.seal_again(sealed.contents);
            let in_metadata = offset < METADATA_SIZE;
            let contradicts =
                is_index || in_metadata || tables.contradicts(&tables.shelf[place], block);
            // A reader of the index cannot tell from its header that the count of blocks is wrong.
            let unreadable = in_metadata && !(is_index && offset < COUNT_SIZE);
            let forged = Forged { block, contradicts, unreadable };
            run.remark(|| format!("byte {} of block {block}", METADATA_OFFSET + offset));
            tables.ask_forged(place, forged, run)
        })
    }

    /// Changes a field of a block's header that is not metadata, and seals the block again.
    pub(super) fn forge_header(
        &mut self,
        place: usize,
        block: Place,
        part: Part,
        run: &mut Run,
    ) -> Checked {
        let block = block.of(self.shelf[place].blocks.len() as u32) as usize;
        let room = self.geometry.block_size - BODY_OFFSET;
        let contents = self.shelf[place].blocks[block].contents;
        let Contents { kind, tree, snapshot, body_size, .. } = contents;
        let other = match part.get() {
            0 if kind == BlockKind::Index => Contents { kind: BlockKind::Value, ..contents },
            0 => Contents { kind: BlockKind::Index, ..contents },
            1 => Contents { kind: BlockKind::Manifest, ..contents },
            2 => Contents { tree: tree ^ 1, ..contents },
            3 => Contents { tree: 0, ..contents },
            4 => Contents { snapshot: 0, ..contents },
            5 => Contents { snapshot: snapshot + 1, ..contents },
            6 => Contents { body_size: body_size - 1, ..contents },
            // If the block has space, its body becomes longer by the size of a record, even in an
            // index block. Otherwise it becomes 8 bytes shorter.
            _ if body_size + self.geometry.record_size <= room => {
                Contents { body_size: body_size + self.geometry.record_size, ..contents }
            }
            _ => Contents { body_size: body_size - 8, ..contents },
        };
        self.with_copy(place, block, |tables, place| {
            tables.shelf[place].blocks[block].seal_again(other);
            // A changed snapshot is noticed only in a comparison with the table's description.
            let unreadable = part.get() != 5;
            let forged = Forged { block, contradicts: true, unreadable };
            run.remark(|| format!("block {block}: {other:?}"));
            tables.ask_forged(place, forged, run)
        })
    }

    /// Swaps the references to two value blocks in the index.
    pub(super) fn exchange(
        &mut self,
        place: usize,
        first: Place,
        second: Place,
        run: &mut Run,
    ) -> Checked {
        let built = &self.shelf[place];
        let count = built.model.block_count() as u32;
        let (first, second) = (first.of(count) as usize, second.of(count) as usize);
        // Two different blocks, unless the table has only one.
        let second = if first == second { (first + 1) % count as usize } else { second };
        if first == second {
            run.redirected(|| "forge_header block=end part=4 table=0".to_owned());
            let part = Part::find(4).expect("a part");
            return self.forge_header(place, Place::BeforeEnd(0), part, run);
        }
        let index = built.index_place();
        let blocks = self.geometry.blocks();
        let addresses = BODY_OFFSET + blocks * (16 + 2 * self.geometry.key_size);
        self.with_copy(place, index, |tables, place| {
            let sealed = &mut tables.shelf[place].blocks[index];
            let bytes = sealed.buffer.bytes_mut();
            for byte in 0..16 {
                bytes.swap(BODY_OFFSET + 16 * first + byte, BODY_OFFSET + 16 * second + byte);
            }
            for byte in 0..8 {
                bytes.swap(addresses + 8 * first + byte, addresses + 8 * second + byte);
            }
            sealed.seal_again(sealed.contents);
            let built = &tables.shelf[place];
            for number in [first, second] {
                let key = built.model.block(number)[0].key;
                let got = tables.steps_by_name(built, R::wide(key));
                holds("exchange-is-seen", got.is_err())
                    .show(|| ("an error", format!("{:?}", got.ok().flatten())))
                    .or("a value block is accepted in the place of another one of its table")?;
            }
            run.remark(|| format!("value blocks {first} and {second}"));
            let forged = Forged { block: index, contradicts: true, unreadable: false };
            tables.ask_forged(place, forged, run)
        })
    }

    /// Calls `forge` for the table, and then restores the block, the index and the description of
    /// the table.
    fn with_copy(
        &mut self,
        place: usize,
        block: usize,
        forge: impl FnOnce(&mut Self, usize) -> Checked,
    ) -> Checked {
        let mut copies = Vec::with_capacity(2);
        for number in [block, self.shelf[place].index_place()] {
            let mut buffer = self.take(Left::Zeros);
            let Sealed { reference, contents, buffer: own } = &self.shelf[place].blocks[number];
            buffer.bytes_mut().copy_from_slice(own.bytes());
            copies.push((number, Sealed { reference: *reference, contents: *contents, buffer }));
        }
        let checksum = { self.shelf[place].table.checksum };
        let outcome = forge(self, place);
        for (number, copy) in copies {
            let forged = std::mem::replace(&mut self.shelf[place].blocks[number], copy);
            self.give_buffer(forged.buffer);
        }
        self.shelf[place].table.checksum = checksum;
        outcome
    }

    /// Whether the keys of a forged value block do not ascend, or its first or last key has
    /// changed.
    fn contradicts(&self, built: &Built<R>, block: usize) -> bool {
        let Ok(records) = <[R]>::ref_from_bytes(built.blocks[block].body()) else { return true };
        let model = built.model.block(block);
        let ends = [0, model.len() - 1];
        let ascend = records.is_sorted_by(|one, next| one.key() < next.key());
        !ascend || ends.iter().any(|end| records[*end].key() != R::wide(model[*end].key))
    }

    /// Updates the checksum of a forged value block in the index, and the checksum of the index in
    /// the table's description. Then checks a verification, lookups and reads of ranges.
    fn ask_forged(&mut self, place: usize, forged: Forged, run: &mut Run) -> Checked {
        let Forged { block, contradicts, unreadable } = forged;
        let built = &mut self.shelf[place];
        let index = built.index_place();
        let is_index = block == index;
        if !is_index {
            let checksum = built.blocks[block].reference.checksum.to_le_bytes();
            let sealed = &mut built.blocks[index];
            let name = BODY_OFFSET + 16 * block..BODY_OFFSET + 16 * (block + 1);
            sealed.buffer.bytes_mut()[name].copy_from_slice(&checksum);
            sealed.seal_again(sealed.contents);
        }
        built.table.checksum = built.index().reference.checksum;
        let built = &self.shelf[place];
        run.step();
        let verified = self.verified(built, &built.table);
        run.remark(|| match &verified {
            Ok(()) => "verified".to_owned(),
            Err(corruption) => corruption.to_string(),
        });
        let (expected, what) = if contradicts {
            ("an error", "a table that contradicts itself is verified")
        } else {
            ("none", "a table is refused that does not contradict itself")
        };
        holds("contradiction-is-seen", verified.is_err() == contradicts)
            .show(|| (expected, verified.err().map_or("none".to_owned(), |it| it.to_string())))
            .or(what)?;
        let mut refused = false;
        let model = &built.model;
        for number in 0..model.block_count() {
            let records = model.block(number);
            for record in [records[0], records[records.len() / 2], records[records.len() - 1]] {
                run.step();
                let key = R::wide(record.key);
                let got = self.steps_by_name(built, key);
                let concerned = is_index || number == block;
                refused |= got.is_err();
                let is_right = match &got {
                    // The order of the keys may be broken, so the record may not be found.
                    Ok(Some(found)) if concerned => found.key() == key && !unreadable,
                    Ok(None) if concerned => !unreadable,
                    Err(_) => concerned,
                    Ok(found) => *found == Some(R::of(record)),
                };
                let expected = || match unreadable && concerned {
                    true => "an error".to_owned(),
                    false => format!("the record {key:x?} #{}", record.stamp),
                };
                holds("forged-block-stays-alone", is_right)
                    .show(|| (expected(), format!("{got:?}")))
                    .or("a forged block is accepted, or hides records of another block")?;
            }
        }
        refused |= self.ranges_of_forged(built, contradicts, run)?;
        let (event, fate) = match (refused, contradicts) {
            (true, _) => (Event::ForgedRefused, 0),
            (false, true) => (Event::ForgedContradicts, 1),
            (false, false) => (Event::ForgedPasses, 2),
        };
        event.count(run);
        run.state(states::ForgedFate, if is_index { 3 + fate } else { fate });
        run.result(fate as u64);
        Ok(())
    }

    /// Checks reads of ranges in a forged table: of all keys, and of the keys up to and from the
    /// middle key of each value block. Unless the table contradicts itself, no read fails, and no
    /// record is missing or surplus. Returns whether any read was refused.
    fn ranges_of_forged(
        &self,
        built: &Built<R>,
        contradicts: bool,
        run: &mut Run,
    ) -> Checked<bool> {
        let model = &built.model;
        let middle = |number: usize| {
            let block = model.block(number);
            block[block.len() / 2].key
        };
        let middles = (0..model.block_count()).map(middle);
        let halves = middles.flat_map(|key| [(0, key), (key, u64::MAX)]);
        let mut refused = false;
        for (min, max) in halves.chain([(0, u64::MAX)]) {
            run.step();
            let counted = self.count_by_name(built, &KeyRange::new(R::wide(min), R::wide(max)));
            refused |= counted.is_err();
            let whole = model.records().len();
            let is_right = match counted {
                // A forged key may have moved to the other side of the middle.
                Ok(count) if !contradicts && (min, max) == (0, u64::MAX) => count == whole,
                Ok(count) => contradicts || count <= whole,
                Err(_) => contradicts,
            };
            holds("forged-range-is-read", is_right)
                .show(|| (format!("{whole} records"), format!("{counted:?}")))
                .or("a read of a forged but consistent table returns the wrong records")?;
        }
        Ok(refused)
    }
}
