//! Splits the reply of a batch into the results of each request.

use super::Operation;

/// Splits the reply of a batch of requests. The requests are passed in the order in which they were
/// joined.
///
/// ```
/// # use downbeat_lsm::state_machine::{Demultiplexer, Operation};
/// #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// struct Double;
///
/// impl Operation for Double {
///     const ALL: &'static [Self] = &[Double];
///     fn number(self) -> u8 { 130 }
///     fn event_size(self) -> usize { 1 }
///     fn result_size(self) -> usize { 2 }
///     fn is_batchable(self) -> bool { true }
/// }
///
/// // Requests with one event and with two.
/// let mut replies = Demultiplexer::new(Double, &[10, 0, 20, 0, 30, 0]);
/// assert_eq!(replies.next(1), [10, 0]);
/// assert_eq!(replies.next(2), [20, 0, 30, 0]);
/// assert!(replies.is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Demultiplexer<'a> {
    result_size: usize,
    rest: &'a [u8],
}

impl<'a> Demultiplexer<'a> {
    /// Begins with the reply of a batch.
    ///
    /// # Panics
    ///
    /// If the operation cannot be batched, or the reply is not a number of whole results.
    #[must_use]
    pub fn new<O: Operation>(operation: O, reply: &'a [u8]) -> Self {
        assert!(
            operation.is_batchable(),
            "demultiplexer: the operation must be one that can be batched ({operation:?})"
        );
        let result_size = operation.result_size();
        assert!(
            reply.len().is_multiple_of(result_size),
            "demultiplexer: a reply must have whole results ({} bytes)",
            reply.len(),
        );
        Self { result_size, rest: reply }
    }

    /// The results of the next request, which has this number of events.
    ///
    /// # Panics
    ///
    /// If the reply has fewer results.
    #[must_use]
    pub fn next(&mut self, events: usize) -> &'a [u8] {
        let results = self.rest.split_at_checked(events * self.result_size);
        let Some((results, rest)) = results else {
            panic!("demultiplexer: a batch must have a result for each event ({events})")
        };
        self.rest = rest;
        results
    }

    /// Whether the results of all requests were returned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
