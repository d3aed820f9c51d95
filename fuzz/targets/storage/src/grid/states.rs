//! States of a store of blocks: what is under way when something happens, and how full it is.

downbeat::states! {
    FreeAtWrite "free blocks when one is acquired, by octave from 2" 7,
    PendingAtRead "pending writes when a block is requested" 5,
    WaitingAtCheckpoint "reads that wait when a checkpoint begins" 5,
    WaitingAtCrash "reads that wait when power is lost" 4,
    PendingAtCrash "pending writes when power is lost" 4,
    CheckpointAtCrash "I/Os of a checkpoint before power is lost, less one" 20,
    OpeningAtCrash "I/Os of an opening before power is lost, less one" 12,
    ReleasedAtDurable "blocks that become free, by octave" 6,
    StagedAtDurable "blocks that become released, by octave" 6,
    TrailersAtCheckpoint "blocks of the free set of a checkpoint" 5,
    HeldAtStep "held blocks that the cache has dropped" 4,
    Opened "the checkpoint that was opened: the last one, the one under way, the last one after a crash of the opening" 3,
    LostAtCrash "blocks that a crash frees, by octave" 6,
    BackAtCrash "releases that a crash undoes, by octave" 6,
}
