//! Reads the manifest log from the bytes on the disk, independently of the core's reader: from the
//! newest block to the oldest, and within a block from the newest entry to the oldest. The first
//! entry that is found for an address is the valid one.
//!
//! - A block that was read before and still has the same checksum is not read again.
//! - Each reopening of the store checks that the core reads the same tables.

use std::collections::BTreeMap;

use downbeat_lsm::block::{Block, BlockKind, BlockReference, open};
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::manifest_log::{LOG_ENTRY_SIZE, LogEntry, LogEvent};
use downbeat_lsm::record::Key;
use downbeat_lsm::storage::Layout;
use downbeat_lsm::superblock::ManifestReferences;

use downbeat::disk::Image;

/// The identity of a table, whatever its level: the address and the checksum of its index block,
/// its smallest and its largest key, and the number of its records.
pub(super) type Content<K> = (u64, u128, K, K, u32);

/// A live table: its level and its content.
pub(super) type Named<K> = (u64, Content<K>);

/// The level and the content of a table.
pub(super) fn named<K: Key>(level: u64, table: &TableInfo<K>) -> Named<K> {
    let TableInfo { key_min, key_max, checksum, address, value_count, .. } = *table;
    (level, (address, checksum, key_min, key_max, value_count))
}

/// What the newest entry for an address says.
#[derive(Clone, Copy, Debug)]
enum Said {
    /// The log has no entry for the address.
    Nothing,
    /// The table was removed.
    Removed,
    /// The table is live, and has this index in [`LogBook::tables`].
    Table(u32),
}

/// An entry without its table. The two are stored apart, because each reading visits all entries
/// but needs the tables of only a few.
#[derive(Clone, Copy, Debug)]
struct Line {
    address: u64,
    is_live: bool,
}

/// A block of the log.
#[derive(Debug)]
struct Page<K> {
    checksum: u128,
    previous: BlockReference,
    /// The entries, the newest first.
    lines: Vec<Line>,
    /// The table of each entry.
    tables: Vec<Named<K>>,
}

/// The blocks of the log that were read before, and the result of the last reading.
#[derive(Debug)]
pub(super) struct LogBook<K> {
    pages: BTreeMap<u64, Page<K>>,
    bytes: Vec<u8>,
    /// What the newest entry for each address says, by address.
    said: Vec<Said>,
    /// The addresses that have an entry.
    spoken: Vec<u64>,
    /// The tables of the last reading.
    tables: Vec<Named<K>>,
}

impl<K> Default for LogBook<K> {
    fn default() -> Self {
        Self {
            pages: BTreeMap::new(),
            bytes: Vec::new(),
            said: Vec::new(),
            spoken: Vec::new(),
            tables: Vec::new(),
        }
    }
}

impl<K: Key> LogBook<K> {
    /// Forgets the blocks that were read.
    pub(super) fn clear(&mut self) {
        self.pages.clear();
    }

    /// Reads the live tables of a checkpoint.
    ///
    /// # Errors
    ///
    /// A description of what is wrong with the log.
    pub(super) fn read(
        &mut self,
        image: &Image,
        layout: &Layout,
        checkpoint: &ManifestReferences,
    ) -> Result<&[Named<K>], String> {
        self.tables.clear();
        for address in self.spoken.drain(..) {
            self.said[address as usize] = Said::Nothing;
        }
        self.said.resize(layout.block_count() as usize + 1, Said::Nothing);
        let mut next = checkpoint.newest;
        for number in (0..checkpoint.block_count).rev() {
            if number == 0 && next != checkpoint.oldest {
                return Err(format!("the oldest block is {next:?}, not {:?}", checkpoint.oldest));
            }
            let known = self.pages.get(&next.address).map(|page| page.checksum);
            if known != Some(next.checksum) {
                self.turn_to(next, image, layout)?;
            }
            let Self { pages, said, spoken, tables, .. } = self;
            let page = &pages[&next.address];
            for (line, table) in page.lines.iter().zip(&page.tables) {
                let said = &mut said[line.address as usize];
                if !matches!(said, Said::Nothing) {
                    continue;
                }
                *said = Said::Removed;
                spoken.push(line.address);
                if line.is_live {
                    *said = Said::Table(tables.len() as u32);
                    tables.push(*table);
                }
            }
            next = page.previous;
        }
        Ok(&self.tables)
    }

    /// The table at an address, according to the last reading.
    pub(super) fn table(&self, address: u64) -> Option<&Named<K>> {
        match self.said.get(address as usize) {
            None | Some(Said::Nothing | Said::Removed) => None,
            Some(Said::Table(place)) => Some(&self.tables[*place as usize]),
        }
    }

    fn turn_to(
        &mut self,
        at: BlockReference,
        image: &Image,
        layout: &Layout,
    ) -> Result<(), String> {
        let Self { pages, bytes, .. } = self;
        bytes.resize(layout.block_size(), 0);
        image.read_undamaged(layout.block(at.address).offset, bytes);
        let block = open(bytes, at, layout.sector_size());
        let Block { contents, body } = block.map_err(|error| format!("{at:?}: {error}"))?;
        if contents.kind != BlockKind::Manifest {
            return Err(format!("{at:?} is a block of kind {:?}", contents.kind));
        }
        let count = body.len() / LOG_ENTRY_SIZE;
        let (mut lines, mut tables) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for entry in body.chunks(LOG_ENTRY_SIZE).rev() {
            let wrong = |reason| format!("an entry of {at:?}: {reason:?}");
            let entry = LogEntry::decode(entry).map_err(wrong)?;
            let table = entry.table::<K>().map_err(wrong)?;
            let is_live = entry.event() != LogEvent::Remove;
            lines.push(Line { address: table.address, is_live });
            tables.push(named(u64::from(entry.level()), &table));
        }
        let previous = BlockReference::from_metadata(&contents.metadata);
        pages.insert(at.address, Page { checksum: at.checksum, previous, lines, tables });
        Ok(())
    }
}
