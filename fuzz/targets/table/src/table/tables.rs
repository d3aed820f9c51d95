//! Tables of one type of records: the one that is being built, and the newest four finished ones.

use downbeat_lsm::block::Contents;
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::{TableBuilder, TableLayout, TableOptions};

use super::buffers::Buffers;
use super::built::{Built, Sealed};
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::table::{
    ADDRESS, ADDRESSES, BUFFERS, Geometry, Operation, STEP, TREE, Table, Which,
};

/// The maximum number of finished tables that are kept.
const KEPT: usize = 4;

/// The maximum number of finished tables that are kept if tables are large, for less memory.
const KEPT_LARGE: usize = 2;

/// How many times as many records are written at once if tables are large.
const STEP_LARGE: usize = 64;

/// How many steps each value block of a large table costs an operation that reads all of them. A
/// step then takes about as long as any other.
const STEPS_PER_BLOCK: usize = 16;

/// The bytes of a buffer when a builder gets it: those of its last use, all ones, or all zeros. The
/// variants have the order of [`downbeat_model::table::BUFFER_NAMES`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Left {
    Used,
    Ones,
    Zeros,
}

/// Tables of one type of records.
#[derive(Debug)]
pub(super) struct Tables<R: Versioned> {
    pub(super) geometry: Geometry,
    pub(super) layout: TableLayout,
    pub(super) builder: TableBuilder<R>,
    pub(super) tree: u16,
    /// The number of records that are written at once.
    pub(super) step: usize,
    left: Left,
    /// The model of the table that is being built.
    pub(super) building: Table,
    /// The finished value blocks of the table that is being built.
    pub(super) blocks: Vec<Sealed>,
    /// The finished tables that are kept, the newest last.
    pub(super) shelf: Vec<Built<R>>,
    /// Unused buffers by the size of a block: the index is the base-2 logarithm of the size.
    buffers: Vec<Buffers>,
    /// The smallest key above the last added one; `None` if that was the largest key.
    pub(super) next_key: Option<u64>,
    pub(super) next_address: u64,
    pub(super) stamps: u64,
    pub(super) snapshots: u64,
    /// A buffer for the bytes that the format requires.
    pub(super) expected: Vec<u8>,
    /// A buffer for the records that a scan found.
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
            buffers: Vec::new(),
            next_key: None,
            next_address: 1,
            stamps: 0,
            snapshots: 0,
            expected: Vec::new(),
            found: Vec::new(),
        }
    }

    pub(super) fn open_run(&mut self, header: &Header) {
        self.clear();
        if self.geometry.is_large {
            *self.buffers() = Buffers::default();
        } else {
            self.buffers().clear();
        }
        let number = |setting| header.number(Operation::SETTINGS, setting);
        self.geometry = Geometry::of(header);
        self.layout = layout::<R>(self.geometry.block_size, self.geometry.value_count_max);
        self.tree = number(TREE) as u16;
        self.builder = TableBuilder::new(&self.layout, self.tree);
        self.building.clear(&self.geometry);
        let times = if self.geometry.is_large { STEP_LARGE } else { 1 };
        self.step = times * number(STEP) as usize;
        self.left = [Left::Used, Left::Ones, Left::Zeros][header.index(BUFFERS)];
        self.next_key = Some(0);
        self.next_address = ADDRESSES[header.index(ADDRESS)];
        self.stamps = 0;
        self.snapshots = 0;
    }

    /// Drops all tables, and gives their buffers back.
    pub(super) fn clear(&mut self) {
        let own = self.builder.reset().into_iter().flatten();
        let built = self.shelf.drain(..).flat_map(|built| built.blocks);
        let blocks: Vec<Sealed> = self.blocks.drain(..).chain(built).collect();
        for buffer in own.chain(blocks.into_iter().map(|sealed| sealed.buffer)) {
            self.buffers().give(buffer);
        }
    }

    /// The buffers of blocks of the present geometry.
    fn buffers(&mut self) -> &mut Buffers {
        let place = self.geometry.block_size.trailing_zeros() as usize;
        if self.buffers.len() <= place {
            self.buffers.resize_with(place + 1, Buffers::default);
        }
        &mut self.buffers[place]
    }

    /// Takes a buffer for a builder, with the bytes that the header of the input chooses.
    pub(super) fn take_buffer(&mut self) -> Buffer {
        self.take(self.left)
    }

    pub(super) fn take(&mut self, left: Left) -> Buffer {
        let size = self.geometry.block_size;
        let mut buffer = self.buffers().take(size);
        match left {
            Left::Used => {}
            Left::Ones => buffer.bytes_mut().fill(0xff),
            Left::Zeros => buffer.bytes_mut().fill(0),
        }
        buffer
    }

    pub(super) fn give_buffer(&mut self, buffer: Buffer) {
        self.buffers().give(buffer);
    }

    /// Seals a block at the next address.
    pub(super) fn seal(&mut self, (contents, buffer): (Contents, Buffer)) -> Sealed {
        self.next_address += 1;
        Sealed::seal(self.next_address - 1, contents, buffer)
    }

    /// Keeps a table, and drops the oldest if there are too many.
    pub(super) fn keep(&mut self, built: Built<R>) {
        let kept = if self.geometry.is_large { KEPT_LARGE } else { KEPT };
        if self.shelf.len() == kept {
            self.forget(0);
        }
        self.shelf.push(built);
    }

    /// Counts the steps of an operation that reads all blocks of a table. In a large table each
    /// block has thousands of bytes, so that its one step takes as long as many others.
    pub(super) fn count_blocks(&self, place: usize, run: &mut Run) {
        if self.geometry.is_large {
            (0..STEPS_PER_BLOCK * self.shelf[place].blocks.len()).for_each(|_| run.step());
        }
    }

    pub(super) fn forget(&mut self, place: usize) {
        for sealed in self.shelf.remove(place).blocks {
            self.give_buffer(sealed.buffer);
        }
    }

    /// The index of a table among the kept ones. If none is kept, finishes the table that is being
    /// built, or builds one, and returns `None`.
    pub(super) fn place(&mut self, table: Which, run: &mut Run) -> Checked<Option<usize>> {
        let count = self.shelf.len();
        if count == 0 {
            let is_begun = !self.building.records().is_empty();
            let instead = if is_begun { "finish" } else { "build 0x0 count=5 gap=1" };
            run.redirected(|| instead.to_owned());
            let built = if is_begun { self.finish_table(run) } else { self.build(0, 5, 1, run) };
            return built.map(|()| None);
        }
        Ok(Some(count - 1 - table.get() as usize % count))
    }
}

/// The layout of tables of these records.
fn layout<R: Versioned>(block_size: usize, value_count_max: u32) -> TableLayout {
    TableLayout::new(TableOptions::of::<R>(block_size, value_count_max))
        .expect("the settings describe only valid geometries")
}
