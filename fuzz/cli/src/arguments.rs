//! The command line: its commands and options, and its errors of one line each.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use downbeat_campaign::adapters;
use downbeat_campaign::driver::{self, Driver};
use downbeat_campaign::planted::{Origin, Searcher};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, Part, Profile, registry};

/// Coverage-guided fuzzing for log-structured merge trees.
#[derive(Parser)]
#[command(name = "downbeat", version, bin_name = "downbeat", after_help = STATUS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The exit status, for help.
const STATUS: &str = "Exit status: 0 success, 1 a finding or a failed check, 2 bad input or a \
missing tool, 130 interrupted";

/// The exit status of a campaign, for help.
const STATUS_OF_FUZZ: &str = "Exit status: 1 if there is a finding; else 2 if a driver died or an \
error occurred;\nelse 130 if interrupted; else 0";

/// How a soak goes on, for help.
const STATUS_OF_SOAK: &str = "The same command goes on with a soak that was ended or killed.\n\
Exit status: 1 if a target has a filed finding; else 130 if interrupted; else 0";

/// A target, parsed from its name.
pub(crate) type TargetArgument = &'static Listing;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists the targets
    List,
    /// Runs a driver on a target, or on all targets in turn
    #[command(after_help = STATUS_OF_FUZZ)]
    Fuzz(FuzzArguments),
    /// Runs inputs and prints each operation with its result
    Replay(ReplayArguments),
    /// Prints the text of an input
    Show {
        #[arg(value_parser = target)]
        target: TargetArgument,
        /// A file: bytes, or text if its name ends in .txt
        input: PathBuf,
    },
    /// Writes the bytes of a text to standard output
    Encode {
        #[arg(value_parser = target)]
        target: TargetArgument,
        /// A file of text; its name may have any ending
        text: PathBuf,
    },
    /// Generates inputs from a seed
    Seed(SeedArguments),
    /// Finds the smallest input with the same failure and files it; the exit status is then 1
    Shrink(ShrinkArguments),
    /// Runs the failing inputs that any driver left, and files each failure once
    #[command(after_help = "Exit status: 1 if there is a finding or a flaky input, else 0")]
    Triage(TriageArguments),
    /// Measures, merges and minimizes corpora
    Corpus {
        #[command(subcommand)]
        command: CorpusCommand,
    },
    /// Measures what each part of a driver brings, and prints a table
    Parts(PartsArguments),
    /// Plants bugs in a copy of the checkout and measures how fast drivers find them
    Planted(PlantedArguments),
    /// Fuzzes targets for hours, and gives each the time that it is worth
    #[command(after_help = STATUS_OF_SOAK)]
    Soak(SoakArguments),
    /// Compares drivers, their options and what they start with, by the planted bugs that they find
    Compare(CompareArguments),
    /// Finds known bugs of released engines again, each in a version that has it
    #[command(
        after_help = "Exit status: 1 if a bug was not found, or a fixed version fails; else 0"
    )]
    Rediscover(RediscoverArguments),
    /// Runs inputs again for each of their I/Os, with a power loss or a failure at that I/O
    Sweep(SweepArguments),
    /// Says which drivers work on this machine, why others do not, and what to do
    #[command(after_help = "Exit status: 1 if something needs your help, else 0")]
    Doctor,
    /// Measures which parts of the core the committed corpora cover
    Coverage(CoverageArguments),
    /// Makes an HTML page about campaigns, findings, planted bugs and coverage
    Report(ReportArguments),
    /// Prints the dictionary of a target, or of all targets
    Dictionary(GeneratedArguments),
    /// Prints libFuzzer's options for a target, or for all targets, as OSS-Fuzz reads them
    Options(GeneratedArguments),
}

#[derive(Args)]
pub(crate) struct FuzzArguments {
    /// The target, or --engine NAME for an adapter in fuzz/engine/adapters [default: all in turn]
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// The driver: libfuzzer, seeded, afl, honggfuzz or bolero
    #[arg(long, default_value = "libfuzzer", value_parser = driver)]
    pub(crate) driver: &'static dyn Driver,
    /// Time for each target, such as 90s or 2m [default: 60s; without TARGET, 3m in total]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// The number of parallel processes
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) jobs: u32,
    /// The seed of the driver [default: a new one for each run]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Builds programs that run faster, which takes minutes; implied if --time is 10m or more
    #[arg(long)]
    pub(crate) fast: bool,
    /// A folder to read inputs from and add inputs to, instead of corpus/TARGET and
    /// fuzz/work/TARGET
    #[arg(long)]
    pub(crate) corpus: Option<PathBuf>,
    /// Plants the canary: a fault that every driver must find
    #[arg(long)]
    pub(crate) canary: bool,
    /// Leaves a part of the driver out; may be repeated
    #[arg(long, value_name = "PART", value_parser = part, hide = true)]
    pub(crate) without: Vec<Part>,
    /// An option that is added to those of the driver, such as --option=-entropic=1; for libfuzzer;
    /// may be repeated
    #[arg(long = "option", value_name = "OPTION", allow_hyphen_values = true)]
    pub(crate) extra: Vec<String>,
    /// Keeps the page of `downbeat report`, target/report.html, up to date while the campaigns run
    #[arg(long)]
    pub(crate) watch: bool,
    /// The limit of CPU time for each target, of all processes of its driver
    #[arg(long, value_parser = duration, hide = true)]
    pub(crate) cpu_time: Option<Duration>,
    /// A file for the outcome, which the parent process reads
    #[arg(long, requires = "target", hide = true)]
    pub(crate) outcome: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct PartsArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// A driver; may be repeated
    #[arg(long = "driver", value_name = "DRIVER", default_value = "libfuzzer", value_parser = driver)]
    pub(crate) drivers: Vec<&'static dyn Driver>,
    /// CPU time of each campaign, of all processes of its driver
    #[arg(long, default_value = "60s", value_parser = duration)]
    pub(crate) time: Duration,
    /// The number of campaigns of each variation, with seeds from 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) seeds: u64,
}

/// Which bugs are planted.
#[derive(Args)]
pub(crate) struct ChosenArguments {
    /// The target whose bugs are planted [default: all]
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// A bug, by the name of its patch without .patch; may be repeated [default: all]
    #[arg(long = "patch", value_name = "SLUG")]
    pub(crate) slugs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct CompareArguments {
    #[command(flatten)]
    pub(crate) chosen: ChosenArguments,
    /// A driver, perhaps with options: "libfuzzer -entropic=1"; may be repeated [default: libfuzzer
    /// and seeded]
    #[arg(long = "driver", value_name = "DRIVER", value_parser = searcher)]
    pub(crate) searchers: Vec<Searcher>,
    /// What a driver starts with: empty, or the committed corpus; may be repeated [default: empty]
    #[arg(long = "from", value_name = "empty|corpus", value_parser = origin)]
    pub(crate) origins: Vec<Origin>,
    /// The number of searches for each bug and driver, with seeds from 1 [default: 3]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) seeds: Option<u64>,
    /// CPU time for a search, of all processes of its driver [default: as the patch says, or 60s]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Plants this many bugs, drawn at random
    #[arg(long, value_name = "COUNT", conflicts_with = "slugs",
          value_parser = clap::value_parser!(u64).range(1..=10000))]
    pub(crate) sample: Option<u64>,
    /// The seed that draws the sample
    #[arg(long, value_name = "SEED", default_value_t = 1, requires = "sample")]
    pub(crate) draw: u64,
    /// Ignores stored outcomes and searches again
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Prints all outcomes and figures as JSON, at the end
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct PlantedArguments {
    #[command(flatten)]
    pub(crate) chosen: ChosenArguments,
    /// A driver; may be repeated [default: libfuzzer and seeded; with --rotate, libfuzzer]
    #[arg(long = "driver", value_name = "DRIVER", value_parser = driver)]
    pub(crate) drivers: Vec<&'static dyn Driver>,
    /// The number of searches for each bug and driver, with seeds from 1 [default: 3; with
    /// --rotate, 1]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) seeds: Option<u64>,
    /// CPU time for a search, of all processes of its driver [default: as the patch says, or 60s]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Ignores stored outcomes and searches again
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Plants this many bugs, selected by rotation
    #[arg(long, value_name = "COUNT", conflicts_with = "slugs",
          value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) rotate: Option<u64>,
    /// The number of the rotation, which selects the bugs [default: the number of commits]
    #[arg(long, value_name = "NUMBER", requires = "rotate")]
    pub(crate) turn: Option<u64>,
    /// Only checks that every patch applies and that the core compiles with it
    #[arg(long, conflicts_with_all = ["drivers", "seeds", "fresh", "rotate"])]
    pub(crate) check: bool,
}

#[derive(Args)]
pub(crate) struct SoakArguments {
    /// The targets [default: all]
    #[arg(value_parser = target)]
    pub(crate) targets: Vec<TargetArgument>,
    /// Time of the soak, of all its sessions together, such as 24h
    #[arg(long, default_value = "24h", value_parser = duration)]
    pub(crate) time: Duration,
    /// CPU time of a slice, for each job
    #[arg(long, default_value = "60s", value_parser = duration)]
    pub(crate) slice: Duration,
    /// The driver: libfuzzer, seeded, afl, honggfuzz or bolero
    #[arg(long, default_value = "libfuzzer", value_parser = driver)]
    pub(crate) driver: &'static dyn Driver,
    /// The number of parallel processes
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) jobs: u32,
    /// Keeps the page of `downbeat report`, target/report.html, up to date while the soak runs
    #[arg(long)]
    pub(crate) watch: bool,
    /// Begins a new soak instead of going on; inputs and findings stay
    #[arg(long)]
    pub(crate) fresh: bool,
}

#[derive(Args)]
pub(crate) struct RediscoverArguments {
    /// A bug, by the name of its file in fuzz/engine/known; may be repeated [default: all]
    #[arg(value_name = "CASE")]
    pub(crate) cases: Vec<String>,
    /// A driver, libfuzzer or seeded; may be repeated [default: seeded]
    #[arg(long = "driver", value_name = "DRIVER", value_parser = driver)]
    pub(crate) drivers: Vec<&'static dyn Driver>,
    /// The limit of CPU time for each search
    #[arg(long, default_value = "2m", value_parser = duration)]
    pub(crate) time: Duration,
    /// The seed of each search
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Args)]
pub(crate) struct SweepArguments {
    /// A target with a simulated disk
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Files or folders of inputs [default: corpus/TARGET]
    pub(crate) inputs: Vec<PathBuf>,
    /// Time limit, such as 90s or 2m; the next run continues with the remaining inputs
    #[arg(long, default_value = "10m", value_parser = duration)]
    pub(crate) time: Duration,
    /// Sweeps all inputs, even if they were swept before
    #[arg(long)]
    pub(crate) fresh: bool,
}

#[derive(Args)]
pub(crate) struct ReplayArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Files or folders of inputs: bytes, or text if a name ends in .txt
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Prints only a verdict for each file
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Another input: prints the first difference between the two runs; exit status 1 if they
    /// differ
    #[arg(long, value_name = "INPUT", conflicts_with = "quiet")]
    pub(crate) against: Option<PathBuf>,
    /// Power is lost after this I/O, counted from 1; for targets with a simulated disk
    #[arg(long, value_name = "IO", conflicts_with = "fail_at")]
    pub(crate) crash_at: Option<u64>,
    /// This I/O fails, counted from 1; for targets with a simulated disk
    #[arg(long, value_name = "IO")]
    pub(crate) fail_at: Option<u64>,
}

#[derive(Args)]
pub(crate) struct ShrinkArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// A file (bytes, or text if its name ends in .txt) or the folder of a finding
    pub(crate) input: PathBuf,
    /// Time limit, such as 90s or 2m [default: 10s]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// The folder in which the finding's folder is created [default: fuzz/artifacts/TARGET]
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Plants the canary, to shrink a finding of `fuzz --canary`
    #[arg(long)]
    pub(crate) canary: bool,
}

#[derive(Args)]
pub(crate) struct TriageArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Files, or folders of failing inputs: libFuzzer's artifacts, AFL++'s output, honggfuzz's
    /// crash folder, bolero's folder
    #[arg(required = true, value_name = "DIR")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Time limit for shrinking each finding, such as 90s or 2m [default: 10s]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Plants the canary, to triage findings of `fuzz --canary`
    #[arg(long)]
    pub(crate) canary: bool,
}

#[derive(Args)]
pub(crate) struct ReportArguments {
    /// Folders of recorded campaigns [default: target/runs]
    #[arg(value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// The file of the page [default: target/report.html]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SeedArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// The seed
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[arg(long, default_value = Profile::ALL[0].name(), value_parser = profiles,
          help = list_profiles())]
    pub(crate) profile: Profiles,
    /// The number of inputs of each profile [default: all, or 100 if the profile is unlimited]
    #[arg(long)]
    pub(crate) count: Option<u64>,
    /// The folder for the inputs; created if it does not exist, existing files are kept
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct CoverageArguments {
    /// The target whose corpus is replayed [default: all]
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// The folder for the HTML pages [default: target/coverage/html]
    #[arg(long, value_name = "DIR")]
    pub(crate) html: Option<PathBuf>,
    /// A folder of inputs, instead of the committed corpus
    #[arg(long, value_name = "DIR", requires = "target")]
    pub(crate) corpus: Option<PathBuf>,
    /// Also runs the core's own tests
    #[arg(long)]
    pub(crate) tests: bool,
}

/// The arguments of a command that generates a committed file of each target.
#[derive(Args)]
pub(crate) struct GeneratedArguments {
    /// The target [default: all]
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// Writes the committed file (dictionaries/TARGET.dict or ci/oss-fuzz/options/TARGET.options)
    /// instead of printing
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Subcommand)]
pub(crate) enum CorpusCommand {
    /// Counts operations, events and states, and checks that they are enough
    Stats(StatsArguments),
    /// Merges folders of inputs from any driver: adds inputs with new coverage to one folder
    Merge(MergeArguments),
    /// Finds the fewest inputs with the coverage of all
    Minimize(MinimizeArguments),
}

#[derive(Args)]
pub(crate) struct MergeArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Files or folders of inputs, bytes or text
    #[arg(required = true, value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,
    /// The folder to add inputs to; created if it does not exist [default: fuzz/work/TARGET]
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    /// Adds every input that passes, even without new coverage
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct MinimizeArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Folders of inputs [default: corpus/TARGET and fuzz/work/TARGET]
    pub(crate) inputs: Vec<PathBuf>,
    /// A folder to add the result to; created if it does not exist
    #[arg(long, value_name = "DIR", conflicts_with = "write")]
    pub(crate) into: Option<PathBuf>,
    /// Replaces corpus/TARGET by the result; if the result does not reach all goals, writes nothing
    /// and exits with status 1
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Args)]
pub(crate) struct StatsArguments {
    /// The target [default: all]
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// Files or folders of inputs [default: the target's committed corpus]
    #[arg(requires = "target", conflicts_with = "random")]
    pub(crate) inputs: Vec<PathBuf>,
    /// The number of inputs of random bytes to use instead of a corpus
    #[arg(long)]
    pub(crate) random: Option<u64>,
    /// The length of a random input, in bytes
    #[arg(long, default_value_t = 400, requires = "random",
          value_parser = clap::value_parser!(u32).range(0..=1 << 20))]
    pub(crate) bytes: u32,
    /// The seed of the random bytes
    #[arg(long, default_value_t = 1, requires = "random")]
    pub(crate) seed: u64,
}

/// The words of the command line, with `--engine NAME` replaced by `NAME` as the first argument of
/// the command. An adapter of an engine is a target, so it is named where a target is.
pub(crate) fn words(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let Some(place) = words.iter().position(|word| {
        word == "--engine" || word.to_str().is_some_and(|word| word.starts_with("--engine="))
    }) else {
        return words;
    };
    let word = words.remove(place);
    let name = match word.to_str().and_then(|word| word.strip_prefix("--engine=")) {
        Some(name) => name.into(),
        None if place < words.len() => words.remove(place),
        None => return words,
    };
    let first = if words.get(1).is_some_and(|word| word == "corpus") { 3 } else { 2 };
    words.insert(first.min(words.len()), name);
    words
}

fn target(name: &str) -> Result<TargetArgument, String> {
    if let Some(target) = registry::find(name) {
        return Ok(target);
    }
    let project = Project::find().ok();
    if let Some(adapter) = project.as_ref().and_then(|project| adapters::find(project, name)) {
        return Ok(adapter);
    }
    let adapters = project.as_ref().map(adapters::names).unwrap_or_default();
    let names = registry::TARGETS.iter().map(|target| target.name);
    let names: Vec<&str> = names.chain(adapters.iter().map(String::as_str)).collect();
    Err(match nearest(name, &names) {
        Some(nearest) => format!("unknown target \"{name}\"; did you mean \"{nearest}\"?"),
        None => format!("unknown target \"{name}\"; targets are {}", names.join(", ")),
    })
}

fn driver(name: &str) -> Result<&'static dyn Driver, String> {
    driver::find(name).map_err(|error| error.to_string())
}

fn searcher(text: &str) -> Result<Searcher, String> {
    Searcher::parse(text).map_err(|error| error.to_string())
}

fn origin(name: &str) -> Result<Origin, String> {
    let found = Origin::ALL.into_iter().find(|origin| origin.name() == name);
    found.ok_or_else(|| format!("\"{name}\" is not a beginning; write empty or corpus"))
}

fn part(name: &str) -> Result<Part, String> {
    Part::find(name).ok_or_else(|| {
        let names = Part::ALL.map(Part::name);
        format!("unknown part \"{name}\"; parts are {}", names.join(", "))
    })
}

/// The profiles that the name on the command line selects.
#[derive(Clone, Debug)]
pub(crate) struct Profiles(pub(crate) Vec<Profile>);

fn profiles(name: &str) -> Result<Profiles, String> {
    if name == "all" {
        return Ok(Profiles(Profile::ALL.to_vec()));
    }
    let found = Profile::ALL.into_iter().find(|profile| profile.name() == name);
    found.map(|profile| Profiles(vec![profile])).ok_or_else(|| {
        let names = Profile::ALL.map(Profile::name);
        match nearest(name, &names) {
            Some(nearest) => format!("unknown profile \"{name}\"; did you mean \"{nearest}\"?"),
            None => {
                format!("unknown profile \"{name}\"; profiles are all, {}", names.join(", "))
            }
        }
    })
}

/// The list of profiles for the help text.
fn list_profiles() -> String {
    let lines = Profile::ALL.map(|profile| format!("\n{:<11} {}", profile.name(), profile.about()));
    format!("The profile of the inputs:{}\nall         each of these\n", lines.concat())
}

/// The known name that is nearest to a misspelt one, if any is near.
pub(crate) fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let nearest = names.iter().map(|known| (strsim::damerau_levenshtein(known, name), *known));
    nearest.min().filter(|(distance, known)| *distance <= known.len() / 3).map(|(_, known)| known)
}

/// Parses a time from a millisecond to a year. A number without a unit is in seconds.
fn duration(text: &str) -> Result<Duration, String> {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let parsed = match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed
        .filter(|time| (Duration::from_millis(1)..=YEAR).contains(time))
        .ok_or_else(|| format!("\"{text}\" is not a time; write 90s, 2m or 1h30m, at most a year"))
}

/// Prints in one line why the command line is invalid. Help goes to standard output.
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // If standard output is closed, the error is ignored.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("downbeat: no command; try \"cargo downbeat fuzz\", or --help for a list");
            return ExitCode::from(2);
        }
        _ => {}
    }
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) if argument.starts_with('-') => {
            format!("{}: ", argument.split_whitespace().next().unwrap_or(""))
        }
        _ => String::new(),
    };
    match (error.kind(), std::error::Error::source(error)) {
        // These errors already contain a valid example or the known names.
        (ErrorKind::ValueValidation, Some(source)) => eprintln!("downbeat: {argument}{source}"),
        _ => eprintln!("downbeat: {}; try --help", summary(error)),
    }
    ExitCode::from(2)
}

/// The first line of clap's message, with the names of missing arguments from its later lines.
fn summary(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("").trim_start_matches("error: ").to_owned();
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(missing)) if first.ends_with(':') => {
            format!("{first} {}", missing.join(" "))
        }
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_becomes_the_first_argument_of_the_command() {
        let words = |line: &str| {
            let words = words(line.split(' ').map(OsString::from));
            words.join(" ".as_ref()).into_string().expect("text")
        };
        assert_eq!(words("downbeat fuzz --engine redb --seed 1"), "downbeat fuzz redb --seed 1");
        assert_eq!(words("downbeat replay INPUT --engine=redb"), "downbeat replay redb INPUT");
        assert_eq!(words("downbeat corpus stats --engine redb"), "downbeat corpus stats redb");
        assert_eq!(words("downbeat fuzz tree"), "downbeat fuzz tree");
    }
}
