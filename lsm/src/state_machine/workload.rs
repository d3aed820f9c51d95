//! A workload for the echo machine: random requests, and a check of each reply.

use std::error::Error;
use std::fmt;

use super::{Echo, Request};

/// Requests of random sizes and bytes, in a sequence that the seed determines.
#[derive(Clone, Debug)]
pub struct Workload {
    state: u64,
    body_size_max: usize,
    requests: u64,
    /// The bodies of the requests without a reply, oldest first.
    open: std::collections::VecDeque<Vec<u8>>,
    replies: u64,
}

/// A reply is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkloadError {
    /// The reply differs from the request.
    WrongReply {
        /// The number of the request in the workload, from 0.
        request: u64,
    },
    /// All requests were answered before.
    UnexpectedReply,
}

impl Error for WorkloadError {}

impl fmt::Display for WorkloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongReply { request } => {
                write!(formatter, "the reply to request {request} differs from the request")
            }
            Self::UnexpectedReply => formatter.write_str("a reply without a request"),
        }
    }
}

impl Workload {
    /// A workload of `requests` requests with bodies of 0 to `body_size_max` bytes, inclusive.
    #[must_use]
    pub fn new(seed: u64, requests: u64, body_size_max: usize) -> Self {
        let open = std::collections::VecDeque::new();
        Self { state: seed, body_size_max, requests, open, replies: 0 }
    }

    /// The body of the next request; `None` if all were made.
    pub fn next_body(&mut self) -> Option<&[u8]> {
        if self.replies + self.open.len() as u64 == self.requests {
            return None;
        }
        let size = (self.random() % (self.body_size_max as u64 + 1)) as usize;
        let mut body = Vec::with_capacity(size + 8);
        while body.len() < size {
            body.extend(self.random().to_le_bytes());
        }
        body.truncate(size);
        self.open.push_back(body);
        self.open.back().map(Vec::as_slice)
    }

    /// The requests that were made and have no reply, oldest first.
    pub fn open(&self, client: u128) -> impl Iterator<Item = Request<'_, Echo>> {
        self.open.iter().map(move |body| Request { client, operation: Echo::Echo, body })
    }

    /// Checks the reply to the oldest request without one.
    ///
    /// # Errors
    ///
    /// If the reply is wrong, or there is no such request.
    pub fn reply(&mut self, reply: &[u8]) -> Result<(), WorkloadError> {
        let body = self.open.pop_front().ok_or(WorkloadError::UnexpectedReply)?;
        if body != reply {
            return Err(WorkloadError::WrongReply { request: self.replies });
        }
        self.replies += 1;
        Ok(())
    }

    /// Whether all requests were made and answered.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.replies == self.requests
    }

    /// Splitmix64 by Sebastiano Vigna: <https://prng.di.unimi.it/splitmix64.c>.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
