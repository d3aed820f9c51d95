//! The search for a smaller input, on a toy that fails on request.

use std::collections::BTreeMap;

use downbeat::generator::{Length, Profile, Random};
use downbeat::input::dice::Dice;
use downbeat::input::encoding::{Count, Header, Key, Stride};
use downbeat::input::operations;
use downbeat::shrinker::{Alike, Over, Trials};
use downbeat::{
    AnyTarget, AnyWorld, Budget, Divergence, Entry, Explained, Listing, Run, Target, World,
};

const AGE: u64 = 10;

operations! {
    settings [
        /// The number of counted keys that make a fault.
        LIMIT: "limit" = Numbers(&[6, 3, 4, 12]),
        /// Whether the toy drops its counted keys at the end.
        FORCED: "forced" = Words(&["keep", "drop"]),
    ];

    /// An operation on the toy.
    pub enum Operation {
        /// Counts a key.
        0 "put" Write 8 => Put { key: Key },
        /// Does nothing.
        1 "get" Read 4 => Get { key: Key },
        /// Does nothing. A `get` is simpler, because its kind is earlier.
        2 "look" Read 4 => Look { key: Key },
        /// Counts keys.
        3 "put_run" Run 4 => PutRun { key: Key, count: Count, stride: Stride },
        /// Requests the fault.
        4 "ask" Read 4 => Ask { key: Key, count: Count },
        /// Drops the counted keys.
        5 "drop" Structure 1 => Drop,
        /// Ages the toy as much as [`AGE`] puts do.
        6 "age" Structure 1 => Age,
    }
}

/// When a run fails. The first two faults also need a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The key was put, is 0x100 or more, and was requested with a count of 3 or more.
    PutAndAsked,
    /// Three keys were put.
    ThreeKeys,
    /// At the end, at least three puts were dropped.
    Dropped,
    /// Two requests in a row have the same count, greater than one.
    AskedAlike,
    /// The toy is old.
    Aged,
}

#[derive(Default)]
struct ToyWorld<const FAULT: usize> {
    puts: BTreeMap<u64, u64>,
    dropped: u64,
    age: u64,
    asked: Option<u32>,
    limit: u64,
    drops: bool,
}

const FAULTS: [Fault; 5] =
    [Fault::PutAndAsked, Fault::ThreeKeys, Fault::Dropped, Fault::AskedAlike, Fault::Aged];

impl<const FAULT: usize> ToyWorld<FAULT> {
    fn put(&mut self, key: u64, run: &mut Run) {
        if self.puts.values().sum::<u64>() == self.limit {
            self.drop(run);
        }
        run.did(|| format!("put {key:#x}"));
        run.step();
        *self.puts.entry(key).or_default() += 1;
        self.age += 1;
        run.keys.wrote(key);
    }

    fn drop(&mut self, run: &mut Run) {
        run.did(|| "drop".to_owned());
        self.dropped += self.puts.values().sum::<u64>();
        self.puts.clear();
    }

    fn check(fails: bool) -> Result<(), Divergence> {
        if !fails {
            return Ok(());
        }
        let (expected, got) = (String::new(), String::new());
        Err(Divergence {
            check: "fault",
            what: "it fails as told",
            expected,
            got,
            state: Vec::new(),
        })
    }
}

impl<const FAULT: usize> World for ToyWorld<FAULT> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        *self = Self::default();
        let settings = <Operation as downbeat::input::encoding::Operation>::SETTINGS;
        self.limit = u64::from(header.number(settings, LIMIT));
        self.drops = header.index(FORCED) == 1;
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Put { key } => self.put(key.literal(), run),
            Operation::Get { .. } | Operation::Look { .. } => {}
            Operation::PutRun { key, count, stride } => {
                let mut key = key.literal();
                for _ in 0..count.get() {
                    self.put(key, run);
                    key = key.wrapping_add_signed(stride.get());
                }
            }
            Operation::Ask { key, count } => {
                let last = self.asked.replace(count.get());
                return Self::check(match FAULTS[FAULT] {
                    Fault::PutAndAsked => {
                        let key = key.literal();
                        key >= 0x100 && self.puts.contains_key(&key) && count.get() >= 3
                    }
                    Fault::ThreeKeys => self.puts.len() >= 3,
                    Fault::Dropped => false,
                    Fault::AskedAlike => last == Some(count.get()),
                    Fault::Aged => self.age >= AGE,
                });
            }
            Operation::Drop => self.drop(run),
            Operation::Age => self.age += AGE,
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.drops {
            self.drop(run);
        }
        Self::check(FAULTS[FAULT] == Fault::Dropped && self.dropped >= 3)
    }
}

struct Toy<const FAULT: usize>;

impl<const FAULT: usize> Target for Toy<FAULT> {
    const LISTING: Listing = Listing {
        name: "toy",
        about: "fails when it is told to",
        has_device: false,
        is_adapter: false,
        budget: Budget { steps: 1 << 16, input_bytes: 1024, search_seconds: 120 },
    };
    const EVENTS: &'static [&'static str] = &[];
    type Operation = Operation;

    fn world(_geometry: &Header) -> AnyWorld<Operation> {
        Box::<ToyWorld<FAULT>>::default()
    }
}

static PUT_AND_ASKED: Entry<Toy<0>> = Entry::ROW;
static THREE_KEYS: Entry<Toy<1>> = Entry::ROW;
static DROPPED: Entry<Toy<2>> = Entry::ROW;
static ASKED_ALIKE: Entry<Toy<3>> = Entry::ROW;
static AGED: Entry<Toy<4>> = Entry::ROW;

/// Trials in this process.
struct Here<'a> {
    target: &'a dyn AnyTarget,
    /// The number of candidates that may still be tried.
    left: u64,
}

impl Trials for Here<'_> {
    fn try_out(&mut self, candidate: &[u8]) -> Result<Option<Alike>, Over> {
        self.left = self.left.checked_sub(1).ok_or(Over)?;
        let failure = self.target.runner().judge(candidate, false).failure;
        Ok(failure.map(|failure| Alike { operation: failure.operation.map(|(number, _)| number) }))
    }

    fn explain(&mut self, candidate: &[u8]) -> Result<Vec<Explained>, Over> {
        Ok(self.target.runner().judge(candidate, true).run.explanation().to_vec())
    }
}

fn shrink_within(target: &dyn AnyTarget, input: &[u8], candidates: u64) -> (Vec<u8>, bool) {
    let (bytes, ended) = target.shrink(input, &mut Here { target, left: candidates });
    assert!(target.runner().judge(&bytes, false).failure.is_some(), "{}", target.show(&bytes));
    (bytes, ended)
}

/// Returns the text of the smallest input, without its title and the settings that all targets
/// share.
fn shrink(target: &dyn AnyTarget, text: &str) -> String {
    let input = target.encode(text).expect("well-formed");
    let (bytes, ended) = shrink_within(target, &input, u64::MAX);
    assert!(ended);
    target.show(&bytes).lines().skip(3).map(|line| format!("{line}\n")).collect()
}

/// Returns `count` operations with symbolic keys, which alone cause no failure.
fn noise(count: u64, seed: u64) -> String {
    let mut random = Random::new(seed, 0);
    let mut line = || match random.below(4) {
        0 => format!("put @hot:{}\n", random.below(40)),
        1 => "get @gap:3\n".to_owned(),
        2 => format!("put_run @cold:{} count=5 stride=16\n", random.below(99)),
        _ => "look @near:+1\n".to_owned(),
    };
    (0..count).map(|_| line()).collect()
}

#[test]
fn two_hundred_operations_shrink_to_the_two_that_matter_with_the_smallest_arguments() {
    let text = format!(
        "keys mixed hot=40\nlimit 12\nforced drop\n{}put 0x5ca1ab1e\n{}ask 0x5ca1ab1e count=24\n{}",
        noise(100, 1),
        "get @gap:1\n".repeat(3),
        noise(97, 2)
    );
    let left = shrink(&PUT_AND_ASKED, &text);
    assert_eq!(left, "limit 6\nforced keep\nput 0x100\nask 0x100 count=3\n");
}

#[test]
fn symbolic_keys_become_literal_keys() {
    let text = "keys inverted hot=8\nput @hot:3\nput @hot:1\nget @gap:0\nask @gap:1 count=8\n";
    let left = shrink(&PUT_AND_ASKED, text);
    assert_eq!(left, "limit 6\nforced keep\nput 0x100\nask 0x100 count=3\n");
}

#[test]
fn an_argument_that_several_operations_share_is_simplified_in_all_of_them_at_once() {
    let left = shrink(&ASKED_ALIKE, "ask 7 count=12\nlook 1\nask 9 count=12\n");
    assert_eq!(left, "limit 6\nforced keep\nask 0x0 count=1\nask 0x0 count=1\n");
}

#[test]
fn a_run_operation_becomes_single_operations_if_few_suffice() {
    let text =
        format!("limit 12\n{}put_run 0x77 count=10 stride=256\nlook 5\nask 1\n", noise(0, 1));
    let left = shrink(&THREE_KEYS, &text);
    assert_eq!(left, "limit 6\nforced keep\nput 0x0\nput 0x1\nput 0x2\nask 0x0 count=1\n");
}

#[test]
fn an_operation_that_a_world_forces_becomes_explicit() {
    // The toy drops its keys at the limit, and at the end if the setting says so.
    let left = shrink(&DROPPED, "forced drop\nput 1\nput 2\nput 3\nput 4\n");
    assert_eq!(left, "limit 6\nforced keep\nput 0x0\nput 0x0\nput 0x0\ndrop\n");
    let left = shrink(&DROPPED, &"put 9\n".repeat(30));
    assert_eq!(left, "limit 6\nforced keep\nput 0x0\nput 0x0\nput 0x0\ndrop\n");
}

#[test]
fn one_operation_replaces_many_with_the_same_effect() {
    // No put can be left out, no two puts can be left out, and no put can become another kind.
    let left = shrink(&AGED, &format!("limit 12\n{}ask 1\n", "put 9\n".repeat(10)));
    assert_eq!(left, "limit 6\nforced keep\nage\nask 0x0 count=1\n");
}

#[test]
fn an_interrupted_search_leaves_a_failing_input_that_a_longer_search_only_shortens() {
    let text = format!("limit 12\n{}put 0x700\nask 0x700\n", noise(60, 3));
    let input = PUT_AND_ASKED.encode(&text).expect("well-formed");
    let mut before = usize::MAX;
    for candidates in [0, 3, 10, 40, 400] {
        let (bytes, ended) = shrink_within(&PUT_AND_ASKED, &input, candidates);
        let operations = PUT_AND_ASKED.count_operations(&bytes);
        assert!(operations <= before, "{candidates} candidates left {operations} operations");
        assert!(!ended || candidates == 400);
        before = operations;
    }
    assert_eq!(before, 2);
}

#[test]
fn shrinking_is_deterministic_and_idempotent() {
    let mut bytes = Vec::new();
    let mut failing = 0;
    for number in 0..300 {
        THREE_KEYS.generate(Profile::Swarm, 5, number, Length::Short, &mut bytes);
        if THREE_KEYS.runner().judge(&bytes, false).failure.is_none() {
            continue;
        }
        failing += 1;
        let (first, _) = shrink_within(&THREE_KEYS, &bytes, u64::MAX);
        let (second, _) = shrink_within(&THREE_KEYS, &bytes, u64::MAX);
        let (again, _) = shrink_within(&THREE_KEYS, &first, u64::MAX);
        assert_eq!(first, second);
        assert_eq!(first, again);
        assert_eq!(THREE_KEYS.count_operations(&first), 4, "{}", THREE_KEYS.show(&first));
    }
    assert!(failing > 20, "{failing} inputs fail");
}
