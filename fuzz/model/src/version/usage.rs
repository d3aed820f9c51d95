//! What is promised of the versions of a key.

/// What is promised of the versions of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Nothing.
    General,
    /// They are put and removed in turn.
    Index,
}

/// The usages by name. The choices of a setting; append-only.
pub const USAGE_NAMES: [&str; 2] = ["general", "index"];

impl Usage {
    /// Every usage, in the order of [`USAGE_NAMES`].
    pub const ALL: [Usage; 2] = [Usage::General, Usage::Index];
}
