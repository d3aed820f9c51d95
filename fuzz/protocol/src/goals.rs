//! The goals that a corpus must reach, and which of them a run reached.
//!
//! Goals are listed only here. A new kind of goal needs a variant of [`Goal`], a line in [`all`], a
//! condition in [`Goal::is_reached`] and a text in [`Goal::describe`]. The gate and the code that
//! minimises a corpus need no change.
//!
//! Goals have no counts: a goal is reached or not.

use std::collections::BTreeSet;

use crate::Facts;
use crate::Tally;
use crate::states::State;

/// A goal of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// An operation of the kind with this number is applied.
    Kind(usize),
    /// The event with this number happens.
    Event(usize),
    /// A bucket of states is reached: the number of its group, and its number within the group.
    State(usize, usize),
}

/// Returns all goals of a target.
#[must_use]
pub fn all(facts: &Facts) -> Vec<Goal> {
    let kinds = (0..facts.kinds.len()).map(Goal::Kind);
    let events = (facts.elsewhere.events..facts.events.len()).map(Goal::Event);
    let groups = facts.states.iter().enumerate().skip(facts.elsewhere.groups);
    let states = groups.flat_map(|(number, group)| {
        (0..group.buckets).map(move |bucket| Goal::State(number, bucket))
    });
    kinds.chain(events).chain(states).collect()
}

/// Returns the goals that the runs of `tally` reached.
#[must_use]
pub fn reached(facts: &Facts, tally: &Tally) -> BTreeSet<Goal> {
    all(facts).into_iter().filter(|goal| goal.is_reached(facts, tally)).collect()
}

/// Returns the goals that the runs of `tally` did not reach.
#[must_use]
pub fn missing(facts: &Facts, tally: &Tally) -> Vec<Goal> {
    all(facts).into_iter().filter(|goal| !goal.is_reached(facts, tally)).collect()
}

impl Goal {
    /// Returns whether the runs of `tally` reached the goal.
    #[must_use]
    pub fn is_reached(self, facts: &Facts, tally: &Tally) -> bool {
        match self {
            Goal::Kind(number) => tally.kinds[number] > 0,
            Goal::Event(number) => tally.events[number] > 0,
            Goal::State(group, bucket) => {
                tally.states.contains(State::of(&facts.states, group).place(bucket))
            }
        }
    }

    /// Describes the goal.
    #[must_use]
    pub fn describe(self, facts: &Facts) -> String {
        match self {
            Goal::Kind(number) => format!("operation {}", facts.kinds[number]),
            Goal::Event(number) => format!("event \"{}\"", facts.events[number]),
            Goal::State(group, bucket) => {
                format!("state \"{}\": bucket {bucket}", facts.states[group].name)
            }
        }
    }
}
