//! Marks the [pairs](crate::protocol::pairs) that a run combines.
//!
//! Invariants:
//!
//! * Off at first. The seeded driver leaves pairs off, and pays a branch for each operation and
//!   each event.
//! * A mark costs O(1) for an operation or an event, in the number of the questions about the
//!   phase. Nothing here allocates after pairs were switched on.
//! * Only what happens during an operation is marked: neither the opening of a run nor its end.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::protocol::Part;
use crate::protocol::pairs::{PAIRS_MAX, PairShape};
use crate::states::State;

/// The maximum number of questions about the phase of a target.
const QUESTIONS_MAX: usize = 8;

/// The number of keys whose last operation is kept: one for each value of a byte of a hash.
const KEYS: usize = 256;

/// The phase of the system when an operation begins: the answers to the questions of
/// [`Target::PHASES`](crate::Target::PHASES).
#[derive(Clone, Copy, Debug, Default)]
pub struct Phase {
    answers: [u16; QUESTIONS_MAX],
    count: usize,
}

impl Phase {
    /// Answers a question. A number above the last answer gives the last.
    ///
    /// # Panics
    ///
    /// If there are more than 8 answers to all questions.
    #[inline]
    pub fn mark(&mut self, question: State, answer: usize) {
        self.answers[self.count] = question.place(answer) as u16;
        self.count += 1;
    }

    /// Answers a question about three things, of which each is there or not. The question has 8
    /// answers.
    ///
    /// # Panics
    ///
    /// If there are more than 8 answers to all questions.
    #[inline]
    pub fn mark_all(&mut self, question: State, are_there: [bool; 3]) {
        let [first, second, third] = are_there.map(usize::from);
        self.mark(question, first + 2 * second + 4 * third);
    }

    fn answers(&self) -> impl Iterator<Item = usize> + '_ {
        self.answers[..self.count].iter().map(|answer| usize::from(*answer))
    }
}

/// The counters of pairs. A driver that is guided by pairs clears them before each run.
pub type Counters = [AtomicU8; PAIRS_MAX];

/// The classes of pairs.
#[derive(Clone, Copy, Debug)]
enum Class {
    Orders,
    Keys,
    Phases,
}

impl Class {
    /// The parts of a driver that are the classes.
    const PARTS: [Part; 3] = [Part::Orders, Part::Keys, Part::Phases];
}

/// The pairs that were marked.
#[derive(Debug)]
struct Marks {
    counters: &'static Counters,
    /// The classes that are marked in the counters.
    guides: [bool; Class::PARTS.len()],
    /// Whether a pair was marked in any run.
    seen: Box<[bool]>,
    /// How many pairs were marked in any run.
    count: u64,
}

impl Marks {
    #[inline]
    fn mark(&mut self, class: Class, place: usize) {
        let place = place % PAIRS_MAX;
        self.count += u64::from(!std::mem::replace(&mut self.seen[place], true));
        if self.guides[class as usize] {
            self.counters[place].store(1, Ordering::Relaxed);
        }
    }
}

/// An operation on a key.
#[derive(Clone, Copy, Debug, Default)]
struct OnKey {
    key: u64,
    kind: u16,
    /// The number of the run.
    run: u32,
}

/// The pairs of the runs of a target.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// `None` while pairs are off.
    marks: Option<Marks>,
    shape: PairShape,
    /// The number of the run.
    run: u32,
    /// The present operation; `None` at the beginning and the end of a run.
    kind: Option<usize>,
    phase: Phase,
    /// The last operation on each key, by a hash of the key.
    keys: Box<[OnKey]>,
}

impl Pairs {
    /// Counts pairs from now on. Marks those in `counters` that the environment does not leave out.
    pub(crate) fn switch_on(&mut self, shape: PairShape, counters: &'static Counters) {
        let guides = Class::PARTS.map(|part| Part::Pairs.is_in() && part.is_in());
        let seen = vec![false; PAIRS_MAX].into();
        self.marks = Some(Marks { counters, guides, seen, count: 0 });
        self.shape = shape;
        self.keys = vec![OnKey::default(); KEYS].into();
    }

    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.marks.is_some()
    }

    /// The number of pairs that were combined in any run.
    pub(crate) fn count(&self) -> u64 {
        self.marks.as_ref().map_or(0, |marks| marks.count)
    }

    /// Begins a run.
    #[inline]
    pub(crate) fn open(&mut self) {
        self.run = self.run.wrapping_add(1);
        self.kind = None;
    }

    /// Begins the end of a run.
    #[inline]
    pub(crate) fn end(&mut self) {
        self.kind = None;
    }

    /// Begins an operation of this kind and with this key, in this phase.
    pub(crate) fn begin(&mut self, kind: usize, key: Option<u64>, phase: Phase) {
        let Self { marks: Some(marks), shape, .. } = self else { return };
        if let Some(before) = self.kind.replace(kind) {
            marks.mark(Class::Orders, shape.order(before, kind));
        }
        if let Some(key) = key {
            let place = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize;
            let now = OnKey { key, kind: kind as u16, run: self.run };
            let before = std::mem::replace(&mut self.keys[place], now);
            if (before.key, before.run) == (key, self.run) {
                marks.mark(Class::Keys, shape.on_key(before.kind.into(), kind));
            }
        }
        for answer in phase.answers() {
            marks.mark(Class::Phases, shape.phase(answer, kind));
        }
        self.phase = phase;
    }

    /// Notes an event.
    #[cold]
    pub(crate) fn event(&mut self, event: usize) {
        let Self { marks: Some(marks), shape, kind: Some(_), .. } = self else { return };
        for answer in self.phase.answers() {
            marks.mark(Class::Phases, shape.phase_and_event(answer, event));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::states::StateGroup;

    const SHAPE: PairShape = PairShape { kinds: 3, events: 2, phases: 4 };
    const PHASES: &[StateGroup] = &[StateGroup::new("first", 2), StateGroup::new("second", 2)];

    fn switched_on() -> (Pairs, &'static Counters) {
        let counters: &'static Counters =
            Box::leak(Box::new([const { AtomicU8::new(0) }; PAIRS_MAX]));
        let mut pairs = Pairs::default();
        pairs.switch_on(SHAPE, counters);
        (pairs, counters)
    }

    fn marked(counters: &Counters) -> Vec<usize> {
        let is_marked = |place: &usize| counters[*place].swap(0, Ordering::Relaxed) > 0;
        (0..PAIRS_MAX).filter(is_marked).collect()
    }

    #[test]
    fn operations_keys_events_and_phases_are_combined() {
        let (mut pairs, counters) = switched_on();
        pairs.open();
        pairs.event(0);
        let mut phase = Phase::default();
        phase.mark(State::of(PHASES, 1), 0);
        pairs.begin(1, Some(7), phase);
        pairs.event(1);
        pairs.begin(0, Some(8), Phase::default());
        pairs.begin(2, Some(7), Phase::default());
        pairs.end();
        pairs.event(0);
        let expected = [
            SHAPE.order(0, 2),
            SHAPE.order(1, 0),
            SHAPE.on_key(1, 2),
            SHAPE.phase(2, 1),
            SHAPE.phase_and_event(2, 1),
        ];
        assert_eq!(marked(counters), expected);
        assert_eq!(pairs.count(), expected.len() as u64);
    }

    #[test]
    fn a_run_does_not_continue_the_run_before() {
        let (mut pairs, counters) = switched_on();
        for _ in 0..2 {
            pairs.open();
            pairs.begin(1, Some(7), Phase::default());
            pairs.end();
        }
        assert!(marked(counters).is_empty());
    }

    #[test]
    fn nothing_is_marked_while_pairs_are_off() {
        let mut pairs = Pairs::default();
        pairs.open();
        pairs.begin(1, Some(7), Phase::default());
        pairs.event(1);
        assert_eq!(pairs.count(), 0);
    }
}
