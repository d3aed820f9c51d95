//! The requests that a service was given: their clients, bodies and values, and how many of them
//! were acknowledged or are durable.

use crate::format::checksum::checksum;
use crate::mutation::{Mutation, is_on};

/// A request, or a beat without one.
#[derive(Clone, Copy, Debug)]
struct Request {
    client: u128,
    /// Where the body begins and ends in the bytes of all bodies; `None` if the beat has no
    /// request.
    body: Option<(usize, usize)>,
    value: u64,
}

/// The requests of a service by number, from 1; see the [module](super).
///
/// - All durable requests are in the service, and so are all acknowledged ones. The others may be
///   lost in a crash, from some number on.
/// - The timestamp of a request is its number.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    all: Vec<Request>,
    bodies: Vec<u8>,
    acknowledged: u64,
    durable: u64,
}

impl Requests {
    /// Forgets all requests.
    pub fn clear(&mut self) {
        self.all.clear();
        self.bodies.clear();
        (self.acknowledged, self.durable) = (0, 0);
    }

    /// The number of the last request that was given to the service.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.all.len() as u64
    }

    /// The number of the last request that was acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The number of the last request that is known to be durable.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// All requests so far are durable.
    pub fn flushed(&mut self) {
        self.durable = self.last();
    }

    /// Adds a request. Returns its number.
    pub fn push(&mut self, client: u128, body: &[u8]) -> u64 {
        let op = self.last() + 1;
        let start = self.bodies.len();
        self.bodies.extend_from_slice(body);
        let value = value(client, op, op, body);
        self.all.push(Request { client, body: Some((start, self.bodies.len())), value });
        op
    }

    /// Adds a beat without a request. Returns its number.
    pub fn push_idle(&mut self) -> u64 {
        self.all.push(Request { client: 0, body: None, value: 0 });
        self.last()
    }

    /// All requests up to this one, inclusive, are acknowledged.
    pub fn acknowledge(&mut self, op: u64) {
        self.acknowledged = self.acknowledged.max(op);
        self.durable = self.durable.max(op);
    }

    /// The service was opened with the requests up to `last`, inclusive. They stay.
    pub fn reopen(&mut self, last: u64) {
        if is_on(Mutation::StateMachineForgetsCrashes) {
            return;
        }
        self.all.truncate(last as usize);
        let last_body = self.all.iter().rev().find_map(|request| request.body);
        self.bodies.truncate(last_body.map_or(0, |(_, end)| end));
        (self.acknowledged, self.durable) = (last, last);
    }

    fn at(&self, op: u64) -> Option<&Request> {
        self.all.get(op.checked_sub(1)? as usize)
    }

    /// The body of a request; `None` if there is no such request, or only a beat.
    #[must_use]
    pub fn body(&self, op: u64) -> Option<&[u8]> {
        let (start, end) = self.at(op)?.body?;
        Some(&self.bodies[start..end])
    }

    /// The client of a request.
    #[must_use]
    pub fn client(&self, op: u64) -> u128 {
        self.at(op).map_or(0, |request| request.client)
    }

    /// The value of the thing that a request leaves; `None` if there is no such request.
    #[must_use]
    pub fn value(&self, op: u64) -> Option<u64> {
        let request = self.at(op)?;
        request.body.map(|_| request.value)
    }

    /// The numbers and values of the things of all requests, in order.
    pub fn things(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> + '_ {
        let numbers = 1..=self.last();
        numbers.filter_map(|op| Some((op, self.value(op)?)))
    }

    /// The next number after `op` that has a request.
    #[must_use]
    pub fn next(&self, op: u64) -> Option<u64> {
        (op + 1..=self.last()).find(|op| self.value(*op).is_some())
    }
}

/// The value of the thing of a request: the low half of the checksum of the client, the number, the
/// timestamp, the operation and the body.
#[must_use]
pub fn value(client: u128, op: u64, timestamp: u64, body: &[u8]) -> u64 {
    let mut bytes = Vec::with_capacity(33 + body.len());
    if !is_on(Mutation::StateMachineIgnoresClients) {
        bytes.extend(client.to_le_bytes());
    }
    bytes.extend(op.to_le_bytes());
    bytes.extend(timestamp.to_le_bytes());
    bytes.push(128);
    bytes.extend(body);
    checksum(&bytes) as u64
}

/// The client with this number. Small, large and mixed numbers.
#[must_use]
pub fn client(number: u32) -> u128 {
    match number % 6 {
        0 => 7,
        1 => u128::MAX,
        2 => 0,
        3 => 7 << 64,
        4 => 1,
        _ => 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef,
    }
}

/// Fills `bytes` with the body of a request, which the stamp determines.
pub fn body(stamp: u64, size: usize, bytes: &mut Vec<u8>) {
    bytes.clear();
    let mut state = stamp;
    while bytes.len() < size {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        bytes.extend((state ^ (state >> 29)).to_le_bytes());
    }
    bytes.truncate(size);
}

/// The operation with this number, among operations with these numbers: its place. `None` if the
/// number is reserved, or there is none.
#[must_use]
pub fn operation_of(number: u8, numbers: &[u8]) -> Option<usize> {
    let reserved = 128;
    if number < reserved {
        return None;
    }
    numbers.iter().position(|other| *other == number)
}

/// Where the results of each request of a batch begin and end in the reply of the batch.
pub fn split(events: &[usize], result: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    (0..events.len()).map(move |place| {
        let before: usize = events[..place].iter().sum();
        let before = if is_on(Mutation::StateMachineSplitsBehind) && place > 0 {
            before.saturating_sub(1)
        } else {
            before
        };
        (before * result, (before + events[place]) * result)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_after_the_last_one_that_survives_are_forgotten() {
        let mut requests = Requests::default();
        assert_eq!(requests.push(7, b"one"), 1);
        assert_eq!(requests.push_idle(), 2);
        assert_eq!(requests.push(8, b"three"), 3);
        requests.acknowledge(2);
        assert_eq!(requests.next(1), Some(3));
        requests.reopen(2);
        assert_eq!((requests.last(), requests.acknowledged()), (2, 2));
        assert_eq!(requests.push(9, b"other"), 3);
        assert_eq!(requests.body(3), Some(&b"other"[..]));
        assert_eq!(requests.body(2), None);
        assert_eq!(requests.things().map(|(op, _)| op).collect::<Vec<_>>(), [1, 3]);
        assert_ne!(requests.value(1), Some(value(8, 1, 1, b"one")));
    }

    #[test]
    fn the_results_of_a_batch_follow_each_other() {
        let places: Vec<_> = split(&[1, 0, 2], 4).collect();
        assert_eq!(places, [(0, 4), (4, 4), (4, 12)]);
    }
}
