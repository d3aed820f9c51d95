//! Targets that harm their process when a key of 0x100 or more is asked for after it was put.
//! Target `leak` fails at the tenth operation of a world instead.

use downbeat::input::encoding::{Header, Key};
use downbeat::input::operations;
use downbeat::{AnyTarget, AnyWorld, Budget, Divergence, Entry, Listing, Run, Target, World};

operations! {
    settings [];

    /// An operation on the toy.
    pub enum Operation {
        /// Remembers a key.
        0 "put" Write 8 => Put { key: Key },
        /// Asks for a key.
        1 "ask" Read 8 => Ask { key: Key },
    }
}

/// The names of the targets. Each says what the target does to its process.
const FAULTS: [&str; 8] = ["panic", "noise", "abort", "stack", "memory", "hang", "slow", "leak"];

/// The targets.
pub(crate) static TARGETS: [&dyn AnyTarget; FAULTS.len()] = [
    &Entry::<Toy<0>>::ROW,
    &Entry::<Toy<1>>::ROW,
    &Entry::<Toy<2>>::ROW,
    &Entry::<Toy<3>>::ROW,
    &Entry::<Toy<4>>::ROW,
    &Entry::<Toy<5>>::ROW,
    &Entry::<Toy<6>>::ROW,
    &Entry::<Toy<7>>::ROW,
];

struct Toy<const FAULT: usize>;

impl<const FAULT: usize> Target for Toy<FAULT> {
    const LISTING: Listing = Listing {
        name: FAULTS[FAULT],
        about: "does to its process what its name says",
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

#[derive(Default)]
struct ToyWorld<const FAULT: usize> {
    put: Vec<u64>,
    /// The number of operations in all runs of the world. Only the target `leak` uses it.
    lived: u64,
}

impl<const FAULT: usize> World for ToyWorld<FAULT> {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        self.put.clear();
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        run.step();
        self.lived += 1;
        match *operation {
            Operation::Put { key } => {
                run.keys.wrote(key.literal());
                self.put.push(key.literal());
            }
            Operation::Ask { key } => {
                let key = key.literal();
                if key >= 0x100 && self.put.contains(&key) {
                    self.fail();
                }
            }
        }
        assert!(FAULTS[FAULT] != "leak" || self.lived < 10, "toy: the tenth operation");
        Ok(())
    }
}

impl<const FAULT: usize> ToyWorld<FAULT> {
    fn fail(&self) {
        match FAULTS[FAULT] {
            "leak" => {}
            "abort" => std::process::abort(),
            "stack" => {
                deep(1);
            }
            "hang" => loop {
                std::thread::sleep(std::time::Duration::from_secs(1));
            },
            "memory" => {
                let mut all = vec![1_u8; 4096];
                loop {
                    all.extend_from_within(..);
                }
            }
            "noise" => {
                println!("{}", "what the system prints\n".repeat(10_000));
                eprintln!("{}", "what the system complains of\n".repeat(10_000));
                panic!("toy: it is told to panic");
            }
            "slow" => {
                std::thread::sleep(std::time::Duration::from_millis(400));
                panic!("toy: it is told to panic");
            }
            _ => panic!("toy: it is told to panic"),
        }
    }
}

#[expect(unconditional_recursion, reason = "it is told to overflow the stack")]
fn deep(depth: u64) -> u64 {
    std::hint::black_box(deep(std::hint::black_box(depth + 1))) + 1
}
