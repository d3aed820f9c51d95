//! Campaigns with a driver that only prints a line of libFuzzer's log.

use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use downbeat::Listing;
use downbeat::project::Project;
use downbeat_campaign::build::Speed;
use downbeat_campaign::driver::{LogFigures, Start};
use downbeat_campaign::observer::Silent;
use downbeat_campaign::{Campaign, Driver, End, LIBFUZZER, Observer, Options, Program};

use crate::programs::program;

crate::cases![
    a_libfuzzer_campaign_ends_at_once_with_an_error_if_the_program_counts_no_edges,
    a_libfuzzer_campaign_continues_if_the_program_counts_edges,
];

/// Prints `line` and sleeps.
struct Saying {
    line: &'static str,
}

static BLIND: Saying = Saying { line: "#2\tINITED exec/s: 0 rss: 30Mb" };
static SEEING: Saying = Saying { line: "#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 30Mb" };

impl Driver for Saying {
    fn name(&self) -> &'static str {
        LIBFUZZER.name()
    }

    fn build(
        &self,
        _project: &Project,
        _target: &'static Listing,
        _speed: Speed,
        _observer: &mut dyn Observer,
        _stop: &AtomicBool,
    ) -> Result<Program> {
        bail!("there is nothing to build")
    }

    fn command(&self, _start: &Start<'_>) -> Result<Command> {
        let mut command = Command::new("sh");
        command.args(["-c", "echo \"$0\"; exec sleep \"$1\"", self.line, "3"]);
        Ok(command)
    }

    fn counts_edges(&self) -> bool {
        LIBFUZZER.counts_edges()
    }

    fn read_log(&self, line: &str, figures: &mut LogFigures) {
        LIBFUZZER.read_log(line, figures);
    }
}

/// Returns how a campaign ends, and how long it takes.
fn run(driver: &'static dyn Driver) -> (End, Duration) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = Project::at(folder.path());
    let options = Options {
        driver,
        time: Duration::from_secs(3),
        cpu: None,
        speed: Speed::Soon,
        jobs: 1,
        seed: 1,
        corpus: None,
        without: Vec::new(),
        canary: false,
        extra: Vec::new(),
    };
    let campaign =
        Campaign { project: &project, options, stop: &AtomicBool::new(false), wanted: None };
    let start = Instant::now();
    let summary = campaign.run(&program("panic"), &mut Silent).expect("the campaign runs");
    (summary.end, start.elapsed())
}

fn a_libfuzzer_campaign_ends_at_once_with_an_error_if_the_program_counts_no_edges() {
    let (end, time) = run(&BLIND);
    let End::Died(why) = end else { panic!("{end:?}") };
    assert!(why.starts_with("the program counts no edges: it is not instrumented"), "{why}");
    assert!(time < Duration::from_secs(3), "{time:?}");
}

fn a_libfuzzer_campaign_continues_if_the_program_counts_edges() {
    let (end, _) = run(&SEEING);
    assert!(matches!(end, End::Time), "{end:?}");
}
