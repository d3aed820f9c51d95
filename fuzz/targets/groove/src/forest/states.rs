//! States of the forest: which trees work together, how deep they are, and when power is lost.

downbeat::states! {
    Busy "trees that compact in a half-bar, as bits: narrow, parts, wide, ticks" 16,
    DeepestOfNarrow "levels in use of the narrow tree" 5,
    DeepestOfParts "levels in use of the parts" 5,
    DeepestOfWide "levels in use of the wide tree" 5,
    DeepestOfTicks "levels in use of the ticks" 4,
    Scanned "records of a scan, by octave" 9,
    Found "objects of a query or a range, by octave" 8,
    ScopeSets "sets of trees written in a scope" 5,
    ScopeWrites "writes of a scope, by octave" 6,
    Impostors "as what a store was not opened" 16,
    CrashIn "power was lost: between beats, in a beat, in a beat with a checkpoint, while the superblock was written, while opening" 5,
    CheckpointAtCrash "I/Os from the flush of a checkpoint to the loss of power, less one" 6,
    Lost "changes to be repeated after an opening, by octave" 9,
}
