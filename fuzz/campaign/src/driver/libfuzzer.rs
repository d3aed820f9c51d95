//! libFuzzer, built by cargo on the current toolchain, without a sanitizer and without cargo-fuzz.
//!
//! Comparisons are not traced. Keys and values reach the core through a mapping and a stamp, so an
//! operand of a comparison is never a byte of the input. On `cache_map`, from an empty corpus, with
//! seeds 1 to 3, for 15 s each, a build without tracing made 613 to 730 thousand executions and
//! reached 4,160 to 4,233 features. A build with tracing made 293 to 359 thousand executions and
//! reached 3,984 to 4,029 features. A target that passes bytes of the input directly to a parser
//! would need the tracing.
//!
//! An input gets energy by the features that it alone has, not by the entropy of its mutants
//! (`-entropic=0`). In a tree every third input is new at first, and for each new feature the
//! entropic schedule searches all inputs, which took more than half of the CPU time. Without it, 10
//! CPU seconds of `tree` from an empty corpus make 3,767 executions instead of 1,278.
//!
//! How often an edge is passed is not coverage (`-use_counters=0`). In a tree the counts make seven
//! features of an edge, and every fifth input is new for one of them, so the corpus fills with
//! inputs that reach nothing else. In 60 CPU seconds of `tree` from an empty corpus, seed 1, with
//! the counts 4,484 inputs reached 17,900 edges, and without them 606 inputs reached 18,042.
//!
//! If the target has a dictionary, libFuzzer uses it. The dictionary does no harm, and helps the
//! byte mutator, which makes three mutations in ten. On `cache_map`, the median numbers of features
//! without and with the dictionary are: from an empty corpus, seeds 1 to 10, 3,599 and 3,633 after
//! 30 thousand executions, 5,080 and 5,044 after 150 thousand; from the committed corpus, seeds 1
//! to 6, 5,814 and 5,816 after 100 thousand. With only the byte mutator, seeds 1 to 8, they are
//! 4,873 and 4,914 after 150 thousand executions; the dictionary helps for 7 of the 8 seeds.

use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use downbeat_protocol::project::Project;
use downbeat_protocol::registry::Budget;
use downbeat_protocol::{Listing, Part};

use super::{Driver, LogFigures, MEMORY_MEGABYTES, Start};
use crate::build::{self, Purpose, Speed};
use crate::observer::Observer;
use crate::program::Program;
use crate::tools::{CXX, Needs};

/// The time after which an input is a hang, in seconds. libFuzzer looks for hangs at intervals of
/// half this time plus a second, so it reports a hang within twice this time.
const HANG_SECONDS: u64 = super::HANG.as_secs();

pub(super) struct Libfuzzer;

impl Driver for Libfuzzer {
    fn name(&self) -> &'static str {
        "libfuzzer"
    }

    fn needs(&self) -> Needs {
        Needs { packages: &[CXX], tools: &[] }
    }

    fn build(
        &self,
        project: &Project,
        target: &'static Listing,
        speed: Speed,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<Program> {
        self.needs().ensure(project, observer, stop)?;
        build::program(Purpose::Libfuzzer, project, target, speed, observer, stop)
    }

    fn runs_adapters(&self) -> bool {
        true
    }

    fn command(&self, start: &Start<'_>) -> Result<Command> {
        Ok(command(start))
    }

    fn takes_options(&self) -> bool {
        true
    }

    fn parts(&self) -> &'static [Part] {
        &Part::ALL
    }

    fn counts_edges(&self) -> bool {
        true
    }

    fn read_log(&self, line: &str, figures: &mut LogFigures) {
        read_log(line, figures);
    }
}

/// The names and values of the options that decide how a target is fuzzed.
pub(super) fn options(budget: Budget) -> [(&'static str, String); 4] {
    [
        ("max_len", budget.input_bytes.to_string()),
        // The first inputs are whole histories. A limit that grows would cut them.
        ("len_control", "0".to_owned()),
        ("entropic", "0".to_owned()),
        ("use_counters", "0".to_owned()),
    ]
}

/// The options of a target as OSS-Fuzz reads them, in the format of a file `TARGET.options`.
#[must_use]
pub fn options_file(target: &Listing) -> String {
    let mut text = "[libfuzzer]\n".to_owned();
    for (name, value) in options(target.budget) {
        text.push_str(&format!("{name} = {value}\n"));
    }
    text
}

fn command(start: &Start<'_>) -> Command {
    let budget = start.target.budget();
    let mut command = start.target.command();
    command
        .arg(format!("-max_total_time={}", start.time.as_millis().div_ceil(1000)))
        // With the seed 0, libFuzzer would choose a seed itself.
        .arg(format!("-seed={}", (start.seed as u32).max(1)))
        .arg(format!("-timeout={HANG_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEMORY_MEGABYTES}"))
        .arg(format!("-artifact_prefix={}/", start.artifacts.display()))
        .arg("-reload=1");
    if start.has(Part::Options) {
        command.args(options(budget).map(|(name, value)| format!("-{name}={value}")));
    }
    if let Some(dictionary) = start.dictionary() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    // Of an option that occurs twice, libFuzzer takes the last value.
    command.args(start.options).args(start.corpus);
    command
}

/// Reads lines such as `#1024  NEW    cov: 311 ft: 892 corp: 40/2031b lim: 21 exec/s: 512 rss: 40Mb
/// ...`.
pub(super) fn read_log(line: &str, figures: &mut LogFigures) {
    if !line.starts_with('#') {
        return;
    }
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let place = match word {
            "cov:" => &mut figures.edges,
            "ft:" => &mut figures.features,
            "corp:" => &mut figures.corpus,
            _ => continue,
        };
        let number = words.next().and_then(|word| word.split('/').next()?.parse().ok());
        *place = number.or(*place);
    }
    // libFuzzer leaves out numbers that are zero. When it prints this line, it has run an input, so
    // a missing number of edges is zero.
    if line.contains("\tINITED ") {
        figures.edges.get_or_insert(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_gives_edges_features_and_corpus() {
        let mut figures = LogFigures::default();
        read_log("#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 30Mb", &mut figures);
        read_log("#9\tNEW    cov: 311 ft: 892 corp: 40/2031b lim: 21", &mut figures);
        read_log("INFO: cov: 5", &mut figures);
        let expected = LogFigures { edges: Some(311), features: Some(892), corpus: Some(40) };
        assert_eq!(figures, expected);
    }

    #[test]
    fn a_program_that_counts_no_edges_has_none() {
        let mut figures = LogFigures::default();
        read_log("#0\tREAD units: 1", &mut figures);
        assert_eq!(figures.edges, None, "nothing has run");
        read_log("#2\tINITED exec/s: 0 rss: 30Mb", &mut figures);
        assert_eq!(figures.edges, Some(0));
    }
}
