//! What a map may answer.

/// What a map may answer for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The map has neither a value nor a tombstone for the key.
    Absent,
    /// The key was removed since the last compaction.
    Removed,
    /// The value with this stamp.
    Value(u64),
    /// The value with this stamp, or absent. The value was put before the last compaction, so it
    /// may have been evicted.
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
