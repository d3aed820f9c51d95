//! The objects of the echo machine.

use crate::object;

object! {
    /// The trace of an operation of the echo machine.
    pub struct Thing {
        /// The timestamp of the operation.
        pub timestamp: u64 => timestamp,
        /// A checksum of the operation: its client, number, timestamp, kind and body.
        pub value: u64 => index,
        /// The number of the operation.
        pub id: u128 => primary,
    }
}
