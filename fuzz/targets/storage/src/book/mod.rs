//! Reads blocks, the superblock and the manifest log from the bytes on the disk by the
//! documentation of the file format, without the core. Bytes are read as if no sector were damaged.

mod log;

pub use log::LogBook;

use downbeat_lsm::block::BlockReference;
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::record::Key as CoreKey;

use downbeat::disk::Image;
use downbeat_model::format::bytes::{self, Key};
use downbeat_model::format::{Fault, Reference, Root, Sizes, Table, Wrong, block, root, sizes};

/// A reader of the bytes on a disk; see the [module](self).
#[derive(Debug)]
pub struct Book {
    /// The sizes of the store, once for each tree.
    trees: Vec<Sizes>,
    /// The lower half of the store's identity.
    identity: u64,
    /// A buffer for a block.
    block: Vec<u8>,
    /// A buffer for all copies of the superblock.
    copies: Vec<u8>,
}

impl Book {
    /// A reader for the disk of a store of one tree with these sizes.
    pub fn of_tree(sizes: Sizes) -> Self {
        let identity = sizes.identity();
        Self { trees: vec![sizes], identity, block: Vec::new(), copies: Vec::new() }
    }

    /// A reader for the disk of a store of trees with these sizes, checksums of fields and names,
    /// in the store's order; see [`sizes::identity`].
    pub fn of_trees(trees: &[(Sizes, u64, &str)]) -> Self {
        let identity = sizes::identity(trees);
        let trees = trees.iter().map(|(sizes, ..)| *sizes).collect();
        Self { trees, identity, block: Vec::new(), copies: Vec::new() }
    }

    /// The sizes of the store, with those of its first tree.
    pub fn sizes(&self) -> &Sizes {
        &self.trees[0]
    }

    /// The sizes of the tree with this number, if the store has it.
    pub fn sizes_of(&self, tree: u16) -> Option<&Sizes> {
        self.trees.iter().find(|sizes| sizes.tree == tree)
    }

    /// Reads the header and the used body of the block that a reference names.
    ///
    /// # Errors
    ///
    /// If the disk does not have this block.
    pub fn block(&mut self, image: &Image, reference: Reference) -> Result<&[u8], Fault> {
        let Self { trees, block, .. } = self;
        let sizes = &trees[0];
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
    pub fn root(&mut self, image: &Image) -> Result<Root, Wrong> {
        let Self { trees, identity, copies, .. } = self;
        let sizes = &trees[0];
        copies.resize(sizes.copies * sizes.copy_size(), 0);
        image.read_undamaged(0, copies);
        root::choose_of(&root::copies(copies, sizes), sizes, *identity)
    }
}

/// Converts a reference from the documentation's terms to the core's.
pub fn core_reference(reference: Reference) -> BlockReference {
    BlockReference { checksum: reference.checksum, address: reference.address }
}

/// Converts a reference from the core's terms to the documentation's.
pub fn reference(reference: BlockReference) -> Reference {
    Reference { checksum: reference.checksum, address: reference.address }
}

/// Converts a key from the core's terms to the documentation's.
pub fn key<K: CoreKey>(key: K) -> Key {
    let mut stored = [0; 32];
    key.store(&mut stored[..K::SIZE]);
    bytes::key(&stored, 0, 32)
}

/// Converts a key from the documentation's terms to the core's.
pub fn core_key<K: CoreKey>(key: Key) -> K {
    let mut stored = [0; 32];
    bytes::set_key(&mut stored, 0, 32, key);
    K::load(&stored[..K::SIZE])
}

/// Describes a table of the manifest as the log does.
pub fn table<K: CoreKey>(level: usize, info: &TableInfo<K>) -> Table {
    Table {
        level: level as u8,
        key_min: key(info.key_min),
        key_max: key(info.key_max),
        index: reference(BlockReference { checksum: info.checksum, address: info.address }),
        snapshot: info.snapshot_min,
        records: u64::from(info.value_count),
    }
}
