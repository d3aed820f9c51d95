//! The blocks of a store: which of them are free.
//!
//! - [`free_set`]: addresses handed out and taken back, so that what a durable checkpoint refers to is
//!   never written over.

pub mod free_set;
