//! What names a block: as the model has it, and as the core has it.

use downbeat_lsm::block::BlockReference;

use downbeat::model::store::Reference;

/// What names a block, as the model has it.
pub fn name(reference: BlockReference) -> Reference {
    Reference { address: reference.address, checksum: reference.checksum }
}

/// What names a block, as the grid has it.
pub fn reference(name: Reference) -> BlockReference {
    BlockReference { address: name.address, checksum: name.checksum }
}
