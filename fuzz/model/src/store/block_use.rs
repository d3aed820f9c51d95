//! The use of a block.

/// The use of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Use {
    /// Nothing: the block may be acquired.
    #[default]
    Free,
    /// The block is acquired.
    Acquired,
    /// The block is released, and becomes free once the next checkpoint is durable.
    Released,
    /// The block was released before the newest checkpoint was durable. It becomes released once
    /// that checkpoint is durable.
    Staged,
}
