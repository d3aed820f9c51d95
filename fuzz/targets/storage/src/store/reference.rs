//! What names a block: as the model has it, and as the core has it.

use downbeat_lsm::block::BlockReference;

use downbeat_model::store::Reference;

/// Converts the name of a block from the grid to the model.
pub fn name(reference: BlockReference) -> Reference {
    Reference { address: reference.address, checksum: reference.checksum }
}

/// Converts the name of a block from the model to the grid.
pub fn reference(name: Reference) -> BlockReference {
    BlockReference { address: name.address, checksum: name.checksum }
}
