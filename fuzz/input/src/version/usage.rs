//! The usage of a tree, which decides how the versions of a key may follow each other.

/// The order in which the versions of a key may follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Any version may follow any other.
    General,
    /// Puts and removals of a key alternate.
    Index,
}

/// The usages by name: the choices of a setting. New ones are added at the end.
pub const USAGE_NAMES: [&str; 2] = ["general", "index"];

impl Usage {
    /// Every usage, in the order of [`USAGE_NAMES`].
    pub const ALL: [Usage; 2] = [Usage::General, Usage::Index];
}
