//! What is counted of a run.

use downbeat::run::Run;

/// What happened.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(super) enum Event {
    NoStreams,
    LateAtStart,
    LateInside,
    StartedAgain,
    StartedAnew,
    SeekMoves,
    SeekStays,
    SeekPastAll,
    SeekToNext,
    ResetWithOlderVersions,
    VanishedAtTheEnd,
    AllVanished,
    InEveryStream,
    Smallest,
    Largest,
    WaitedForEnd,
}

const _: () = assert!(NAMES.len() == Event::WaitedForEnd as usize + 1);

/// Every event, by number.
pub(super) const NAMES: &[&str] = &[
    "merge of no streams",
    "not ready as it starts",
    "not ready later",
    "a merge that had ended is started again",
    "a merge that had not ended is left for another",
    "seek that moves the streams",
    "seek to where the merge was",
    "seek past all",
    "seek to what comes next",
    "reset while older versions of the last key are left",
    "versions vanish at the very end",
    "all versions vanish",
    "a key in each of several streams",
    "the smallest key of all",
    "the largest key of all",
    "the end comes after a late stream",
];

impl Event {
    #[inline]
    pub(super) fn count(self, run: &mut Run) {
        run.event(self as usize, 1);
    }
}
