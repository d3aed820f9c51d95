//! What became of a mutant.

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It was not tried: the page says that it does nothing wrong.
    Equivalent,
    /// The core does not compile with it.
    DoesNotCompile,
    /// An attempt killed it.
    Killed {
        /// `replay`, or the searcher's name.
        by: String,
        /// The target's name.
        target: &'static str,
        /// The check that failed.
        check: String,
        /// The time of the attempt, in seconds: CPU time of a search, or the time of a replay.
        seconds: f64,
    },
    /// No attempt killed it.
    Survived,
}

impl Fate {
    /// Whether a replay killed the mutant.
    #[must_use]
    pub fn is_by_replay(&self) -> bool {
        matches!(self, Fate::Killed { by, .. } if by == super::attempt::REPLAY)
    }

    /// Whether the mutant counts: it compiles, and is not known to do nothing wrong.
    #[must_use]
    pub fn counts(&self) -> bool {
        !matches!(self, Fate::Equivalent | Fate::DoesNotCompile)
    }
}
