//! The world: what each operation does.
//!
//! Rules that define what an input means:
//!
//! - Before it changes a device without tables, the world writes some bars of records and a
//!   checkpoint.
//! - A change does nothing if the image lacks the structure that it names.

use downbeat_lsm::record::Usage;
use downbeat_lsm::store::Fullness;

use super::tested::{Tested, model_key};
use downbeat::input::encoding::text::line;
use downbeat::input::encoding::{Header, Place};
use downbeat::records::Versioned;
use downbeat::{Checked, Run, World};
use downbeat_model::image::{Depth, Forge, New, Operation, Operation::*, seal};

/// How many bars of records are written before a change of a device without tables, and the number
/// of their keys.
const PLAIN: (u32, u64) = (6, 64);

/// The number of puts and removals at the end of a run.
const LAST: u64 = 24;

impl<R: Versioned> World for Tested<R> {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, _run: &mut Run) -> Checked {
        self.stamps = 0;
        self.kept.clear();
        self.format()
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            PutRun { key, count, stride } => {
                self.write_run(key.literal(), count.get(), stride.get(), false, run)
            }
            RemoveRun { key, count, stride } => {
                self.write_run(key.literal(), count.get(), stride.get(), true, run)
            }
            Grow { bars, spread } => self.grow(bars.get(), spread.get(), run),
            Beats { count } => {
                self.be_writable(run)?;
                for _ in 0..count.get() {
                    if !self.beat(run)? {
                        break;
                    }
                }
                Ok(())
            }
            Checkpoint => {
                self.be_writable(run)?;
                self.checkpoint(run)
            }
            Get { key } => {
                self.be_open(run)?;
                let got = self.get(model_key(R::wide(key.literal())), run)?;
                run.read(got.flatten().is_some());
                Ok(())
            }
            Scan { from, to } => {
                self.be_open(run)?;
                let (from, to) = (from.literal(), to.literal());
                let [min, max] = [from.min(to), from.max(to)].map(|key| model_key(R::wide(key)));
                self.scan(min, max, run).map(drop)
            }
            Open => Tested::open(self, run),
            Keep => {
                self.kept = self.store.grid().storage().written().to_vec();
                Ok(())
            }
            _ => self.change(operation, run),
        }
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.be_open(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.read_whole(run)
    }

    /// Writes to the store, takes a checkpoint, and opens the store again.
    fn finish(&mut self, run: &mut Run) -> Checked {
        if !self.failed {
            for number in 0..LAST {
                if !self.write(3 * number, number % 5 == 4, run)? {
                    break;
                }
            }
        }
        if !self.failed {
            self.checkpoint(run)?;
        }
        self.read_whole(run)?;
        Tested::open(self, run)
    }

    fn describe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(reading) = &self.content.reading {
            let root = &reading.opening.root;
            lines.push(format!("opened at sequence {}, beat {}", root.sequence, root.beat));
            for run in &reading.runs {
                let table = &run.table;
                let values = match &run.values {
                    Ok(values) => format!("{} value blocks", values.len()),
                    Err(wrong) => wrong.to_string(),
                };
                lines.push(format!(
                    "level {}: [{:x?}..{:x?}] {} records, index {}, {values}",
                    table.level, table.key_min, table.key_max, table.records, table.index.address,
                ));
            }
            let faults = reading.unmergeable.iter();
            lines.extend(faults.map(|wrong| format!("cannot be merged: {wrong}")));
        }
        lines.push(format!("{} keys were written since", self.content.writes.len()));
        lines
    }
}

impl<R: Versioned> Tested<R> {
    fn write_run(
        &mut self,
        first: u64,
        count: u32,
        stride: i64,
        removes: bool,
        run: &mut Run,
    ) -> Checked {
        self.be_writable(run)?;
        for number in 0..i64::from(count) {
            let key = first.wrapping_add_signed(stride.wrapping_mul(number));
            if !self.write(key, removes, run)? {
                break;
            }
        }
        Ok(())
    }

    /// Puts and removes scattered keys below `spread`, as many as `bars` bars can hold.
    fn grow(&mut self, bars: u32, spread: u64, run: &mut Run) -> Checked {
        self.be_writable(run)?;
        let count = u64::from(bars) * u64::from(self.sizes.bar * self.sizes.batch);
        for _ in 0..count {
            let luck = (self.stamps + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            let key = luck % spread;
            let removes = match R::USAGE {
                Usage::General => luck >> 20 & 7 == 0,
                Usage::SecondaryIndex => {
                    let found = self.content.get(model_key(R::wide(key)));
                    found.is_ok_and(|found| found.is_some())
                }
            };
            if !self.write(key, removes, run)? {
                break;
            }
        }
        Ok(())
    }

    /// Changes the bytes of the device.
    fn change(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.begin_change(run)?;
        let has_room = self.store.fullness() <= Fullness::NearlyFull;
        if self.parts.tables.is_empty() && !self.failed && has_room {
            let (bars, spread) = PLAIN;
            run.redirected(|| {
                format!("grow bars={bars} spread={spread}\ncheckpoint\n{}", line(operation))
            });
            self.sound = None;
            self.grow(bars, spread, run)?;
            if !self.failed {
                self.checkpoint(run)?;
            }
            self.begin_change(run)?;
        }
        run.step();
        let changed = self.change_now(operation);
        run.idle_if(!changed);
        Ok(())
    }

    /// Changes the bytes of the device, after [`Tested::begin_change`] has found its structures.
    /// Returns whether the image has what the operation changes.
    fn change_now(&mut self, operation: &Operation) -> bool {
        let copies = self.sizes.copies as u32;
        let copy_of = |copy: Place| copy.of(copies) as usize;
        if let Restore { block } = *operation {
            return self.restore_block(block);
        }
        if let RestoreCopy { copy } = *operation {
            return self.restore_copy(copy_of(copy));
        }
        let end = self.sizes.block_at(self.sizes.blocks) + self.sizes.block;
        let Self { store, sizes, parts, copy: changed_copy, sound, extended, .. } = self;
        // No change writes after these spare blocks. The device notes their end, so that a later
        // restore need not clear the bytes after it.
        let spare = parts.spare() + sizes.values_max() as u64 + 2;
        let end = if sizes.has_block(spare) { sizes.block_at(spare) } else { end };
        let image = store.by_hand().grid_mut().storage_mut().bytes_mut(end);
        if let Seal { depth } = *operation {
            let depth = match depth.get() {
                0 => Depth::All { copy: *changed_copy },
                1 => Depth::EachCopy,
                2 => Depth::Blocks,
                _ => Depth::Alone,
            };
            seal(image, sizes, parts, depth);
            if let Some(sound) = sound {
                sound.sealed = true;
            }
            return true;
        }
        let mut forge = Forge { image, sizes, parts };
        match *operation {
            Superblock { copy, field, value, of } => {
                *changed_copy = copy_of(copy);
                forge.superblock(*changed_copy, field, New { value, of })
            }
            BlockHeader { group, block, field, value, of } => {
                forge.header(group, block, field, New { value, of })
            }
            Entry { entry, field, value, of } => forge.entry(entry, field, New { value, of }),
            Index { table, element, field, value, of } => {
                forge.index(table, element, field, New { value, of })
            }
            Record { block, record, word, value, of } => {
                forge.record(block, record, word, New { value, of })
            }
            SetWord { set, word, value, of } => {
                forge.set_word(set.get() as usize, word, New { value, of })
            }
            SetBlock { set, block } => match set.get() {
                2 => forge.free_values(block),
                set => forge.set_block(set as usize, block),
            },
            Flip { block, at, mask } => forge.flip(block, at, mask.get() as u8),
            FlipCopy { copy, at, mask } => {
                *changed_copy = copy_of(copy);
                forge.flip_copy(*changed_copy, at, mask.get() as u8)
            }
            Copy { from, to } => forge.copy_block(from, to),
            Swap { one, other } => forge.swap_blocks(one, other),
            Zero { block, sector } => forge.zero(block, sector),
            Append { entry } => {
                let done = forge.append_entry(entry);
                *extended |= done;
                done
            }
            Drop { entry } => forge.drop_entry(entry),
            SwapEntries { one, other } => forge.swap_entries(one, other),
            Level { table, level } => forge.level(table, level.get() as u8),
            Share { one, other } => forge.share(one, other),
            Stretch { table } => forge.stretch(table),
            Add { table, level } => {
                let done = forge.add_table(table, level.get() as u8);
                *extended |= done;
                done
            }
            Adapt => forge.adapt(),
            _ => unreachable!("image: an operation that changes nothing"),
        }
    }

    /// Restores a block from the kept copy of the device.
    fn restore_block(&mut self, block: Place) -> bool {
        let blocks = self.parts.blocks();
        let Some(place) = blocks.len().checked_sub(1) else { return false };
        let address = blocks[block.of(place as u32 + 1) as usize];
        let begin = self.sizes.block_at(address);
        self.restore(begin, self.sizes.block)
    }

    /// Restores a copy of the superblock from the kept copy of the device.
    fn restore_copy(&mut self, copy: usize) -> bool {
        self.restore(self.sizes.copy(copy), self.sizes.copy_size())
    }

    fn restore(&mut self, begin: usize, size: usize) -> bool {
        if self.kept.len() < begin + size {
            return false;
        }
        let kept = std::mem::take(&mut self.kept);
        let image = self.device().bytes_mut(begin + size);
        image[begin..begin + size].copy_from_slice(&kept[begin..begin + size]);
        self.kept = kept;
        if let Some(sound) = &mut self.sound {
            sound.restored = true;
        }
        true
    }
}
