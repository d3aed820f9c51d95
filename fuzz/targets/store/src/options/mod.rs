//! Target `options`: tries options of every part of the core, at and beyond their limits.
//!
//! - The core accepts valid options. It refuses invalid ones with an error that blames one of them.
//!   The model decides which options are invalid.
//! - The message of the error names the blamed option.
//! - The memory that valid options add up to is as documented. A store takes no more, and not much
//!   less.
//! - Valid options work. The target uses them unless they take much memory: it formats a store,
//!   writes to the store, and opens it again.

mod blame;
mod components;
mod events;
mod measured;
mod requests;
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
        let size = [16, 128][geometry.index(RECORD)];
        of_records!(usage, size, R => Box::new(world::Judged::<R>::new()))
    }
}
