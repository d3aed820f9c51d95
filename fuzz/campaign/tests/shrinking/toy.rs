//! Targets that do something to their process when key 0x100 or a larger one was put and is asked for.

use downbeat::model::encoding::{Header, Key};
use downbeat::model::operations;
use downbeat::targets::Entry;
use downbeat::{AnyTarget, Budget, Divergence, Run, Target, World};

operations! {
    settings [];

    /// One operation on the toy.
    pub enum Operation {
        /// Remembers a key.
        0 "put" Write 8 => Put { key: Key },
        /// Asks for a key.
        1 "ask" Read 8 => Ask { key: Key },
    }
}

/// What they do; each is the name of a target.
const FAULTS: [&str; 8] = ["panic", "noise", "abort", "stack", "memory", "hang", "slow", "leak"];

/// The variable with the path of a file that gets the number of a process with a slow world.
pub(crate) const PROCESS_VARIABLE: &str = "SHRINKING_PROCESS";

/// The target of this name.
pub(crate) fn target(name: &str) -> &'static dyn AnyTarget {
    static TARGETS: [&dyn AnyTarget; FAULTS.len()] = [
        &Entry::<Toy<0>>::ROW,
        &Entry::<Toy<1>>::ROW,
        &Entry::<Toy<2>>::ROW,
        &Entry::<Toy<3>>::ROW,
        &Entry::<Toy<4>>::ROW,
        &Entry::<Toy<5>>::ROW,
        &Entry::<Toy<6>>::ROW,
        &Entry::<Toy<7>>::ROW,
    ];
    *TARGETS.iter().find(|target| target.name() == name).expect("one of those")
}

struct Toy<const FAULT: usize>;

impl<const FAULT: usize> Target for Toy<FAULT> {
    const NAME: &'static str = FAULTS[FAULT];
    const ABOUT: &'static str = "does to its process what its name says";
    const EVENTS: &'static [&'static str] = &[];
    const BUDGET: Budget = Budget { steps: 1 << 16, input_bytes: 1024 };
    type Operation = Operation;
    type World = ToyWorld<FAULT>;
}

struct ToyWorld<const FAULT: usize> {
    put: Vec<u64>,
    /// Operations in the life of the world, which the one that leaks does not forget.
    lived: u64,
}

impl<const FAULT: usize> World for ToyWorld<FAULT> {
    type Operation = Operation;

    fn new() -> Self {
        ToyWorld { put: Vec::new(), lived: 0 }
    }

    fn open(&mut self, _header: &Header, _run: &mut Run) {
        self.put.clear();
        if let Some(path) = std::env::var_os(PROCESS_VARIABLE) {
            std::fs::write(path, std::process::id().to_string()).expect("a file");
        }
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

    fn finish(&mut self, _run: &mut Run) -> Result<(), Divergence> {
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
