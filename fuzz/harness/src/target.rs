//! The traits that a component implements to be fuzzed.
//!
//! A [`Target`] combines a name, operations, settings and a world. A [`World`] holds the system
//! under test and its model. A row of [`crate::registry`] makes a target known to every driver,
//! command and test. A target whose row says that it has a device arms [`Run::interference`] on the
//! device, and counts the I/Os of the device with [`Run::device_operations`].
//!
//! Invariants of a world:
//!
//! * `open` makes a used world equal to a new world. It costs O(what the last run touched).
//! * The same input gives the same digest on any world, in any order of inputs.
//! * An impossible operation becomes the nearest possible operation, and is counted.
//! * Work in flight, such as a lookup that waits for I/O, may outlive the operation that started
//!   it. `close` completes it within a bounded number of steps.

use crate::check::Checked;
use crate::disk::SimulatedDisk;
use crate::input::encoding::{Header, Kind, Landmark, Operation};
use crate::pairs::Phase;
use crate::protocol::pairs::PairShape;
use crate::run::Run;
use crate::states::StateGroup;
use crate::{Elsewhere, Listing};

/// A component that is fuzzed.
pub trait Target: 'static {
    /// The target's row of the registry.
    const LISTING: Listing;
    /// The names of the events that its worlds count with [`Run::event`]. Each event must happen in
    /// the target's corpus.
    const EVENTS: &'static [&'static str];
    /// The groups of the states that its worlds mark with [`Run::state`]. The target's corpus must
    /// reach each bucket.
    const STATES: &'static [StateGroup] = &[];
    /// The questions about the phase of the system that [`World::phase`] answers. The answers make
    /// [pairs](crate::protocol::pairs) with operations and events.
    const PHASES: &'static [StateGroup] = &[];
    /// The events and states that another target's corpus reaches: the first ones of each list.
    /// [`Target::EVENTS`] and [`Target::STATES`] require only the others.
    const ELSEWHERE: Elsewhere = Elsewhere::NOTHING;
    /// The setting that is the schedule of the random decisions in a run; `None` if the world takes
    /// no random decisions.
    const SCHEDULE: Option<usize> = None;
    /// The number of operations after which the runner first calls [`World::sweep`] in a run. The
    /// runner calls it again whenever the number has doubled. A power of two. If `None`, the runner
    /// sweeps only at the end of a run.
    const SWEEP_FROM: Option<u64> = None;
    /// The settings that make up a geometry. Runs with the same geometry use the same world.
    const GEOMETRY: &'static [usize] = &[];
    /// The maximum number of worlds that are kept. The world of a further geometry replaces one of
    /// them. If 0, each run has a new world, which may depend on all settings.
    const KEPT: usize = 256;
    /// The operations of which inputs consist.
    type Operation: Operation;

    /// The pairs of the target.
    const PAIRS: PairShape = PairShape {
        kinds: numbers(Self::Operation::KINDS),
        events: Self::EVENTS.len(),
        phases: crate::states::count(Self::PHASES),
    };

    /// Makes the world of a geometry. All other settings of the header have their plainest choice,
    /// unless [`Target::KEPT`] is 0.
    fn world(geometry: &Header) -> AnyWorld<Self::Operation>;
}

/// Returns the greatest number of a kind, and 1.
const fn numbers(kinds: &[Kind]) -> usize {
    let (mut numbers, mut place) = (0, 0);
    while place < kinds.len() {
        if kinds[place].number as usize >= numbers {
            numbers = kinds[place].number as usize + 1;
        }
        place += 1;
    }
    numbers
}

/// A world whose type is erased.
pub type AnyWorld<O> = Box<dyn World<Operation = O>>;

/// A system under test together with its model.
///
/// The runner opens the world, applies operations, and ends the run with [`World::close`],
/// [`World::sweep`] and [`World::finish`], in this order. After an error it calls only
/// [`World::describe`].
#[expect(clippy::missing_errors_doc, reason = "`Checked` says what an error is")]
pub trait World: 'static {
    /// The operations that the world applies.
    type Operation: Operation;

    /// Makes this world one of another geometry, as [`Target::world`] does, and uses its memory
    /// again. Its disks are empty afterwards. Returns false if the world cannot do this: the runner
    /// then makes a new one.
    fn renew(&mut self, _geometry: &Header) -> bool {
        false
    }

    /// Starts a run with these settings. Earlier runs have no effect on this one.
    fn open(&mut self, _header: &Header, _run: &mut Run) -> Checked {
        Ok(())
    }

    /// Applies an operation to the system and the model, and compares their answers. The keys of
    /// the operation are literal.
    fn apply(&mut self, operation: &Self::Operation, run: &mut Run) -> Checked;

    /// Returns the key that a landmark means now. The number of a table is taken modulo the number
    /// of tables of its level. `None` if there is no such level, table, block or record. The call
    /// must not change what the world does.
    fn landmark(&self, _landmark: Landmark) -> Option<u64> {
        None
    }

    /// Answers the questions of [`Target::PHASES`] before an operation, whose key, if it has one, is
    /// `key`. The call must not change what the world does. It is made only for a driver that is
    /// guided by pairs.
    fn phase(&self, _key: Option<u64>, _phase: &mut Phase) {}

    /// Called after the last operation: closes what is open, and completes what is in flight.
    fn close(&mut self, _run: &mut Run) -> Checked {
        Ok(())
    }

    /// Compares everything in both directions: the system holds all that the model holds, and
    /// nothing else.
    fn sweep(&mut self, _run: &mut Run) -> Checked {
        Ok(())
    }

    /// Ends the run after the last sweep: opens or resets the system once more, compares again, and
    /// adds what the system counted to the run.
    fn finish(&mut self, _run: &mut Run) -> Checked {
        Ok(())
    }

    /// Returns simulated disk `number` of the world, from 0; `None` if there are no more. A run has
    /// the same disks in each world. They are reset before `open`.
    fn disk(&mut self, _number: usize) -> Option<&mut SimulatedDisk> {
        None
    }

    /// Describes what the world holds now, in lines, for the report of a failure. May be called in
    /// any state that a panic left.
    fn describe(&self) -> Vec<String> {
        Vec::new()
    }
}
