//! What a map may answer.

/// What a map may answer for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing is known of the key.
    Absent,
    /// The key was removed since the last compaction.
    Removed,
    /// This value.
    Value(u64),
    /// This value, or nothing: it is older than the last compaction.
    ValueOrAbsent(u64),
}

impl std::fmt::Display for Expected {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Absent => write!(formatter, "absent"),
            Expected::Removed => write!(formatter, "removed"),
            Expected::Value(stamp) => write!(formatter, "#{stamp}"),
            Expected::ValueOrAbsent(stamp) => write!(formatter, "#{stamp} or absent"),
        }
    }
}
