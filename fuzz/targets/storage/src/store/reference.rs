//! Converts references to blocks between the model and the core.

use downbeat_lsm::block::BlockReference;

use downbeat_model::store::Reference;

/// Converts a reference to a block from the core to the model.
pub fn name(reference: BlockReference) -> Reference {
    Reference { address: reference.address, checksum: reference.checksum }
}

/// Converts a reference to a block from the model to the core.
pub fn reference(name: Reference) -> BlockReference {
    BlockReference { address: name.address, checksum: name.checksum }
}
