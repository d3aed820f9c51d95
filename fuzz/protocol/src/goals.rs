//! What a corpus must reach, goal by goal, and which goals a run reached.
//!
//! The one place where goals are listed: a new sort of them is a variant of [`Goal`], its rows in
//! [`all`], and what it asks of a tally in [`Goal::is_reached`]. Whoever keeps inputs for the goals
//! that they reach (a minimised corpus) or asks for those that none reaches (the gate) knows it then.
//!
//! What it does not do: count; a goal is reached or not.

use std::collections::BTreeSet;

use crate::Facts;
use crate::Tally;
use crate::states::State;

/// One thing that a corpus must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// An operation of this kind, by number.
    Kind(usize),
    /// This event, by number.
    Event(usize),
    /// A bucket of states, by its group's number and its own.
    State(usize, usize),
}

/// The goals of a target.
#[must_use]
pub fn all(facts: &Facts) -> Vec<Goal> {
    let kinds = (0..facts.kinds.len()).map(Goal::Kind);
    let events = (0..facts.events.len()).map(Goal::Event);
    let groups = facts.states.iter().enumerate();
    let states = groups.flat_map(|(number, group)| {
        (0..group.buckets).map(move |bucket| Goal::State(number, bucket))
    });
    kinds.chain(events).chain(states).collect()
}

/// The goals that a run, or several, reached.
#[must_use]
pub fn reached(facts: &Facts, tally: &Tally) -> BTreeSet<Goal> {
    all(facts).into_iter().filter(|goal| goal.is_reached(facts, tally)).collect()
}

/// The goals that several runs together did not reach.
#[must_use]
pub fn missing(facts: &Facts, tally: &Tally) -> Vec<Goal> {
    all(facts).into_iter().filter(|goal| !goal.is_reached(facts, tally)).collect()
}

impl Goal {
    /// Whether the runs of `tally` reached it.
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

    /// What it is, in words.
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
