//! The events of the target.

downbeat::events! {
    /// What the world counts.
    pub(super) enum Event {
        StoreRefused "options of a store were refused",
        StoreAccepted "options of a store were accepted",
        StoreLarge "a store is too large to be used",
        StoreUsed "a store was used",
        DeviceRefused "a device was refused",
        OtherOptions "a store was opened with other options than those it was formatted with",
        SameOptions "a store was opened with other sizes of memory, or another interval",
        PartRefused "options of a part were refused",
        PartAccepted "options of a part were accepted",
        PartUsed "a part was used",
        StoreFull "a store became full",
        MoreBlocks "a store was opened with more blocks",
        BlocksRefused "a store was not opened: it has more blocks, or too few are added",
    }
}
