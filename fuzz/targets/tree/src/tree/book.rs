//! Reads blocks and the superblock from the bytes on the disk, according to the documentation of
//! the file format and without the core. Bytes are read as if no sector were damaged.

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::record::{Key as CoreKey, Record, Usage as CoreUsage};
use downbeat_lsm::store::StoreOptions;

use downbeat::disk::Image;
use downbeat::input::version::Usage;
use downbeat_model::format::bytes::{self, Key};
use downbeat_model::format::{Fault, Reference, Root, Sizes, Table, Wrong, block, root};

/// A reader of the bytes on a disk; see the [module](self).
#[derive(Debug)]
pub(super) struct Book {
    sizes: Sizes,
    /// A buffer for a block.
    block: Vec<u8>,
    /// A buffer for all copies of the superblock.
    copies: Vec<u8>,
}

impl Book {
    /// A reader for the disk of a store with these options.
    pub(super) fn new<R: Record>(options: &StoreOptions) -> Self {
        let StoreOptions { layout, tree, .. } = options;
        let sizes = Sizes {
            sector: layout.sector_size,
            block: layout.block_size,
            copies: layout.superblock_copies,
            blocks: layout.block_count,
            record: size_of::<R>(),
            key: R::Key::SIZE,
            tree: tree.id,
            usage: match R::USAGE {
                CoreUsage::General => Usage::General,
                CoreUsage::SecondaryIndex => Usage::Index,
            },
            batch: tree.beat_value_count_max,
            bar: tree.beats_per_bar,
            growth: tree.growth_factor,
            levels: tree.level_count,
            interval: options.checkpoint_interval,
            extra: options.manifest_compact_extra_blocks,
        };
        Self { sizes, block: Vec::new(), copies: Vec::new() }
    }

    /// The sizes of the store.
    pub(super) fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// Reads the header and the used body of the block that a reference names.
    ///
    /// # Errors
    ///
    /// If the disk does not have this block.
    pub(super) fn block(&mut self, image: &Image, reference: Reference) -> Result<&[u8], Fault> {
        let Self { sizes, block, .. } = self;
        if !sizes.has_block(reference.address) {
            return Err(Fault::Address);
        }
        block.resize(sizes.block, 0);
        image.read_undamaged(sizes.block_at(reference.address) as u64, block);
        block::open(block, sizes, reference)
    }

    /// Reads the superblock.
    ///
    /// # Errors
    ///
    /// If the superblock must not be opened.
    pub(super) fn root(&mut self, image: &Image) -> Result<Root, Wrong> {
        let Self { sizes, copies, .. } = self;
        copies.resize(sizes.copies * sizes.copy_size(), 0);
        image.read_undamaged(0, copies);
        root::choose(&root::copies(copies, sizes), sizes)
    }
}

/// Converts a reference from the documentation's terms to the core's.
pub(super) fn core_reference(reference: Reference) -> BlockReference {
    BlockReference { checksum: reference.checksum, address: reference.address }
}

/// Converts a reference from the core's terms to the documentation's.
pub(super) fn reference(reference: BlockReference) -> Reference {
    Reference { checksum: reference.checksum, address: reference.address }
}

/// Converts a key from the core's terms to the documentation's.
pub(super) fn key<K: CoreKey>(key: K) -> Key {
    let mut stored = [0; 32];
    key.store(&mut stored[..K::SIZE]);
    bytes::key(&stored, 0, 32)
}

/// Converts a key from the documentation's terms to the core's.
pub(super) fn core_key<K: CoreKey>(key: Key) -> K {
    let mut stored = [0; 32];
    bytes::set_key(&mut stored, 0, 32, key);
    K::load(&stored[..K::SIZE])
}

/// Describes a table of the manifest as the log does.
pub(super) fn table<K: CoreKey>(level: usize, info: &TableInfo<K>) -> Table {
    Table {
        level: level as u8,
        key_min: key(info.key_min),
        key_max: key(info.key_max),
        index: reference(BlockReference { checksum: info.checksum, address: info.address }),
        snapshot: info.snapshot_min,
        records: u64::from(info.value_count),
    }
}
