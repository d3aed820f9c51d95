//! Opens an image: finds the superblock, the free set and the live tables, or the fault because of
//! which the image must be refused.
//!
//! The model uses nothing but the bytes of the image and the documentation of the file format.

use std::collections::BTreeMap;

use crate::format::block::{Kind, Reference, is, read};
use crate::format::bytes::number;
use crate::format::entry::{Entry, Event, Table};
use crate::format::root::{Chain, Root, choose, copies};
use crate::format::sizes::{ENTRY, HEADER, Sizes};
use crate::format::wrong::{At, Fault, Wrong};
use crate::free_set::stream;
use crate::mutation::{Mutation, is_on};
use crate::store::Use;

/// An image that opens.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The superblock.
    pub root: Root,
    /// The blocks of the encoded acquired set and of the encoded released set, in the order of
    /// their chains.
    pub sets: [Vec<u64>; 2],
    /// What each block is used for, according to the sets.
    pub uses: Vec<Use>,
    /// The blocks of the manifest log, the oldest first.
    pub log: Vec<u64>,
    /// The live tables, each after the offset of its newest entry in the image. The newest entry
    /// comes first.
    pub tables: Vec<(usize, Table)>,
}

impl Opening {
    /// Opens an image.
    ///
    /// # Errors
    ///
    /// If the image must be refused.
    pub fn new(image: &[u8], sizes: &Sizes) -> Result<Self, Wrong> {
        let root = choose(&copies(image, sizes), sizes)?;
        // The store opens with the blocks that it has. Those that are added are not in use.
        let sizes = &Sizes { blocks: root.blocks, ..*sizes };
        let (acquired, acquired_blocks) = read_chain(image, sizes, root.sets[0])?;
        let (released, released_blocks) = read_chain(image, sizes, root.sets[1])?;
        let holders = [acquired_blocks.as_slice(), &released_blocks].concat();
        let uses = stream::open(&acquired, &released, &holders, sizes.blocks)
            .ok_or(Wrong { fault: Fault::Sets, at: At::Superblock })?;
        let sets = [acquired_blocks, released_blocks];
        let mut opening = Opening { root, sets, uses, log: Vec::new(), tables: Vec::new() };
        opening.read_log(image, sizes)?;
        Ok(opening)
    }

    /// What a block is used for; `None` if there is no such block.
    #[must_use]
    pub fn use_of(&self, address: u64) -> Option<Use> {
        self.uses.get(address.checked_sub(1)? as usize).copied()
    }

    fn read_log(&mut self, image: &[u8], sizes: &Sizes) -> Result<(), Wrong> {
        let Root { log: [oldest, newest], log_blocks, .. } = self.root;
        let mut log = Log::default();
        let mut next = newest;
        let mut at = At::Superblock;
        for left in (0..log_blocks).rev() {
            let wrong = |fault| Err(Wrong { fault, at });
            if self.use_of(next.address) != Some(Use::Acquired) {
                return wrong(Fault::LogNotInUse);
            }
            if (left == 0) != (next == oldest) {
                return wrong(Fault::LogLength);
            }
            let block = read(image, sizes, next)?;
            at = At::Block(next.address);
            if !is(block, Kind::Manifest, 0) || !(block.len() - HEADER).is_multiple_of(ENTRY) {
                return Err(Wrong { fault: Fault::LogBlock, at });
            }
            let begin = sizes.block_at(next.address);
            for offset in (HEADER..block.len()).step_by(ENTRY).rev() {
                let entry = &block[offset..offset + ENTRY];
                self.take_entry(entry, begin + offset, sizes, &mut log)
                    .map_err(|fault| Wrong { fault, at })?;
            }
            self.log.insert(0, next.address);
            next = Reference::at(block, 40, 56);
        }
        if let Some(block) = self.log.iter().find(|block| log.is_live(**block)) {
            return Err(Wrong { fault: Fault::LogIsTable, at: At::Block(*block) });
        }
        let in_use = self.uses.iter().filter(|block| **block == Use::Acquired).count();
        if 2 * self.tables.len() + self.log.len() > in_use {
            return Err(Wrong { fault: Fault::TooManyTables, at: At::Superblock });
        }
        Ok(())
    }

    /// Takes an entry. The caller has taken all newer entries.
    fn take_entry(
        &mut self,
        entry: &[u8],
        at: usize,
        sizes: &Sizes,
        log: &mut Log,
    ) -> Result<(), Fault> {
        let entry = Entry::read(entry)?;
        entry.check_place(sizes)?;
        let table = entry.table;
        if !log.take(table.index.address, entry.event)? {
            return Ok(());
        }
        if self.use_of(table.index.address) != Some(Use::Acquired) {
            return Err(Fault::TableNotInUse);
        }
        if table.snapshot > self.root.beat + u64::from(sizes.bar) + 1 {
            return Err(Fault::Newer);
        }
        entry.check_live(sizes)?;
        let tables = || self.tables.iter().map(|(_, table)| table);
        let of_level = || tables().filter(|other| other.level == table.level);
        if of_level().count() as u64 >= sizes.tables_of_level(table.level) {
            return Err(Fault::LevelFull);
        }
        let overlaps =
            |other: &Table| other.key_min <= table.key_max && table.key_min <= other.key_max;
        if of_level().any(overlaps) && !is_on(Mutation::ImageAllowsOverlaps) {
            return Err(Fault::Overlap);
        }
        self.tables.push((at, table));
        Ok(())
    }
}

/// Reads the chain of an encoded set. Returns its words, and its blocks in the order of the chain.
fn read_chain(
    image: &[u8],
    sizes: &Sizes,
    Chain { last, size }: Chain,
) -> Result<(Vec<u64>, Vec<u64>), Wrong> {
    let wrong = |fault, at| Err(Wrong { fault, at });
    if size > 8 * (sizes.blocks.div_ceil(64) + 1) {
        return wrong(Fault::SetSize, At::Superblock);
    }
    let size = size as usize;
    let mut pieces = Vec::new();
    let mut blocks = Vec::new();
    let mut next = last;
    for number in (0..size.div_ceil(sizes.piece())).rev() {
        if !sizes.has_block(next.address) {
            return wrong(Fault::Address, At::Superblock);
        }
        let block = read(image, sizes, next)?;
        let at = At::Block(next.address);
        let body = &block[HEADER..];
        let expected = (size - number * sizes.piece()).min(sizes.piece());
        next = Reference::at(block, 40, 56);
        let ends = next == Reference::NONE;
        if !is(block, Kind::FreeSet, 0) || body.len() != expected || ends != (number == 0) {
            return wrong(Fault::SetBlock, at);
        }
        let At::Block(address) = at else { continue };
        pieces.insert(0, body);
        blocks.insert(0, address);
    }
    let bytes = pieces.concat();
    if !bytes.len().is_multiple_of(8) {
        return wrong(Fault::Sets, At::Superblock);
    }
    let words = (0..bytes.len()).step_by(8).map(|offset| number(&bytes, offset, 8)).collect();
    Ok((words, blocks))
}

/// What the entries that were taken so far say about the table at an address. Entries are taken
/// from the newest to the oldest.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    /// The table is live.
    live: bool,
    /// A remove was taken, but not yet its insert. Older entries of the removed table may follow.
    removed: bool,
    /// The entry that was taken last is an insert.
    begun: bool,
}

#[derive(Debug, Default)]
struct Log {
    said: BTreeMap<u64, Said>,
}

impl Log {
    fn is_live(&self, address: u64) -> bool {
        self.said.get(&address).is_some_and(|said| said.live)
    }

    /// Takes an entry. Returns whether it is the newest entry of a live table.
    fn take(&mut self, address: u64, event: Event) -> Result<bool, Fault> {
        let said = self.said.entry(address).or_default();
        let (insert, remove) = (event == Event::Insert, event == Event::Remove);
        // In the order of the log, these contradict each other: two removes without an insert
        // between them; an insert or an update directly before an insert; an update directly after
        // a remove.
        let contradicts =
            if remove { said.removed || (said.live && !said.begun) } else { said.begun };
        if contradicts {
            return Err(Fault::Incarnations);
        }
        if remove {
            *said = Said { removed: true, begun: false, ..*said };
            return Ok(false);
        }
        let is_live = !said.removed && !said.live;
        said.live |= is_live;
        if insert {
            *said = Said { removed: false, begun: true, ..*said };
        }
        Ok(is_live)
    }
}
