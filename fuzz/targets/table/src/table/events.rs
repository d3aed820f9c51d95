//! Events of a run.

downbeat::events! {
    /// What the world counts.
    pub(super) enum Event {
        TableFinished "table finished",
        TableFull "table full",
        TableOfOneRecord "table of one record",
        TableAbandoned "table abandoned",
        TableForRoom "table finished because it was full",
        BlockFull "value block full",
        BlockShort "value block not full",
        SmallestKey "smallest key in a table",
        LargestKey "largest key in a table",
        TombstoneFound "tombstone found",
        KeyBeforeTable "key before the table",
        KeyBehindTable "key after the table",
        KeyBetweenBlocks "key between two value blocks",
        KeyBetweenRecords "key between two records of a value block",
        RangeOfOneKey "range of one key",
        RangeBetweenBlocks "range between two value blocks",
        RangeOverBlocks "range over several value blocks",
        DamageSeen "damage seen",
        ForgedRefused "forged block refused by its reader",
        ForgedContradicts "forged block refused by a verification alone",
        ForgedPasses "forged block passes",
        OtherRefused "table refused for a wrong description",
        BuiltAgain "table built again",
    }
}
