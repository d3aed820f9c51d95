//! The operations of a state machine: their numbers, sizes, and whether they can be batched.

use std::fmt::Debug;

/// The numbers below this one are reserved for the replication protocol (VSR), for example for the
/// registration of clients. The operations of a state machine have the numbers from this one on.
pub const VSR_OPERATIONS_RESERVED: u8 = 128;

/// An operation of a state machine.
pub trait Operation: Copy + Eq + Debug + 'static {
    /// All operations.
    const ALL: &'static [Self];

    /// The number of the operation, from [`VSR_OPERATIONS_RESERVED`] on.
    fn number(self) -> u8;

    /// The size of an event in bytes, 1 or more. The body of a request is a number of events.
    fn event_size(self) -> usize;

    /// The size of a result in bytes, 1 or more. A reply has a result for each event.
    fn result_size(self) -> usize;

    /// Whether the requests of several clients may be executed as one. The reply is then split by a
    /// [`Demultiplexer`](super::Demultiplexer).
    fn is_batchable(self) -> bool;
}

/// The operation with this number; `None` if the number is reserved for the replication protocol,
/// or the state machine has no such operation.
#[must_use]
pub fn operation_from_vsr<O: Operation>(number: u8) -> Option<O> {
    if number < VSR_OPERATIONS_RESERVED {
        return None;
    }
    O::ALL.iter().copied().find(|operation| operation.number() == number)
}
