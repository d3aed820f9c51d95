//! Counts of what a disk did.
//!
//! Each kind of fault and outcome is counted apart. A target with a disk includes the
//! [`Outcome`]s in its table of events ([`events!`](crate::events!)), so a corpus in which an
//! outcome never happens is noticed.

macro_rules! outcomes {
    ($($(#[$about:meta])* $Name:ident $words:literal),+ $(,)?) => {
        /// Something that happens on a disk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Outcome {
            $($(#[$about])* $Name),+
        }

        impl Outcome {
            /// Every outcome, by number.
            pub const ALL: &[Self] = &[$(Self::$Name),+];

            /// The outcomes in words, by number: the names of their events.
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
    /// An unflushed sector survived a crash.
    SectorSurvived "disk: unflushed sector survived a crash",
    /// An unflushed sector was torn in a crash.
    SectorTorn "disk: unflushed sector was torn by a crash",
    /// An unflushed sector vanished in a crash.
    SectorVanished "disk: unflushed sector vanished in a crash",
    /// A version of an unflushed sector, older than the newest, survived at least in part.
    OlderSurvived "disk: older version of an unflushed sector survived a crash",
    /// A write in flight was done although its completion was never reported.
    InFlightApplied "disk: write in flight was done but not reported",
    /// A write in flight was not done.
    InFlightDropped "disk: write in flight was not done",
    /// The process restarted while the power stayed on.
    Restart "disk: restart without a crash",
    /// A read failed; the next read may succeed.
    ReadFailed "disk: read failed once",
    /// A write failed; some of its sectors may be written.
    WriteFailed "disk: write failed",
    /// A flush failed.
    FlushFailed "disk: flush failed",
    /// A flush was reported as done but not done.
    FlushLost "disk: flush was reported but not done",
    /// A write was reported as done but not done.
    WriteLost "disk: write was reported but not done",
    /// A write went elsewhere in its zone.
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
    /// An armed fault did not happen, because it would have exceeded the limits.
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
    /// How often `outcome` happened.
    #[must_use]
    #[inline]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// The outcomes that happened, by number, with how often.
    pub fn happened(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        let counted = Outcome::ALL.iter().map(|outcome| (*outcome, self.of(*outcome)));
        counted.filter(|(_, count)| *count > 0)
    }

    #[inline]
    pub(super) fn add(&mut self, outcome: Outcome, count: u64) {
        self.counts[outcome as usize] += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_different_names() {
        let mut names = Outcome::NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Outcome::ALL.len());
    }
}
