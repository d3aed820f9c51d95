//! Target `options`: options of every part of the core, at their limits and beyond.
//!
//! - The model knows which options are invalid, and which of them may be blamed.
//! - Valid options are used, unless they take much memory: a store is formatted, written to and
//!   opened again.
//! - The message of an error names the option that is to blame.

mod blame;
mod components;
mod events;
mod states;
mod stores;
mod world;

use downbeat::input::encoding::Header;
use downbeat::input::version::Usage;
use downbeat::{AnyWorld, Listing, StateGroup, Target, of_records, registry};
use downbeat_model::options::{Operation, RECORD, USAGE};

/// The target.
#[derive(Debug)]
pub struct Options;

impl Target for Options {
    const LISTING: Listing = registry::OPTIONS;
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = states::GROUPS;
    const GEOMETRY: &'static [usize] = &[RECORD, USAGE];
    type Operation = Operation;

    fn world(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = [16, 32, 128][geometry.index(RECORD)];
        of_records!(usage, size, R => Box::new(world::Judged::<R>::new()))
    }
}
