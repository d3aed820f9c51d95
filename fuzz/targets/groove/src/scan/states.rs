//! States of the queries: how conditions are joined, what they find, and when power is lost.

downbeat::states! {
    ShapeOfResult "expression of a query whose result is not empty" 32,
    ShapeWithIo "expression of a query that waited for the device" 32,
    ShapeOfSeek "expression of a query with a seek that skipped a row" 32,
    Found "rows of a query, by octave" 10,
    Rows "rows after an operation, by octave" 11,
    Deepest "deepest level with a table at the end of a bar" 5,
    CrashIn "power was lost: between beats, in a beat, in a beat with a checkpoint, while the superblock was written, while opening" 5,
    CheckpointAtCrash "I/Os from the flush of a checkpoint to the loss of power, less one" 6,
}
