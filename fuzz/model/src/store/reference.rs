//! References to blocks.

/// A reference to a block: its address and the checksum of its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// The address, from 1; 0 refers to no block.
    pub address: u64,
    /// The checksum of the content, which differs between all blocks written at the address.
    pub checksum: u128,
}
