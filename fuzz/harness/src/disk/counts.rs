//! Counts of what a disk did.
//!
//! Each kind of fault and outcome is counted separately. A target with a disk includes the
//! [`Outcome`]s in its table of events ([`events!`](crate::events!)), so each outcome must happen
//! in the target's corpus.

macro_rules! outcomes {
    ($($(#[$about:meta])* $Name:ident $words:literal),+ $(,)?) => {
        /// Something that happens on a disk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Outcome {
            $(#[doc = concat!("The event \"", $words, "\".")] $(#[$about])* $Name),+
        }

        impl Outcome {
            /// Every outcome, by number.
            pub const ALL: &[Self] = &[$(Self::$Name),+];

            /// The names of the outcomes' events, by number.
            pub const NAMES: &[&'static str] = &[$($words),+];
        }
    };
}

outcomes! {
    Read "disk: read",
    Write "disk: write",
    Flush "disk: flush",
    Crash "disk: crash",
    CrashInFlight "disk: crash with operations in flight",
    SectorSurvived "disk: unflushed sector survived a crash",
    SectorTorn "disk: unflushed sector was torn by a crash",
    SectorVanished "disk: unflushed sector vanished in a crash",
    /// A version of an unflushed sector, older than the newest, survived at least in part.
    OlderSurvived "disk: older version of an unflushed sector survived a crash",
    InFlightApplied "disk: write in flight was done but not reported",
    InFlightDropped "disk: write in flight was not done",
    Restart "disk: restart without a crash",
    /// A read failed; the next read may succeed.
    ReadFailed "disk: read failed once",
    /// A write failed; some of its sectors may have been written.
    WriteFailed "disk: write failed",
    FlushFailed "disk: flush failed",
    FlushLost "disk: flush was reported but not done",
    WriteLost "disk: write was reported but not done",
    MisdirectedWithin "disk: write went elsewhere in its zone",
    MisdirectedAcross "disk: write went to the other zone",
    Flipped "disk: bit flipped",
    Zeroed "disk: sector zeroed",
    Garbled "disk: sector garbled",
    Unreadable "disk: sector became unreadable",
    UnreadableRead "disk: read of an unreadable sector",
    DamagedRead "disk: read gave damaged bytes",
    Rewritten "disk: damaged sector was written again",
    /// An armed fault did not happen, because it would have exceeded the limits.
    Withheld "disk: fault beyond the limits withheld",
}

/// How often each [`Outcome`] happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    counts: [u64; Outcome::ALL.len()],
}

impl Counts {
    /// Returns how often `outcome` happened.
    #[must_use]
    #[inline]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// Iterates over the outcomes that happened, in the order of their numbers, with their counts.
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
