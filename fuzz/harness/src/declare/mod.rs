//! Tables that a target is declared by: its states ([`states!`](crate::states!)) and its events
//! ([`events!`](crate::events!)).

mod events;
mod states;

pub use events::{Counted, joined};
