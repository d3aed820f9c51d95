//! States of a system as edges, for engines that count edges by guards: AFL++ and honggfuzz.
//!
//! The compiler gives each edge a guard, a word in the section `__sancov_guards`. The engine
//! numbers all guards of the section when the program starts, and an edge that is passed calls the
//! engine with its guard. So a word in this section that belongs to no edge is a place for a state,
//! in any engine that reads guards.
//!
//! AFL++ has IJON for states, which enlarges its map by 68 KiB for each execution. The guards of
//! the states need 2 KiB.

#[cfg(fuzzing)]
mod guards;

#[cfg(fuzzing)]
pub use guards::count;

#[cfg(not(fuzzing))]
use downbeat_protocol::states::StateSet;

/// Reports the states of a run to the engine, as edges that were passed once.
///
/// Without an engine, does nothing.
#[cfg(not(fuzzing))]
pub fn count(_states: &StateSet) {}
