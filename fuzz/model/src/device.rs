//! What an input can choose of the simulated device, in every target that writes to one.

use crate::table_number;

/// The orders in which I/O completes, by name. The choices of a setting; append-only.
pub const ORDER_NAMES: [&str; 5] = ["submission", "reversed", "reads", "writes", "chance"];

/// How much may be damaged at once, by name. The choices of a setting; append-only.
pub const FAULT_NAMES: [&str; 2] = ["within", "beyond"];

table_number! {
    /// Which I/O from now on, counted from 1; 0, which means none, when missing.
    pub Io: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24]
}
