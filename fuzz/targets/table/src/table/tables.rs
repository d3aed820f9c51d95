//! Tables of one sort of records: the one that is being built, and the last four that were.
//!
//! Rules, each part of what an input means:
//!
//! * What is added to a table that is full, or to keys that are used up, goes to a new one.
//! * Tables are named by number from the newest on, going round. Where there is none, one of a few records is
//!   built instead of what was asked for.

use downbeat_lsm::block::{BlockReference, Contents};
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::{TableBuilder, TableLayout, TableOptions};

use super::shelf::{Built, Sealed, Spare};
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::table::{
    ADDRESS, ADDRESSES, BUFFERS, Geometry, Operation, STEP, TREE, Table, Which,
};
use downbeat::records::Versioned;
use downbeat::run::Run;

/// Tables that are kept.
const KEPT: usize = 4;

/// What is in a buffer that a builder is given; in the order of [`downbeat::model::table::BUFFER_NAMES`].
#[derive(Clone, Copy, Debug)]
enum Left {
    Used,
    Ones,
    Zeros,
}

/// Tables of records of one sort.
#[derive(Debug)]
pub(super) struct Tables<R: Versioned> {
    pub(super) geometry: Geometry,
    pub(super) layout: TableLayout,
    pub(super) builder: TableBuilder<R>,
    pub(super) tree: u16,
    /// Records that are written at once.
    pub(super) step: usize,
    left: Left,
    /// The table that is being built, and its value blocks.
    pub(super) building: Table,
    pub(super) blocks: Vec<Sealed>,
    /// The newest is the last.
    pub(super) shelf: Vec<Built<R>>,
    /// Buffers by the size of a block: the trailing zeros of its number of bytes.
    spare: Vec<Spare>,
    /// The key behind the last one that was added; `None` if that was the largest.
    pub(super) next_key: Option<u64>,
    pub(super) next_address: u64,
    pub(super) stamps: u64,
    pub(super) snapshots: u64,
    /// Bytes as the format says, and records that were found.
    pub(super) expected: Vec<u8>,
    pub(super) found: Vec<R>,
}

impl<R: Versioned> Tables<R> {
    pub(super) fn new() -> Self {
        let geometry = Geometry::of(&Header::PLAIN);
        let layout = layout::<R>(512, 1);
        Tables {
            geometry,
            layout,
            builder: TableBuilder::new(&layout, 1),
            tree: 1,
            step: 1,
            left: Left::Used,
            building: Table::new(&geometry),
            blocks: Vec::new(),
            shelf: Vec::new(),
            spare: Vec::new(),
            next_key: None,
            next_address: 1,
            stamps: 0,
            snapshots: 0,
            expected: Vec::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn open(&mut self, header: &Header) {
        self.clear();
        self.spare().clear();
        let number = |setting| header.number(Operation::SETTINGS, setting);
        self.geometry = Geometry::of(header);
        self.layout = layout::<R>(self.geometry.block_size, self.geometry.value_count_max);
        self.tree = number(TREE) as u16;
        self.builder = TableBuilder::new(&self.layout, self.tree);
        self.building.clear(&self.geometry);
        self.step = number(STEP) as usize;
        self.left = [Left::Used, Left::Ones, Left::Zeros][header.index(BUFFERS)];
        self.next_key = Some(0);
        self.next_address = ADDRESSES[header.index(ADDRESS)];
        self.stamps = 0;
        self.snapshots = 0;
    }

    /// Gives all buffers back.
    pub(super) fn clear(&mut self) {
        let own = self.builder.reset().into_iter().flatten();
        let built = self.shelf.drain(..).flat_map(|built| built.blocks);
        let blocks: Vec<Sealed> = self.blocks.drain(..).chain(built).collect();
        for buffer in own.chain(blocks.into_iter().map(|sealed| sealed.buffer)) {
            self.spare().give(buffer);
        }
    }

    /// The buffers of the geometry at hand.
    fn spare(&mut self) -> &mut Spare {
        let place = self.geometry.block_size.trailing_zeros() as usize;
        if self.spare.len() <= place {
            self.spare.resize_with(place + 1, Spare::default);
        }
        &mut self.spare[place]
    }

    /// A buffer for a builder.
    pub(super) fn take_buffer(&mut self) -> Buffer {
        let size = self.geometry.block_size;
        let mut buffer = self.spare().take(size);
        match self.left {
            Left::Used => {}
            Left::Ones => buffer.bytes_mut().fill(0xff),
            Left::Zeros => buffer.bytes_mut().fill(0),
        }
        buffer
    }

    pub(super) fn take_zeros(&mut self) -> Buffer {
        let size = self.geometry.block_size;
        let mut buffer = self.spare().take(size);
        buffer.bytes_mut().fill(0);
        buffer
    }

    pub(super) fn give_buffer(&mut self, buffer: Buffer) {
        self.spare().give(buffer);
    }

    /// Seals a block at the next address.
    pub(super) fn seal(
        &mut self,
        (contents, buffer): (Contents, Buffer),
    ) -> (Sealed, BlockReference) {
        let (sealed, _) = Sealed::seal(self.next_address, contents, buffer);
        self.next_address += 1;
        let reference = sealed.reference;
        (sealed, reference)
    }

    /// Keeps a table; the oldest goes where there are too many.
    pub(super) fn keep(&mut self, built: Built<R>) {
        if self.shelf.len() == KEPT {
            self.forget(0);
        }
        self.shelf.push(built);
    }

    pub(super) fn forget(&mut self, place: usize) {
        for sealed in self.shelf.remove(place).blocks {
            self.give_buffer(sealed.buffer);
        }
    }

    /// The place of a table on the shelf; where there is none, one is built, and nothing else is done.
    pub(super) fn place(
        &mut self,
        table: Which,
        run: &mut Run,
    ) -> Result<Option<usize>, Divergence> {
        let count = self.shelf.len();
        if count == 0 {
            let is_begun = !self.building.records().is_empty();
            run.redirected(|| {
                if is_begun { "finish" } else { "build 0x0 count=5 gap=1" }.to_owned()
            });
            if is_begun {
                self.finish_table(run)?;
            } else {
                self.build(0, 5, 1, run)?;
            }
            return Ok(None);
        }
        Ok(Some(count - 1 - table.get() as usize % count))
    }

    #[inline]
    pub(super) fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Add { count, gap } => self.add(count.get(), gap.get(), false, run),
            Operation::Remove { count, gap } => self.add(count.get(), gap.get(), true, run),
            Operation::AddAt { key, count, gap } => {
                self.begin_at(key.literal(), run)?;
                self.add_from(key.literal(), count.get(), gap.get(), false, run)
            }
            Operation::FillBlock { left, gap } => self.fill_block(left.get(), gap.get(), run),
            Operation::FillTable { left, gap } => self.fill_table(left.get(), gap.get(), run),
            Operation::FinishBlock => self.finish_full_block(run),
            Operation::Finish => self.finish_or_add(run),
            Operation::Abandon => self.abandon(run),
            Operation::Build { key, count, gap } => {
                self.build(key.literal(), count.get(), gap.get(), run)
            }
            Operation::BuildFull { key, blocks, gap } => {
                self.build_full(key.literal(), blocks.get(), gap.get(), run)
            }
            Operation::Drop { table } => {
                if let Some(place) = self.place(table, run)? {
                    self.forget(place);
                }
                Ok(())
            }
            Operation::Get { key, table } => match self.place(table, run)? {
                Some(place) => self.get(place, key.literal(), run),
                None => Ok(()),
            },
            Operation::GetAround { at, table } => match self.place(table, run)? {
                Some(place) => self.get_around(place, at, run),
                None => Ok(()),
            },
            Operation::GetEdges { table } => match self.place(table, run)? {
                Some(place) => self.get_edges(place, run),
                None => Ok(()),
            },
            Operation::Scan { key, span, table } => match self.place(table, run)? {
                Some(place) => {
                    let min = key.literal();
                    self.scan(place, min, min.saturating_add(span.get()), run)
                }
                None => Ok(()),
            },
            Operation::ScanBetween { first, last, table } => match self.place(table, run)? {
                Some(place) => self.scan_between(place, first, last, run),
                None => Ok(()),
            },
            Operation::AskIndex { table } => match self.place(table, run)? {
                Some(place) => self.ask_index(place, run),
                None => Ok(()),
            },
            Operation::Verify { table } => match self.place(table, run)? {
                Some(place) => self.verify(place, run),
                None => Ok(()),
            },
            Operation::VerifyOther { field, table } => match self.place(table, run)? {
                Some(place) => self.verify_other(place, field, run),
                None => Ok(()),
            },
            Operation::BuildAgain { table } => match self.place(table, run)? {
                Some(place) => self.build_again(place, run),
                None => Ok(()),
            },
            Operation::Patch { block, at, mask, table } => match self.place(table, run)? {
                Some(place) => self.patch(place, block, at, mask, run),
                None => Ok(()),
            },
            Operation::Forge { block, at, mask, table } => match self.place(table, run)? {
                Some(place) => self.forge(place, block, at, mask, run),
                None => Ok(()),
            },
            Operation::ForgeHeader { block, part, table } => match self.place(table, run)? {
                Some(place) => self.forge_header(place, block, part, run),
                None => Ok(()),
            },
            Operation::Exchange { first, second, table } => match self.place(table, run)? {
                Some(place) => self.exchange(place, first, second, run),
                None => Ok(()),
            },
        }
    }
}

/// The layout of tables of these records.
fn layout<R: Versioned>(block_size: usize, value_count_max: u32) -> TableLayout {
    TableLayout::new(TableOptions::of::<R>(block_size, value_count_max))
        .expect("every geometry of the settings is valid")
}
