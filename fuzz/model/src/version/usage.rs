//! What is promised of the versions of a key.

/// What is promised of the versions of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Nothing: any version may follow any other.
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
