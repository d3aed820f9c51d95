//! The tables in which a target declares its states ([`states!`](crate::states!)) and its events
//! ([`events!`](crate::events!)).

mod events;
mod states;

pub use events::{Counted, joined};
