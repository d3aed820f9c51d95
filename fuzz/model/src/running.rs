//! Arguments of operations that several targets of a store that runs its own beats share.

use downbeat_input::table_number;

table_number! {
    /// The sizes of memory of a store that is opened: 0 those that it had, 1 the smallest, 2 larger
    /// ones. 0 by default.
    pub Memory: u32 = [0, 1, 2], seldom 1 in 2
}

table_number! {
    /// How many records a page has; all in one page by default.
    pub Page: u32 = [0x1_0000, 1, 2, 3, 4, 7, 8, 16]
}

table_number! {
    /// How many beats; one by default.
    pub Beats: u32 = [1, 2, 3, 4, 6, 8, 12]
}

table_number! {
    /// How many bars; one by default.
    pub Bars: u32 = [1, 2, 3, 4, 6, 8, 12, 16, 24]
}

table_number! {
    /// How many I/Os; none by default.
    pub Steps: u32 = [0, 1, 2, 3, 4, 8, 16, 64]
}

table_number! {
    /// The distance from one chosen record to the next; 1, which chooses every record, by
    /// default.
    pub Nth: u32 = [1, 2, 3, 4, 5, 8]
}

table_number! {
    /// After how many I/Os something happens. 0 by default, which means at once for a power loss,
    /// and the next I/O for a fault.
    pub Io: u32 = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 192
    ]
}

table_number! {
    /// From when the I/Os before a power loss are counted: 0 from now, 1 from a point of the next
    /// checkpoint, which the operation names. 0 by default.
    pub From: u32 = [0, 1]
}

table_number! {
    /// What opens or formats the store: 0 the same object, 1 a new one. 0 by default.
    pub Object: u32 = [0, 1]
}

table_number! {
    /// The kind of fault, by number.
    pub Kind: u32 = [0, 1, 2, 3, 4, 5, 6, 7]
}

table_number! {
    /// How many reads come before a burst of faults; none by default.
    pub Before: u32 = [0, 1, 2, 3, 4, 6, 8, 12, 16, 32]
}

table_number! {
    /// How many reads in a row fail; two by default.
    pub Burst: u32 = [2, 3, 4, 1, 5, 6, 8, 12, 16]
}
