//! Small stores that forget one sync if they are told to.
//!
//! There is a store in Rust, the same store in C++, and a store in a mapped file. The first two are
//! as follows. A store keeps the last number put; numbers are put in their order. It has a log of
//! numbers with checksums, and a file with the state to which the log is folded: a new file is
//! written and renamed over the old one, and the log is cut. A log that does not follow on the
//! state is ignored. [`tried`] runs a store, crashes it after each call, and counts the images in
//! which it does not hold what it promised: a put is durable when it returns.

#[cfg(cpp)]
mod cpp;
mod mapped;
mod rust;
mod trial;

#[cfg(cpp)]
pub use cpp::Cpp;
pub use mapped::Mapped;
pub use rust::Rust;
pub use trial::{Store, Trial, tried};

/// What a store forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Forgets {
    /// Nothing: the store is right.
    Nothing = 0,
    /// The sync of what was put.
    LogSync = 1,
    /// The sync of the directory after the file for what is put was made.
    LogName = 2,
    /// The sync of the new file before it is renamed.
    StateSync = 3,
    /// The new file is synced, but only after it was renamed.
    SyncBeforeRename = 4,
    /// The sync of the directory after the rename.
    StateName = 5,
}

impl Forgets {
    /// Everything that a store with a log can forget.
    pub const ALL: [Forgets; 6] = [
        Forgets::Nothing,
        Forgets::LogSync,
        Forgets::LogName,
        Forgets::StateSync,
        Forgets::SyncBeforeRename,
        Forgets::StateName,
    ];
}
