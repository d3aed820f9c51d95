//! What a component implements to be fuzzed.
//!
//! [`Target`] joins a name, operations, settings and a world. A [`World`] holds the system under
//! test and its model. A row of [`crate::registry`] makes a target known to every driver, command
//! and test. A target whose row says that it has a device arms [`Run::interference`] on it, and
//! counts its I/Os by [`Run::device_operations`].
//!
//! Invariants of a world:
//!
//! * `open` makes a used world equal to a new one, at a cost in what the last run touched.
//! * The same input gives the same digest, on any world, in any order of inputs.
//! * An operation that is impossible becomes the nearest possible one, and is counted.
//! * Work in flight, such as a lookup that waits for I/O, may outlive the operation that started
//!   it; `close` drives it to its end, with a bound on its steps.

use crate::Listing;
use crate::disk::SimulatedDisk;
use crate::failure::Divergence;
use crate::model::encoding::{Header, Landmark, Operation};
use crate::run::Run;
use crate::states::StateGroup;

/// A component to be fuzzed.
pub trait Target: 'static {
    /// Its row of the registry.
    const LISTING: Listing;
    /// What its worlds count by [`Run::event`], by name; each must happen in its corpus.
    const EVENTS: &'static [&'static str];
    /// What its worlds mark by [`Run::state`]; each bucket must be reached by its corpus.
    const STATES: &'static [StateGroup] = &[];
    /// The setting that is the schedule of what is random in a run; none for a world without
    /// chance.
    const SCHEDULE: Option<usize> = None;
    /// The runner calls [`World::sweep`] after so many operations, and whenever their number has
    /// doubled since; if none, at the end of a run alone. A power of two.
    const SWEEP_FROM: Option<u64> = None;
    /// What inputs consist of.
    type Operation: Operation;
    /// The system and its model.
    type World: World<Operation = Self::Operation> + Default;
}

/// A system under test together with its model.
///
/// The runner opens it, applies operations, and ends the run by [`World::close`], [`World::sweep`]
/// and [`World::finish`], in this order. After an error it calls none but [`World::describe`].
pub trait World: 'static {
    /// What is applied to it.
    type Operation: Operation;

    /// Starts a run with these settings: the world is as new, whatever ran before.
    ///
    /// # Errors
    ///
    /// The first answer that the model does not allow.
    fn open(&mut self, header: &Header, run: &mut Run) -> Result<(), Divergence>;

    /// Applies one operation, whose keys are literal, to system and model, and compares.
    ///
    /// # Errors
    ///
    /// The first answer that the model does not allow.
    fn apply(&mut self, operation: &Self::Operation, run: &mut Run) -> Result<(), Divergence>;

    /// The key at this end of a table now, tables counted round; `None` if there is no such level,
    /// or no table in it. It may not change what the world does.
    fn landmark(&self, _landmark: Landmark) -> Option<u64> {
        None
    }

    /// The operations are over: closes what is open and drives what is in flight to its end.
    ///
    /// # Errors
    ///
    /// The first answer that the model does not allow.
    fn close(&mut self, _run: &mut Run) -> Result<(), Divergence> {
        Ok(())
    }

    /// Compares everything, in both directions: all that the model holds is in the system, and
    /// nothing else is.
    ///
    /// # Errors
    ///
    /// The first difference.
    fn sweep(&mut self, _run: &mut Run) -> Result<(), Divergence> {
        Ok(())
    }

    /// Ends the run behind the last sweep: opens or resets the system once more and compares again,
    /// and counts what the system counted.
    ///
    /// # Errors
    ///
    /// The first difference.
    fn finish(&mut self, _run: &mut Run) -> Result<(), Divergence> {
        Ok(())
    }

    /// Simulated disk `number` of the world, from 0 on; `None` if it has no more. A world of
    /// [`ByGeometry`](crate::worlds::ByGeometry) has a disk from there in each run, which `open`
    /// finds reset.
    fn disk(&mut self, _number: usize) -> Option<&mut SimulatedDisk> {
        None
    }

    /// What it holds now, in lines, for the report of a failure. May be called in any state that a
    /// panic left.
    fn describe(&self) -> Vec<String> {
        Vec::new()
    }
}
