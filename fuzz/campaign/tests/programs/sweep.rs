//! A sweep runs an input twice for each of its I/Os: in one run power is lost at the I/O, in the
//! other the I/O fails. The sweep files failures, and skips inputs that were swept before.

use std::path::PathBuf;
use std::time::Duration;

use downbeat::disk::{Armed, FaultKind};
use downbeat::input::encoding::Header;
use downbeat::input::operations;
use downbeat::project::Project;
use downbeat::{AnyTarget, AnyWorld, Budget, Divergence, Entry, Listing, Run, Target, World};
use downbeat_campaign::sweep::{Sweep, Swept, sweep};

use crate::programs::program;

crate::cases![
    every_input_is_run_with_each_fault_at_each_io,
    a_failure_is_filed_with_its_input_and_its_interference,
    a_swept_input_is_swept_again_only_if_the_sweep_is_fresh,
    the_next_call_continues_a_sweep_that_ran_out_of_time,
    the_error_for_a_target_without_a_device_names_the_targets_that_have_a_device,
];

operations! {
    settings [];

    /// An operation on the toy.
    pub enum Operation {
        /// Two I/Os.
        0 "write" Write 8 => Write,
    }
}

/// A target that does two I/Os for each operation, and fails if power is lost at the third I/O.
struct Toy;

impl Target for Toy {
    const LISTING: Listing = Listing {
        name: "toy",
        about: "fails if power is lost at the third I/O",
        has_device: true,
        is_adapter: false,
        budget: Budget { steps: 1 << 16, input_bytes: 1024, search_seconds: 120 },
    };
    const EVENTS: &'static [&'static str] = &[];
    type Operation = Operation;

    fn world(_geometry: &Header) -> AnyWorld<Operation> {
        Box::<ToyWorld>::default()
    }
}

#[derive(Default)]
struct ToyWorld {
    done: u64,
}

impl World for ToyWorld {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        self.done = 0;
        Ok(())
    }

    fn apply(&mut self, _operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        self.done += 2;
        run.device_operations(2);
        let Some(Armed { kind: FaultKind::PowerLoss, nth: 3, .. }) = run.interference() else {
            return Ok(());
        };
        assert!(self.done < 3, "toy: it must survive the loss of power");
        Ok(())
    }
}

/// The toy target, for the program that runs it.
pub(crate) static TOY: &dyn AnyTarget = &Entry::<Toy>::ROW;

/// A checkout with an input of two operations and an input of one operation.
fn checkout() -> (tempfile::TempDir, Project, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut inputs = Vec::new();
    for (name, text) in [("one", "write\nwrite\n"), ("two", "write\n")] {
        let path = folder.path().join(name);
        std::fs::write(&path, TOY.encode(text).expect("well-formed")).expect("a file");
        inputs.push(path);
    }
    let project = Project::at(folder.path());
    (folder, project, inputs)
}

fn run(project: &Project, inputs: &[PathBuf], time: Duration, fresh: bool) -> Swept {
    let what = Sweep { target: &program("toy"), inputs, time, fresh };
    sweep(project, &what, &mut |_| ()).expect("a sweep")
}

const LONG: Duration = Duration::from_secs(600);

fn every_input_is_run_with_each_fault_at_each_io() {
    let (_folder, project, inputs) = checkout();
    let swept = run(&project, &inputs, LONG, false);
    // One input has four I/Os, the other has two. Each input also runs once without interference.
    assert_eq!((swept.inputs, swept.operations, swept.runs), (2, 6, 2 + 2 * 6));
}

fn a_failure_is_filed_with_its_input_and_its_interference() {
    let (_folder, project, inputs) = checkout();
    let swept = run(&project, &inputs, LONG, false);
    assert_eq!(swept.failures, 1);
    let [finding] = &swept.findings[..] else { panic!("{:?}", swept.findings) };
    assert!(finding.report.contains("toy/assert-it-must-survive-the-loss-of-power"), "{finding:?}");
    assert!(finding.report.contains("input --crash-at 3"), "{finding:?}");
    let input = std::fs::read(finding.folder.join("input")).expect("the input");
    assert_eq!(input, std::fs::read(&inputs[0]).expect("the input"));
    assert!(finding.folder.join("report.txt").is_file());
}

fn a_swept_input_is_swept_again_only_if_the_sweep_is_fresh() {
    let (_folder, project, inputs) = checkout();
    run(&project, &inputs[1..], LONG, false);
    let swept = run(&project, &inputs, LONG, false);
    assert_eq!((swept.inputs, swept.before, swept.operations), (2, 1, 4));
    let swept = run(&project, &inputs, LONG, true);
    assert_eq!((swept.inputs, swept.before, swept.operations), (2, 0, 6));
}

fn the_next_call_continues_a_sweep_that_ran_out_of_time() {
    let (_folder, project, inputs) = checkout();
    let swept = run(&project, &inputs, Duration::ZERO, false);
    assert!(swept.stopped && swept.inputs == 0, "{swept:?}");
    let swept = run(&project, &inputs, LONG, false);
    assert!(!swept.stopped && swept.inputs == 2 && swept.before == 0, "{swept:?}");
}

fn the_error_for_a_target_without_a_device_names_the_targets_that_have_a_device() {
    let (_folder, project, inputs) = checkout();
    let what = Sweep { target: &program("panic"), inputs: &inputs, time: LONG, fresh: false };
    let refused = sweep(&project, &what, &mut |_| ()).expect_err("the target has no device");
    let line = refused.to_string();
    assert!(line.contains("panic has no device") && line.contains("grid"), "{line}");
}
