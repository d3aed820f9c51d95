//! States of a manifest log: its length and content, and how far the work of a half-bar, a
//! checkpoint or an opening is when power is lost.

downbeat::states! {
    LengthAtHalfBar "blocks when a half-bar begins, in sixteenths of the bound" 14,
    CompactedAtHalfBar "blocks that a half-bar compacts, by octave" 7,
    KeptAtHalfBar "entries that a half-bar keeps, by octave" 7,
    AgeAtRemove "blocks after the newest entry of a removed table, by octave" 8,
    TablesAtHalfBar "live tables when a half-bar begins, in eighths of the maximum" 9,
    WaitedAtHalfBar "I/Os that a half-bar waits for, by octave" 7,
    AppendedInHalfBar "entries that trees append in a half-bar, by octave" 7,
    OpenAtEnd "entries of the open block when a half-bar ends" 8,
    OpenAtCheckpoint "entries of the block that a checkpoint closes" 8,
    BlocksAtCheckpoint "blocks at a checkpoint, by octave" 9,
    BlocksAtOpening "blocks that are read when the log is opened, by octave" 9,
    TablesAtOpening "tables that are reported, by octave" 7,
    RemovesAtOpening "removes in a log that is opened, by octave" 8,
    CancelledAtOpening "inserts of removed tables in a log that is opened, by octave" 7,
    PhaseAtCrash "when power is lost: between half-bars, during a compaction, while trees may append" 3,
    HalfBarAtCrash "I/Os of a half-bar before power is lost" 16,
    CheckpointAtCrash "I/Os of a checkpoint before power is lost, less one" 18,
    OpeningAtCrash "I/Os of an opening before power is lost, less one" 16,
    Opened "the checkpoint that was opened: the last one, the one under way, the last one after a crash of the opening" 3,
}
