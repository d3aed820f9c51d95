//! Reads the manifest log from the bytes on the disk, according to the documentation of the file
//! format: from the newest block to the oldest, and within a block from the newest entry to the
//! oldest. The first entry that is found for an address is the valid one.
//!
//! - A block that was read before and still has the same checksum is not read again.
//! - Each reopening of the store checks that the core reads the same tables.

use super::Book;
use downbeat::disk::Image;
use downbeat_model::format::block::{Kind, is};
use downbeat_model::format::sizes::{ENTRY, HEADER};
use downbeat_model::format::{Entry, Event, Fault, Reference, Root, Table};

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
struct Page {
    checksum: u128,
    previous: Reference,
    /// The entries, the newest first.
    lines: Vec<Line>,
    entries: Vec<Entry>,
}

/// The blocks of the log that were read before, and the result of the last reading.
#[derive(Debug, Default)]
pub struct LogBook {
    /// The pages by address, and the addresses that have one.
    pages: Vec<Option<Page>>,
    turned: Vec<u64>,
    /// What the newest entry for each address says, by address.
    said: Vec<Said>,
    /// The addresses that have an entry.
    spoken: Vec<u64>,
    /// The tables of the last reading, with the numbers of their trees.
    tables: Vec<(u16, Table)>,
}

impl LogBook {
    /// Forgets the blocks that were read.
    pub fn clear(&mut self) {
        for address in self.turned.drain(..) {
            self.pages[address as usize] = None;
        }
    }

    /// Reads the live tables of a checkpoint.
    ///
    /// # Errors
    ///
    /// A description of what is wrong with the log.
    pub fn read(
        &mut self,
        image: &Image,
        book: &mut Book,
        checkpoint: &Root,
    ) -> Result<&[(u16, Table)], String> {
        self.tables.clear();
        for address in self.spoken.drain(..) {
            self.said[address as usize] = Said::Nothing;
        }
        let addresses = book.sizes().blocks as usize + 1;
        self.said.resize(addresses, Said::Nothing);
        if self.pages.len() < addresses {
            self.pages.resize_with(addresses, || None);
        }
        let [oldest, mut next] = checkpoint.log;
        for number in (0..checkpoint.log_blocks).rev() {
            if number == 0 && next != oldest {
                return Err(format!("the oldest block is {next:?}, not {oldest:?}"));
            }
            let Self { pages, turned, said, spoken, tables } = self;
            let wrong = |fault| format!("{next:?}: {fault:?}");
            let place = pages.get_mut(next.address as usize);
            let place = place.ok_or_else(|| wrong(Fault::Address))?;
            let page = match place {
                Some(page) if page.checksum == next.checksum => page,
                _ => {
                    if place.is_none() {
                        turned.push(next.address);
                    }
                    place.insert(turn_to(next, image, book).map_err(wrong)?)
                }
            };
            for (line, entry) in page.lines.iter().zip(&page.entries) {
                let said = &mut said[line.address as usize];
                if !matches!(said, Said::Nothing) {
                    continue;
                }
                *said = Said::Removed;
                spoken.push(line.address);
                if line.is_live {
                    let sizes = book.sizes_of(entry.tree).ok_or(Fault::EntryUnknown);
                    let live = sizes.and_then(|sizes| entry.check_live(sizes));
                    live.map_err(|fault| format!("{:?}: {fault:?}", entry.table))?;
                    *said = Said::Table(tables.len() as u32);
                    tables.push((entry.tree, entry.table));
                }
            }
            next = page.previous;
        }
        Ok(&self.tables)
    }

    /// The table at an address and the number of its tree, according to the last reading.
    pub fn table(&self, address: u64) -> Option<&(u16, Table)> {
        match self.said.get(address as usize) {
            None | Some(Said::Nothing | Said::Removed) => None,
            Some(Said::Table(place)) => Some(&self.tables[*place as usize]),
        }
    }

    /// The tables of the last reading, with the numbers of their trees.
    pub fn tables(&self) -> &[(u16, Table)] {
        &self.tables
    }
}

/// Reads a block of the log.
fn turn_to(at: Reference, image: &Image, book: &mut Book) -> Result<Page, Fault> {
    let block = book.block(image, at)?.to_vec();
    let body = &block[HEADER..];
    if !is(&block, Kind::Manifest, 0) || !body.len().is_multiple_of(ENTRY) {
        return Err(Fault::LogBlock);
    }
    let entries = body.chunks(ENTRY).rev().map(|bytes| {
        let entry = Entry::read(bytes)?;
        let sizes = book.sizes_of(entry.tree).ok_or(Fault::EntryUnknown)?;
        entry.check_place(sizes).map(|()| entry)
    });
    let entries = entries.collect::<Result<Vec<Entry>, Fault>>()?;
    let line = |entry: &Entry| Line {
        address: entry.table.index.address,
        is_live: entry.event != Event::Remove,
    };
    let lines = entries.iter().map(line).collect();
    Ok(Page { checksum: at.checksum, previous: Reference::at(&block, 40, 56), lines, entries })
}
