//! The states at which a superblock may be opened, and the state at which it was opened.

use super::Written;

/// The state at which a superblock was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The state that was acknowledged last.
    Acknowledged,
    /// The state that was under way.
    UnderWay,
    /// An earlier state, because the device has broken its promises.
    Earlier,
}

/// The states at which a superblock may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The superblock that was acknowledged last.
    pub acknowledged: Written,
    /// The superblock that is under way.
    pub under_way: Option<Written>,
    /// Whether any superblock that was ever written may be opened.
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
