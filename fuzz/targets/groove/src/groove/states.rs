//! States of the grooves: how queries join, what they find, and when power is lost.

use downbeat::states::octave;

downbeat::states! {
    ShapeOfResult "shape of a query whose result is not empty" 12,
    ShapeWithIo "shape of a query that waited for the device" 12,
    ShapeOfSeek "shape of a query with a seek that skipped an object" 12,
    Found "objects of a query, by octave" 7,
    Objects "things after an operation, by octave" 9,
    FoundBy "prefetch from the device: by primary key, by timestamp, by code" 3,
    ScopeWrites "writes of a scope in a groove, by octave" 5,
    Deepest "deepest level of things with a table at the end of a bar" 4,
    CrashIn "power was lost: between beats, in a beat, in a beat with a checkpoint, while the superblock was written, while opening" 5,
    CheckpointAtCrash "I/Os from the flush of a checkpoint to the loss of power, less one" 6,
}

/// The octave of a number.
pub(super) fn size(number: usize) -> usize {
    octave(number as u64)
}
