//! Built tables, and a shelf that keeps their blocks in memory instead of on a device.

use downbeat_lsm::block::{
    BODY_OFFSET, Block, BlockReference, Contents, Corruption, METADATA_SIZE, Place, Reason, open,
    seal,
};
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::record::Record;
use downbeat_lsm::storage::Buffer;
use downbeat_lsm::table::{
    IndexBlock, IndexEntry, TableBuilder, TableLayout, TableOptions, TableVerification,
};

use crate::records::Numbered;

pub(crate) const TREE: u16 = 3;
pub(crate) const SNAPSHOT: u64 = 40;
pub(crate) const SECTOR: usize = 64;

pub(crate) fn layout<R: Record>(block_size: usize, value_count_max: u32) -> TableLayout {
    TableLayout::new(TableOptions::of::<R>(block_size, value_count_max))
        .expect("the sizes are valid")
}

/// A buffer of one block, filled with `byte`, like a buffer that was used before.
pub(crate) fn used(layout: &TableLayout, byte: u8) -> Buffer {
    let mut buffer = Buffer::new(layout.block_size());
    buffer.bytes_mut().fill(byte);
    buffer
}

/// Blocks in memory, in the order of their addresses. The first address is 1.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) blocks: Vec<Buffer>,
}

impl Shelf {
    pub(crate) fn put(&mut self, (contents, mut buffer): (Contents, Buffer)) -> BlockReference {
        let address = self.blocks.len() as u64 + 1;
        let (reference, _) = seal(buffer.bytes_mut(), address, &contents, SECTOR);
        self.blocks.push(buffer);
        reference
    }

    pub(crate) fn open(&self, reference: BlockReference) -> Result<Block<'_>, Corruption> {
        let place = usize::try_from(reference.address - 1).expect("an address fits in a usize");
        open(self.blocks[place].bytes(), reference, SECTOR)
    }

    /// Changes the byte at `offset` in a block, and seals the block again. The byte must be in the
    /// metadata or the body.
    fn forge(&mut self, reference: BlockReference, offset: usize, byte: u8) -> BlockReference {
        let place = usize::try_from(reference.address - 1).expect("an address fits in a usize");
        let contents = self.open(reference).expect("a sound block").contents;
        let bytes = self.blocks[place].bytes_mut();
        bytes[offset] = byte;
        let metadata = bytes[BODY_OFFSET - METADATA_SIZE..BODY_OFFSET].try_into();
        let contents =
            Contents { metadata: metadata.expect("the slice has the right size"), ..contents };
        seal(bytes, reference.address, &contents, SECTOR).0
    }
}

/// A table, and its blocks.
pub(crate) struct Built<R: Record> {
    pub(crate) layout: TableLayout,
    pub(crate) shelf: Shelf,
    pub(crate) table: TableInfo<R::Key>,
}

impl<R: Record> Built<R> {
    pub(crate) fn reference(&self) -> BlockReference {
        self.verification().reference()
    }

    /// The index entry of value block `number`.
    pub(crate) fn entry(&self, number: usize) -> IndexEntry<R::Key> {
        let index = self.shelf.open(self.reference()).expect("a sound block");
        IndexBlock::decode(&self.layout, TREE, &index.contents, index.body)
            .expect("an index block")
            .entry(number)
    }

    pub(crate) fn verification(&self) -> TableVerification<'_, R::Key> {
        TableVerification::new(&self.layout, TREE, &self.table)
    }

    /// Returns the block that `reference` refers to, or the reason why it is invalid.
    pub(crate) fn open(&self, reference: BlockReference) -> Result<Block<'_>, Reason> {
        if reference.address == 0 || reference.address > self.shelf.blocks.len() as u64 {
            return Err(Reason::Address);
        }
        self.shelf.open(reference).map_err(|corruption| corruption.reason)
    }

    /// Changes a byte of the index block, and seals the block again.
    pub(crate) fn forge_index(&mut self, offset: usize, byte: u8) {
        let BlockReference { checksum, .. } = self.shelf.forge(self.reference(), offset, byte);
        self.table.checksum = checksum;
    }

    /// Changes a byte of value block `number`. Seals this block and the index block again.
    pub(crate) fn forge_values(&mut self, number: usize, offset: usize, byte: u8) {
        let reference = self.entry(number).reference;
        let BlockReference { checksum, .. } = self.shelf.forge(reference, offset, byte);
        for (place, byte) in checksum.to_le_bytes().into_iter().enumerate() {
            self.forge_index(BODY_OFFSET + 16 * number + place, byte);
        }
    }

    pub(crate) fn verify(&self) -> Result<(), Corruption> {
        self.verification().run::<R, _, Corruption>(
            |reference| {
                let place = Place::Block(reference.address);
                self.open(reference).map_err(|reason| Corruption { place, reason })
            },
            |block| *block,
        )
    }
}

/// Builds a table of these records in buffers filled with `byte`, at most `step` records at a time.
pub(crate) fn built<R: Record>(
    layout: &TableLayout,
    records: &[R],
    byte: u8,
    step: usize,
) -> Built<R> {
    let mut shelf = Shelf::default();
    let mut builder = TableBuilder::<R>::new(layout, TREE);
    let table = build(&mut builder, &mut shelf, records, byte, step);
    Built { layout: *layout, shelf, table }
}

/// Builds a table with a builder that may have built others before.
pub(crate) fn build<R: Record>(
    builder: &mut TableBuilder<R>,
    shelf: &mut Shelf,
    records: &[R],
    byte: u8,
    step: usize,
) -> TableInfo<R::Key> {
    let layout = *builder.layout();
    builder.set_index_block(used(&layout, byte), SNAPSHOT);
    let mut left = records;
    while !left.is_empty() {
        if !builder.has_value_block() {
            builder.set_value_block(used(&layout, byte));
        }
        let room = builder.room();
        let count = step.min(room.len()).min(left.len());
        let (now, later) = left.split_at(count);
        room[..count].copy_from_slice(now);
        builder.advance(count);
        left = later;
        if builder.value_block_is_full() || left.is_empty() {
            let reference = shelf.put(builder.finish_value_block());
            builder.value_block_written(reference);
        }
    }
    let reference = shelf.put(builder.finish_index_block());
    builder.table_written(reference)
}

/// Returns `count` records. Their numbers are the multiples of `gap + 1`, without 0: `gap` numbers
/// are left out before each record.
pub(crate) fn records<R: Numbered>(count: u64, gap: u64) -> Vec<R> {
    (0..count).map(|number| R::numbered((number + 1) * (gap + 1))).collect()
}
