//! What a superblock may be opened as, and what it was opened as.

use super::Written;

/// What a superblock was opened as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// What was acknowledged last.
    Acknowledged,
    /// What was under way.
    UnderWay,
    /// Something that was written earlier, because the device has broken its promises.
    Earlier,
}

/// What may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// What was acknowledged last.
    pub acknowledged: Written,
    /// What is under way.
    pub under_way: Option<Written>,
    /// Whether anything that was written may be opened, or nothing.
    pub anything: bool,
}

impl Expected {
    /// The allowed superblocks in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let Expected { acknowledged, under_way, anything } = self;
        let mut words = acknowledged.describe();
        if let Some(under_way) = under_way {
            words += &format!("; or {}", under_way.describe());
        }
        if *anything {
            words += "; or anything that was written";
        }
        words
    }
}
