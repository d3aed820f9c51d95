//! States of the store: batches, what an opening writes again, and when power is lost.

downbeat::states! {
    Batch "puts and removals of a batch, by octave, less one" 6,
    Call "batches of a call, by octave, less one" 7,
    Replay "batches that an opening writes again, by octave" 8,
    Records "records after an operation, by octave" 11,
    Deepest "deepest level with a table" 5,
    CrashAfter "power was lost after: nothing, a read, a write, a write of the superblock, a flush of the tree, a read, a write, a flush of the log" 8,
    CrashIn "power was lost: between calls, in a write, in a read, while opening" 4,
    Room "batches that are in no checkpoint when the store is opened, in eighths of the log's room" 8,
}
