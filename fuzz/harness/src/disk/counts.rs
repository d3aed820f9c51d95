//! What a disk did, counted.
//!
//! Each sort of fault and outcome keeps its number. A world reports them as events of its run, so
//! that an outcome that a corpus never reaches is noticed.

macro_rules! outcomes {
    ($($(#[$about:meta])* $Name:ident $words:literal),+ $(,)?) => {
        /// Something that happens on a disk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Outcome {
            $($(#[$about])* $Name),+
        }

        impl Outcome {
            /// Every one, by number.
            pub const ALL: &[Self] = &[$(Self::$Name),+];

            /// Each in words, by number: names of events.
            pub const NAMES: &[&'static str] = &[$($words),+];
        }
    };
}

outcomes! {
    /// A read was done.
    Read "disk: read",
    /// A write was done.
    Write "disk: write",
    /// A flush was done.
    Flush "disk: flush",
    /// Power was lost.
    Crash "disk: crash",
    /// Power was lost while an operation was in flight.
    CrashInFlight "disk: crash with operations in flight",
    /// A version of a sector that was not durable survived a crash.
    SectorSurvived "disk: unflushed sector survived a crash",
    /// One was torn.
    SectorTorn "disk: unflushed sector was torn by a crash",
    /// One vanished.
    SectorVanished "disk: unflushed sector vanished in a crash",
    /// One that had a newer one survived at least in part.
    OlderSurvived "disk: older version of an unflushed sector survived a crash",
    /// A write in flight was done although nobody was told.
    InFlightApplied "disk: write in flight was done, and nobody was told",
    /// A write in flight was not done.
    InFlightDropped "disk: write in flight was not done",
    /// The process was started again, and the power stayed on.
    Restart "disk: restart without a crash",
    /// A read failed, once.
    ReadFailed "disk: read failed once",
    /// A write failed; some of its sectors may be written.
    WriteFailed "disk: write failed",
    /// A flush failed.
    FlushFailed "disk: flush failed",
    /// A flush was reported as done and was not.
    FlushLost "disk: flush was reported and not done",
    /// A write was reported as done and was not.
    WriteLost "disk: write was reported and not done",
    /// A write went to another place of its zone.
    MisdirectedWithin "disk: write went elsewhere in its zone",
    /// A write went to the other zone.
    MisdirectedAcross "disk: write went to the other zone",
    /// A bit was flipped.
    Flipped "disk: bit flipped",
    /// A sector was zeroed.
    Zeroed "disk: sector zeroed",
    /// A sector was filled with noise.
    Garbled "disk: sector garbled",
    /// A sector became unreadable.
    Unreadable "disk: sector became unreadable",
    /// A read met an unreadable sector.
    UnreadableRead "disk: read of an unreadable sector",
    /// A read gave damaged bytes.
    DamagedRead "disk: read gave damaged bytes",
    /// A damaged sector was written again.
    Rewritten "disk: damaged sector was written again",
    /// A fault did not happen because of the limits.
    Withheld "disk: fault beyond the limits withheld",
}

/// How often each [`Outcome`] happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    counts: [u64; Outcome::ALL.len()],
}

impl Default for Counts {
    fn default() -> Self {
        Self { counts: [0; Outcome::ALL.len()] }
    }
}

impl Counts {
    /// How often it happened.
    #[must_use]
    #[inline]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// Those that happened, with how often.
    pub fn happened(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        let counted = Outcome::ALL.iter().map(|outcome| (*outcome, self.of(*outcome)));
        counted.filter(|(_, count)| *count > 0)
    }

    #[inline]
    pub(super) fn add(&mut self, outcome: Outcome, count: u64) {
        self.counts[outcome as usize] += count;
    }
}

/// A target's names of events: its own, then those of `outcomes` from number `own.len()` on.
///
/// # Panics
///
/// If there are not `COUNT` of them.
#[must_use]
pub const fn event_names<const COUNT: usize>(
    own: &[&'static str],
    outcomes: &[Outcome],
) -> [&'static str; COUNT] {
    assert!(own.len() + outcomes.len() == COUNT);
    let mut names = [""; COUNT];
    let mut index = 0;
    while index < COUNT {
        names[index] = if index < own.len() {
            own[index]
        } else {
            Outcome::NAMES[outcomes[index - own.len()] as usize]
        };
        index += 1;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_a_targets_own_and_then_the_outcomes_it_names() {
        const OUTCOMES: &[Outcome] = &[Outcome::Withheld, Outcome::Read];
        const NAMES: [&str; 3] = event_names(&["reset"], OUTCOMES);
        assert_eq!(NAMES, ["reset", "disk: fault beyond the limits withheld", "disk: read"]);
    }

    #[test]
    fn outcomes_have_names_that_no_two_share() {
        let mut names = Outcome::NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Outcome::ALL.len());
    }
}
