//! The events of the target.

downbeat::events! {
    /// What the world counts.
    pub(super) enum Event {
        Opened "a changed image opened",
        Refused "a changed image was refused",
        OpenedForged "an image with valid checksums opened",
        RefusedForged "an image with valid checksums was refused",
        OpenedSound "an image with valid checksums opened, and its tables agree",
        OtherRoot "an older or newer superblock opened",
        GetFailed "a get failed",
        ScanFailed "a scan failed",
        BeatFailed "a beat found that something is wrong",
        Full "the store became full",
        FullRefused "write refused: the store is full",
        Checkpointed "a changed image was written to, up to a checkpoint",
        ReopenedForged "a store opened again after a checkpoint on a changed image",
        Healed "a refused image was replaced by the image before its change",
        Formatted "a store that could not be written to was formatted",
    }
}
