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
//! - A checkpoint proves which requests were durable when it was taken. If the log has fewer, or
//!   belongs to another service, it is refused.
//! - After an error of a device, the service refuses everything until it is opened again.

use std::error::Error;
use std::fmt;

use super::{Opened, Operation, StateMachine, operation_from_vsr};
use crate::forest::{InvalidStore, StoreError};
use crate::request_log::{
    InvalidRequestLog, LostRequests, RequestLog, RequestLogError, RequestLogOptions,
};
use crate::storage::Storage;

/// The bytes of a request in the log before its body: the client, the number of the operation, and
/// zeros.
const REQUEST_HEADER_SIZE: usize = 24;

/// The operation, in the log, of a beat without a request. Its number is one of the reserved ones.
const IDLE: u8 = 0;

/// The options of the log of a machine with bodies of up to `body_size_max` bytes. At most
/// `operations_max` operations are in no durable checkpoint.
pub(crate) fn log_options(body_size_max: usize, operations_max: u64) -> RequestLogOptions {
    let request_size_max = REQUEST_HEADER_SIZE.saturating_add(body_size_max);
    RequestLogOptions {
        request_size_max: u32::try_from(request_size_max).unwrap_or(u32::MAX),
        requests_max: u32::try_from(operations_max).unwrap_or(u32::MAX),
    }
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

impl<O: Operation> Request<'_, O> {
    /// Appends the bytes of the request in the log of a service.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        let Self { client, operation, body } = self;
        write_header(*client, operation.number(), bytes);
        bytes.extend_from_slice(body);
    }
}

fn write_header(client: u128, operation: u8, bytes: &mut Vec<u8>) {
    let end = bytes.len() + REQUEST_HEADER_SIZE;
    bytes.extend(client.to_le_bytes());
    bytes.push(operation);
    bytes.resize(end, 0);
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
    /// The machine is full for a request. The requests of the call before it were executed; this
    /// one and those after it were not, and are not in the log. The service continues.
    Full {
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
            Self::Full { place } => {
                write!(
                    formatter,
                    "the store is full for request {place}: those before were executed; remove \
                     records, and run beats"
                )
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
/// before the first of them is executed, as far as the log has room and the machine certainly
/// accepts them; then the next ones. Opening executes the requests of the log that the
/// checkpoint does not contain.
#[derive(Debug)]
pub struct Service<M: StateMachine, L: Storage> {
    machine: M,
    log: RequestLog<L>,
    /// Why the service refuses requests: it is closed, or a device failed.
    refusal: Option<ServiceError>,
    /// A request for the log, and a reply.
    request: Vec<u8>,
    reply: Vec<u8>,
}

impl<M: StateMachine, L: Storage> Service<M, L> {
    /// A service of a machine and the device of its log. It is closed until
    /// [`Service::format_again`] or [`Service::open_again`] succeeds.
    ///
    /// # Errors
    ///
    /// If the log's device is too small.
    pub fn new(machine: M, log: L) -> Result<Self, ServiceError> {
        let options = log_options(machine.body_size_max(), machine.operations_max());
        let log = RequestLog::new(log, &options, 0).map_err(ServiceError::InvalidLog)?;
        let refusal = Some(ServiceError::Store(StoreError::Closed));
        Ok(Self { machine, log, refusal, request: Vec::new(), reply: Vec::new() })
    }

    /// Makes this a service with other options, on the same devices: `renew` gives them to the
    /// machine. The service is then closed, like a new one.
    ///
    /// # Errors
    ///
    /// If the options are invalid, or a device is too small for them.
    pub fn renew(
        &mut self,
        renew: impl FnOnce(&mut M) -> Result<(), InvalidStore>,
    ) -> Result<(), ServiceError> {
        let Self { machine, log, refusal, .. } = self;
        *refusal = Some(ServiceError::Store(StoreError::Closed));
        renew(machine).map_err(|error| ServiceError::Store(StoreError::Invalid(error)))?;
        let options = log_options(machine.body_size_max(), machine.operations_max());
        log.renew(&options).map_err(ServiceError::InvalidLog)
    }

    /// Formats a machine and its log. `number` is chosen by the caller and distinguishes the
    /// service from others.
    ///
    /// # Errors
    ///
    /// If the log's device is too small, or a device fails.
    pub fn format(machine: M, log: L, number: u64) -> Result<Self, ServiceError> {
        let mut service = Self::new(machine, log)?;
        service.format_again(number)?;
        Ok(service)
    }

    /// Opens a machine at its last checkpoint, and executes the later requests of the log. Calls
    /// `replay` with the number of each of these requests and its reply.
    ///
    /// # Errors
    ///
    /// If a device is damaged or fails.
    pub fn open(machine: M, log: L, replay: impl FnMut(u64, &[u8])) -> Result<Self, ServiceError> {
        let mut service = Self::new(machine, log)?;
        service.open_again(replay)?;
        Ok(service)
    }

    /// Formats both devices again: nothing was executed afterwards. After a crash in this call, the
    /// service must be formatted again.
    ///
    /// # Errors
    ///
    /// If a device fails. The service is then closed.
    pub fn format_again(&mut self, number: u64) -> Result<(), ServiceError> {
        self.refusal = Some(ServiceError::Store(StoreError::Closed));
        self.machine.close();
        // If power is lost in between, the old machine refuses a log that has fewer requests.
        self.log.renumber(number);
        self.log.format()?;
        self.machine.format(number)?;
        self.refusal = None;
        Ok(())
    }

    /// Opens the machine again at its last checkpoint, and executes the later requests of the log.
    /// Calls `replay` with the number of each of these requests and its reply. Returns the
    /// checkpoint at which the machine was opened.
    ///
    /// # Errors
    ///
    /// If a device is damaged or fails, or the log belongs to another service. The service is then
    /// closed.
    pub fn open_again(&mut self, replay: impl FnMut(u64, &[u8])) -> Result<Opened, ServiceError> {
        self.open_giving_up(None, replay)
    }

    /// Opens a service whose log is damaged, as [`Service::open_again`] does, without the requests
    /// that are lost. `lost` is what the error of that call says
    /// ([`RequestLogError::Damaged`]). The requests before them are executed, and other requests
    /// get their numbers.
    ///
    /// # Errors
    ///
    /// The same as [`Service::open_again`]. If the log has lost other requests than these, it does
    /// not change.
    pub fn open_without(
        &mut self,
        lost: &LostRequests,
        replay: impl FnMut(u64, &[u8]),
    ) -> Result<Opened, ServiceError> {
        self.open_giving_up(Some(lost), replay)
    }

    fn open_giving_up(
        &mut self,
        lost: Option<&LostRequests>,
        replay: impl FnMut(u64, &[u8]),
    ) -> Result<Opened, ServiceError> {
        self.refusal = Some(ServiceError::Store(StoreError::Closed));
        let opened = self.open_and_replay(lost, replay);
        match opened {
            Ok(_) => self.refusal = None,
            // The machine may have opened, but does not have all requests.
            Err(_) => self.machine.close(),
        }
        opened
    }

    fn open_and_replay(
        &mut self,
        lost: Option<&LostRequests>,
        mut replay: impl FnMut(u64, &[u8]),
    ) -> Result<Opened, ServiceError> {
        let Self { machine, log, reply, .. } = self;
        let opened @ Opened { checkpoint, taken_at, number } = machine.open()?;
        log.renumber(number);
        let mut durable = checkpoint;
        let invalid = |op| {
            let lost = LostRequests { first: op, last: op, intact: 0 };
            ServiceError::Log(RequestLogError::Damaged(lost))
        };
        let visit = |op, request: &[u8]| {
            let Some((header, body)) = request.split_at_checked(REQUEST_HEADER_SIZE) else {
                return Err(invalid(op));
            };
            let mut client = [0; 16];
            client.copy_from_slice(&header[..16]);
            let client = u128::from_le_bytes(client);
            let request = match header[16] {
                IDLE => None,
                number => match operation_from_vsr(number) {
                    Some(operation) if !machine.is_valid(operation, body) => {
                        return Err(invalid(op));
                    }
                    Some(operation) => Some(Request { client, operation, body }),
                    None => return Err(ServiceError::UnknownOperation { number }),
                },
            };
            reply.clear();
            let taken = execute(machine, op, request.as_ref(), reply)?;
            durable = taken.unwrap_or(durable);
            if request.is_some() {
                replay(op, reply);
            }
            Ok(())
        };
        match lost {
            None => log.open(checkpoint, taken_at, visit)?,
            Some(lost) => log.open_without(lost, checkpoint, taken_at, visit)?,
        }
        log.release(durable);
        Ok(opened)
    }

    /// Executes requests. Each is durable before it is executed; as many as the log has room for
    /// and the machine certainly accepts become durable with one flush. Calls `replied` with the
    /// number of each request and its reply.
    ///
    /// # Errors
    ///
    /// If the body of a request is invalid, the service is closed, the machine is full for a
    /// request, or a device fails. After a failure of a device the service refuses all calls with
    /// the same error until it is opened again; requests of the call may then have been executed or
    /// not.
    pub fn execute(
        &mut self,
        requests: &[Request<'_, M::Operation>],
        mut replied: impl FnMut(u64, &[u8]),
    ) -> Result<(), ServiceError> {
        self.refuse()?;
        let is_invalid =
            |it: &Request<'_, M::Operation>| !self.machine.is_valid(it.operation, it.body);
        if let Some(place) = requests.iter().position(is_invalid) {
            return Err(ServiceError::InvalidRequest { place });
        }
        let mut rest = requests;
        while !rest.is_empty() {
            // The log has room for two bars more than the requests between two checkpoints.
            let most = rest.len().min(self.room());
            let most = self.machine.accepts_for(most as u64) as usize;
            let accepts =
                |it: &&Request<'_, M::Operation>| self.machine.accepts(it.operation, it.body);
            let accepted = rest[..most].iter().take_while(accepts).count();
            if accepted == 0 {
                return Err(ServiceError::Full { place: requests.len() - rest.len() });
            }
            let (group, later) = rest.split_at(accepted);
            self.execute_group(group.iter().map(Some), &mut replied)?;
            rest = later;
        }
        Ok(())
    }

    /// Runs beats without requests, for example to let compactions progress and a requested
    /// checkpoint happen. Each takes the number of a request, and is in the log.
    ///
    /// # Errors
    ///
    /// If the service is closed, or a device fails, as in [`Service::execute`].
    pub fn idle(&mut self, beats: usize) -> Result<(), ServiceError> {
        self.refuse()?;
        let mut left = beats;
        while left > 0 {
            let group = left.min(self.room());
            self.execute_group((0..group).map(|_| None), &mut |_, _| {})?;
            left -= group;
        }
        Ok(())
    }

    /// Executes requests for which the log has room. `None` is a beat without a request.
    fn execute_group<'a>(
        &mut self,
        group: impl Iterator<Item = Option<&'a Request<'a, M::Operation>>> + Clone,
        replied: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<(), ServiceError> {
        let executed = self.log_and_execute(group, replied);
        self.refusal = executed.err();
        executed
    }

    fn log_and_execute<'a>(
        &mut self,
        group: impl Iterator<Item = Option<&'a Request<'a, M::Operation>>> + Clone,
        replied: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<(), ServiceError> {
        let Self { machine, log, request: bytes, reply, .. } = self;
        let first = log.last() + 1;
        for request in group.clone() {
            bytes.clear();
            match request {
                Some(request) => request.write(bytes),
                None => write_header(0, IDLE, bytes),
            }
            log.append(bytes)?;
        }
        log.flush()?;
        for (op, request) in (first..).zip(group) {
            reply.clear();
            if let Some(checkpoint) = execute(machine, op, request, reply)? {
                log.release(checkpoint);
            }
            if request.is_some() {
                replied(op, reply);
            }
        }
        Ok(())
    }

    fn refuse(&self) -> Result<(), ServiceError> {
        self.refusal.map_or(Ok(()), Err)
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

    /// The state machine and the log, for a caller that runs the phases of a request itself:
    /// append and flush, prefetch, commit, compact, and release after a checkpoint. The caller
    /// executes every request that it appends, in order, before the next call of the service. It
    /// appends only requests that the machine [accepts](StateMachine::accepts), and at most as many
    /// as it [accepts at once](StateMachine::accepts_for). Otherwise the machine may not be able to
    /// execute the log, and then the service does not open again.
    pub fn parts_mut(&mut self) -> (&mut M, &mut RequestLog<L>) {
        (&mut self.machine, &mut self.log)
    }

    /// Takes the service apart.
    #[must_use]
    pub fn into_parts(self) -> (M, L) {
        (self.machine, self.log.into_storage())
    }
}

/// Executes an operation, or runs its beat only if there is no request. Returns the last operation
/// of the checkpoint, if one was taken.
fn execute<M: StateMachine>(
    machine: &mut M,
    op: u64,
    request: Option<&Request<'_, M::Operation>>,
    reply: &mut Vec<u8>,
) -> Result<Option<u64>, StoreError> {
    if let Some(Request { client, operation, body }) = request {
        machine.prefetch(op, *operation, body);
        machine.run()?;
        let timestamp = op;
        machine.commit(*client, op, timestamp, *operation, body, reply)?;
    }
    machine.compact(op)?;
    machine.run()
}
