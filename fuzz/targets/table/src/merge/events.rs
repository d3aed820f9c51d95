//! Events of a run.

downbeat::events! {
    /// What the world counts.
    pub(super) enum Event {
        NoStreams "merge of no streams",
        LateAtStart "stream not ready at the start",
        LateInside "stream not ready after the start",
        StartedAgain "merge started again after it ended",
        StartedAnew "merge abandoned before it ended",
        SeekMoves "seek that moves the streams",
        SeekStays "seek to where the merge was",
        SeekPastAll "seek past all records",
        SeekToNext "seek to the next key",
        ResetWithOlderVersions "reset while older versions of the last key are left",
        VanishedAtTheEnd "versions cancel out at the end of a merge",
        AllVanished "all versions cancel out",
        InEveryStream "key that is in every one of several streams",
        Smallest "the smallest key of all",
        Largest "the largest key of all",
        WaitedForEnd "merge ends after it waited for a stream",
    }
}
