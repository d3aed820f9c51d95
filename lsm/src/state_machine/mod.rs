//! State machines that a replicated service drives: operations with numbers, each executed once
//! and in order.
//!
//! ```text
//! request --> prepare --> [ log ] --> prefetch --> commit --> reply
//!                                                    |
//!                                        compact: a beat, with a checkpoint at a trigger
//! ```
//!
//! - The operation with number n is followed by beat n of the forest, also if a request needs no
//!   state machine. So the checkpoint says which operations it contains.
//! - [`EchoMachine`] is a small state machine on a forest of one groove, for tests and examples.
//! - [`Service`] is one machine with a [request log](crate::request_log): every acknowledged
//!   request survives a crash.
//!
//! # Example
//!
//! ```
//! use downbeat_lsm::state_machine::{Echo, EchoMachine, EchoOptions, Request, Service};
//! use downbeat_lsm::storage::MemoryStorage;
//!
//! let options = EchoOptions::tiny(1024);
//! let device = MemoryStorage::new(options.device_size()? as usize, 256);
//! let log = MemoryStorage::new(options.log_device_size(256) as usize, 256);
//! let mut service = Service::format(EchoMachine::new(device, &options)?, log, 1)?;
//!
//! let requests = [Request { client: 7, operation: Echo::Echo, body: b"hello" }];
//! let mut replies = Vec::new();
//! service.execute(&requests, |op, reply| replies.push((op, reply.to_vec())))?;
//! assert_eq!(replies, [(1, b"hello".to_vec())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Files: `operation` numbers and sizes operations, `demultiplexer` splits the reply of a batch,
//! `machine` is the interface, `echo` and `thing` are the echo machine, `workload` makes requests
//! for it and checks replies, and `service` drives a machine.

mod demultiplexer;
mod echo;
mod machine;
mod operation;
mod service;
mod thing;
mod workload;

pub use demultiplexer::Demultiplexer;
pub use echo::{Echo, EchoMachine, EchoOptions};
pub(crate) use machine::operations_max;
pub use machine::{Job, JobState, Opened, StateMachine};
pub use operation::{Operation, VSR_OPERATIONS_RESERVED, operation_from_vsr};
pub(crate) use service::log_options;
pub use service::{Request, Service, ServiceError};
pub use thing::Thing;
pub use workload::{Workload, WorkloadError};
