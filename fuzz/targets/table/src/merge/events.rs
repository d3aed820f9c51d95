//! Events of a run.

downbeat::events! {
    /// What the world counts.
    pub(super) enum Event {
        NoStreams "merge of no streams",
        LateAtStart "not ready as it starts",
        LateInside "not ready later",
        StartedAgain "a merge that had ended is started again",
        StartedAnew "a merge that had not ended is left for another",
        SeekMoves "seek that moves the streams",
        SeekStays "seek to where the merge was",
        SeekPastAll "seek past all",
        SeekToNext "seek to what comes next",
        ResetWithOlderVersions "reset while older versions of the last key are left",
        VanishedAtTheEnd "versions vanish at the very end",
        AllVanished "all versions vanish",
        InEveryStream "a key in each of several streams",
        Smallest "the smallest key of all",
        Largest "the largest key of all",
        WaitedForEnd "the end comes after a late stream",
    }
}
