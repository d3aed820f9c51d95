//! Campaigns: drivers as child processes, watched, and what they find, filed.
//!
//! | module | what is there |
//! |---|---|
//! | [`campaign`] | one driver on one target for a time, from start to summary |
//! | [`driver`] | what is particular to each driver: its build, its command line, its log |
//! | [`finding`] | a failing input: shrunk, reported, filed once an identity |
//! | [`inputs`] | inputs in files and folders, bytes or text |
//! | [`minimize`] | a corpus made small |
//! | [`observer`] | who is told what happens |
//! | [`tools`] | programs that cargo installs into the build folder |
//!
//! What it does not do: print, or parse command lines.

#![forbid(unsafe_code)]

pub mod campaign;
pub mod driver;
pub mod finding;
mod harvest;
pub mod inputs;
mod job;
pub mod minimize;
pub mod observer;
mod process;
pub mod tools;

pub use campaign::{Campaign, End, Options, Summary};
pub use driver::Driver;
pub use finding::Finding;
pub use observer::{Observer, Snapshot};
