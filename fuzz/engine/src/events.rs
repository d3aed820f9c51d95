//! What the world counts.

downbeat::events! {
    /// What happened in a run.
    pub(crate) enum Event {
        Found "get found its key",
        Absent "get of an absent key",
        ScanBack "scan from the back",
        ScanBoth "scan from both ends",
        ScanInverted "scan of an inverted range",
        Batch "batch with several writes of a key",
        RolledBack "transaction rolled back",
        SnapshotOld "read at a snapshot that later writes differ from",
        Reopened "reopened with data",
        Restored "restored a state",
        Deleted "deleted a key space with data",
        NotOffered "operation that the engine does not offer",
        Crash "crash",
        CrashLost "crash that lost a write",
        CrashWent "went on after a crash",
        Fault "error in place of a call",
        FaultSeen "operation that failed after an error",
    }
}
