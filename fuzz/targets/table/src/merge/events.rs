//! Events of a run.

downbeat::events! {
    /// What the world counts.
    pub(super) enum Event {
        NoStreams "merge of no streams",
        LateAtStart "stream not ready at the start",
        LateInside "stream not ready later",
        StartedAgain "a merge that had ended is started again",
        StartedAnew "a merge that had not ended is abandoned",
        SeekMoves "seek that moves the streams",
        SeekStays "seek to where the merge was",
        SeekPastAll "seek past all records",
        SeekToNext "seek to the next key",
        ResetWithOlderVersions "reset while older versions of the last key are left",
        VanishedAtTheEnd "versions vanish at the end of a merge",
        AllVanished "all versions vanish",
        InEveryStream "a key in each of several streams",
        Smallest "the smallest key of all",
        Largest "the largest key of all",
        WaitedForEnd "merge ends after a late stream",
    }
}
