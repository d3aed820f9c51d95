//! A durable service on one machine: a state machine and a log of its requests.
//!
//! ```text
//! requests --> [ log ] flush --> prefetch, commit, compact, one after the other --> replies
//!                 ^                                   |
//!                 +---- release, once a checkpoint is durable
//! ```
//!
//! - The requests of a call become durable together, before the first of them is executed. So a
//!   reply is given only for a durable request.
//! - Opening executes the requests of the log that the checkpoint does not contain. Each request is
//!   executed exactly once in the resulting state.
//! - The timestamp of a request is its number, so a repeated execution gives the same state.

use std::error::Error;
use std::fmt;

use super::{Operation as _, StateMachine, operation_from_vsr};
use crate::forest::StoreError;
use crate::request_log::{InvalidRequestLog, RequestLog, RequestLogError, RequestLogOptions};
use crate::storage::Storage;

/// The bytes of a request in the log before its body: the client, the number of the operation, and
/// zeros.
const REQUEST_HEADER_SIZE: usize = 24;

/// The size of the largest request in the log, for bodies of this size.
pub(super) fn request_size_max(body_size_max: usize) -> u32 {
    (REQUEST_HEADER_SIZE + body_size_max) as u32
}

/// A request of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a, O> {
    /// The client.
    pub client: u128,
    /// The operation.
    pub operation: O,
    /// The events of the operation.
    pub body: &'a [u8],
}

/// The reason why a call on a service failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceError {
    /// The options of the log are invalid.
    InvalidLog(InvalidRequestLog),
    /// The log failed.
    Log(RequestLogError),
    /// The store failed.
    Store(StoreError),
    /// The body of a request is invalid. No request of the call is executed.
    InvalidRequest {
        /// The place of the request in the call.
        place: usize,
    },
    /// The log has a request of an unknown operation.
    UnknownOperation {
        /// The number of the operation.
        number: u8,
    },
}

impl Error for ServiceError {}

impl fmt::Display for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidLog(error) => error.fmt(formatter),
            Self::Log(error) => error.fmt(formatter),
            Self::Store(error) => error.fmt(formatter),
            Self::InvalidRequest { place } => {
                write!(formatter, "request {place} has an invalid body: none was executed")
            }
            Self::UnknownOperation { number } => {
                write!(formatter, "the log has a request of operation {number}, which is unknown")
            }
        }
    }
}

impl From<RequestLogError> for ServiceError {
    fn from(error: RequestLogError) -> Self {
        Self::Log(error)
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A state machine with a log of its requests. The requests of a call become durable together,
/// before the first of them is executed. Opening executes the requests of the log that the
/// checkpoint does not contain.
#[derive(Debug)]
pub struct Service<M: StateMachine, L: Storage> {
    machine: M,
    log: RequestLog<L>,
    /// A request for the log, and a reply.
    request: Vec<u8>,
    reply: Vec<u8>,
}

impl<M: StateMachine, L: Storage> Service<M, L> {
    /// Formats a machine and its log. `number` is chosen by the caller and distinguishes the
    /// service from others.
    ///
    /// # Errors
    ///
    /// If the log's device is too small, or a device fails.
    pub fn format(mut machine: M, log: L, number: u64) -> Result<Self, ServiceError> {
        // A crash in between leaves an old machine with an empty log, or a new one with an old log,
        // whose entries have another number.
        machine.format(number)?;
        let mut log = Self::log(&machine, log, number)?;
        log.format()?;
        Ok(Self { machine, log, request: Vec::new(), reply: Vec::new() })
    }

    /// Opens a machine at its last checkpoint, and executes the later requests of the log. Calls
    /// `replay` with the number of each of these requests and its reply.
    ///
    /// # Errors
    ///
    /// If a device is damaged or fails.
    pub fn open(
        mut machine: M,
        log: L,
        mut replay: impl FnMut(u64, &[u8]),
    ) -> Result<Self, ServiceError> {
        let (checkpoint, number) = machine.open()?;
        let mut log = Self::log(&machine, log, number)?;
        let (mut reply, mut durable) = (Vec::new(), checkpoint);
        log.open(checkpoint, |op, request| {
            let (client, rest) = request.split_at(16);
            let mut bytes = [0; 16];
            bytes.copy_from_slice(client);
            let (header, body) = rest.split_at(REQUEST_HEADER_SIZE - 16);
            let Some(operation) = operation_from_vsr(header[0]) else {
                return Err(ServiceError::UnknownOperation { number: header[0] });
            };
            reply.clear();
            let client = u128::from_le_bytes(bytes);
            let request = Request { client, operation, body };
            let checkpoint = execute(&mut machine, op, &request, &mut reply)?;
            durable = checkpoint.unwrap_or(durable);
            replay(op, &reply);
            Ok(())
        })?;
        log.release(durable);
        Ok(Self { machine, log, request: Vec::new(), reply })
    }

    fn log(machine: &M, log: L, number: u64) -> Result<RequestLog<L>, ServiceError> {
        let options = RequestLogOptions {
            request_size_max: request_size_max(machine.body_size_max()),
            requests_max: u32::try_from(machine.operations_max()).unwrap_or(u32::MAX),
        };
        RequestLog::new(log, &options, number).map_err(ServiceError::InvalidLog)
    }

    /// Executes requests. All of them are durable before the first is executed. Calls `replied`
    /// with the number of each request and its reply.
    ///
    /// # Errors
    ///
    /// If the body of a request is invalid, or a device fails. After a failure of a device the
    /// service must be opened again; requests of the call may then have been executed or not.
    pub fn execute(
        &mut self,
        requests: &[Request<'_, M::Operation>],
        mut replied: impl FnMut(u64, &[u8]),
    ) -> Result<(), ServiceError> {
        let is_invalid =
            |it: &Request<'_, M::Operation>| !self.machine.is_valid(it.operation, it.body);
        if let Some(place) = requests.iter().position(is_invalid) {
            return Err(ServiceError::InvalidRequest { place });
        }
        let mut rest = requests;
        while !rest.is_empty() {
            // The log has room for two bars more than the requests between two checkpoints.
            let (group, later) = rest.split_at(rest.len().min(self.room()));
            let first = self.log.last() + 1;
            for Request { client, operation, body } in group {
                self.request.clear();
                self.request.extend(client.to_le_bytes());
                self.request.push(operation.number());
                self.request.resize(REQUEST_HEADER_SIZE, 0);
                self.request.extend_from_slice(body);
                self.log.append(&self.request)?;
            }
            self.log.flush()?;
            for (op, request) in (first..).zip(group) {
                self.reply.clear();
                let checkpoint = execute(&mut self.machine, op, request, &mut self.reply)?;
                if let Some(checkpoint) = checkpoint {
                    self.log.release(checkpoint);
                }
                replied(op, &self.reply);
            }
            rest = later;
        }
        Ok(())
    }

    /// How many requests the log has room for.
    fn room(&self) -> usize {
        let room = self.log.room() as usize;
        assert!(room > 0, "service: checkpoints must release requests before the log is full");
        room
    }

    /// The state machine.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// The state machine, to be read.
    pub fn machine_mut(&mut self) -> &mut M {
        &mut self.machine
    }

    /// The log.
    #[must_use]
    pub fn log_of_requests(&self) -> &RequestLog<L> {
        &self.log
    }

    /// Takes the service apart.
    #[must_use]
    pub fn into_parts(self) -> (M, L) {
        (self.machine, self.log.into_storage())
    }
}

/// Executes an operation. Returns the last operation of the checkpoint, if one was taken.
fn execute<M: StateMachine>(
    machine: &mut M,
    op: u64,
    Request { client, operation, body }: &Request<'_, M::Operation>,
    reply: &mut Vec<u8>,
) -> Result<Option<u64>, StoreError> {
    machine.prefetch(op, *operation, body);
    machine.run()?;
    let timestamp = op;
    machine.commit(*client, op, timestamp, *operation, body, reply)?;
    machine.compact(op)?;
    machine.run()
}
