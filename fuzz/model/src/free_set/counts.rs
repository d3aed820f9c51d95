//! How many blocks of a store are in each state.

/// How many blocks are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Free, reserved or not.
    pub free: u64,
    /// Free and reserved.
    pub reserved: u64,
    /// Not free.
    pub acquired: u64,
    /// Released.
    pub released: u64,
    /// Staged.
    pub staged: u64,
}
