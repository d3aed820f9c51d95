//! The choices of an input about the simulated device, for the targets that write to one.

use crate::table_number;

/// The orders in which I/O completes, by name: the choices of a setting. New ones are added at the
/// end.
pub const ORDER_NAMES: [&str; 5] = ["submission", "reversed", "reads", "writes", "chance"];

/// How much may be damaged at once, by name: the choices of a setting. New ones are added at the
/// end.
pub const FAULT_NAMES: [&str; 2] = ["within", "beyond"];

table_number! {
    /// The number of I/Os from now after which something happens; 0 by default. The operation
    /// defines the meaning of 0.
    pub Io: u32 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24]
}
