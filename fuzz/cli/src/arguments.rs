//! The command line: what can be said, and one clear line for what cannot.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use downbeat_campaign::{DRIVERS, Driver};
use downbeat_protocol::{Listing, Profile, registry};

/// Coverage-guided fuzzing for log-structured merge trees.
#[derive(Parser)]
#[command(name = "downbeat", version, bin_name = "downbeat", after_help = STATUS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The exit status, for help.
const STATUS: &str = "Exit status: 0 all is well, 1 a finding, 2 bad input or a missing tool, \
130 interrupted";

/// The exit status of a campaign, for help.
const STATUS_OF_FUZZ: &str = "Exit status: 1 if anything was found; else 2 if a driver died, or \
anything went wrong;\nelse 130 if it was interrupted; else 0";

/// A target, by name.
pub(crate) type TargetArgument = &'static Listing;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// The targets, each in a line
    List,
    /// Runs a driver on a target, or on all in turn
    #[command(after_help = STATUS_OF_FUZZ)]
    Fuzz(FuzzArguments),
    /// Runs inputs, and prints each operation with what happened
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
        /// A file of text, whatever its name
        text: PathBuf,
    },
    /// Makes inputs with the seeded generator
    Seed(SeedArguments),
    /// Finds the smallest input with the same failure; exit status 1, as with any finding
    Shrink(ShrinkArguments),
    /// Counts what corpora do, merges them, makes them small
    Corpus {
        #[command(subcommand)]
        command: CorpusCommand,
    },
    /// Plants bugs in a copy of the checkout, and says what finds them at what cost
    Planted(PlantedArguments),
    /// Runs each input again for each of its I/Os: there the power goes, or the I/O fails
    Sweep(SweepArguments),
    /// Which parts of the core the committed corpora reach
    Coverage(CoverageArguments),
    /// Prints the dictionary of a target, or of all
    Dictionary(DictionaryArguments),
}

#[derive(Args)]
pub(crate) struct FuzzArguments {
    /// The target; all in turn if none is named
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// libfuzzer, seeded, afl, honggfuzz or bolero
    #[arg(long, default_value = "libfuzzer", value_parser = driver)]
    pub(crate) driver: &'static dyn Driver,
    /// Time for a target, such as 90s or 2m [default: 60s; for all, 3m in all]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Processes at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) jobs: u32,
    /// Seed of the driver [default: another one each time]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Builds programs that run fast, in minutes, as for runs of ten minutes or more
    #[arg(long)]
    pub(crate) fast: bool,
    /// A folder of inputs to read and add to, in place of corpus/TARGET and fuzz/work/TARGET
    #[arg(long)]
    pub(crate) corpus: Option<PathBuf>,
    /// Plants a fault that every run must find
    #[arg(long)]
    pub(crate) canary: bool,
    /// CPU time for a target, of all processes of its driver
    #[arg(long, value_parser = duration, hide = true)]
    pub(crate) cpu_time: Option<Duration>,
    /// A file for what came of it, for the program that started this one
    #[arg(long, requires = "target", hide = true)]
    pub(crate) outcome: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct PlantedArguments {
    /// The target whose bugs are planted; those of all if none is named
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// A bug, by the name of its patch without .patch; several if it is said again
    #[arg(long = "patch", value_name = "SLUG")]
    pub(crate) slugs: Vec<String>,
    /// A driver that searches; several if it is said again [default: libfuzzer and seeded; with
    /// --rotate, libfuzzer]
    #[arg(long = "driver", value_name = "DRIVER", value_parser = driver)]
    pub(crate) drivers: Vec<&'static dyn Driver>,
    /// Searches of a driver for a bug, with the seeds from 1 on [default: 3; with --rotate, 1]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) seeds: Option<u64>,
    /// CPU time for a search, of all processes of its driver [default: 60s, or what the patch says]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Searches again, though outcomes are stored
    #[arg(long)]
    pub(crate) fresh: bool,
    /// So many of the bugs, in turn
    #[arg(long, value_name = "COUNT", conflicts_with = "slugs",
          value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) rotate: Option<u64>,
    /// Which turn it is [default: the number of commits up to this one]
    #[arg(long, value_name = "NUMBER", requires = "rotate")]
    pub(crate) turn: Option<u64>,
    /// Does not search: checks that every patch applies, and that the core compiles with it
    #[arg(long, conflicts_with_all = ["drivers", "seeds", "fresh", "rotate"])]
    pub(crate) check: bool,
}

#[derive(Args)]
pub(crate) struct SweepArguments {
    /// A target whose store is on a simulated disk
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Files or folders of inputs [default: corpus/TARGET]
    pub(crate) inputs: Vec<PathBuf>,
    /// Time, such as 90s or 2m; what is left is swept by the next call
    #[arg(long, default_value = "10m", value_parser = duration)]
    pub(crate) time: Duration,
    /// Sweeps inputs again that were swept before
    #[arg(long)]
    pub(crate) fresh: bool,
}

#[derive(Args)]
pub(crate) struct ReplayArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Files or folders: bytes, or text where a name ends in .txt
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Prints a verdict for each file, and no operations
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Another input: shows where its run and that of the first input part; exit status 1 if they do
    #[arg(long, value_name = "INPUT", conflicts_with = "quiet")]
    pub(crate) against: Option<PathBuf>,
    /// The power goes once this I/O is done, by number from 1; for targets with a simulated disk
    #[arg(long, value_name = "IO", conflicts_with = "fail_at")]
    pub(crate) crash_at: Option<u64>,
    /// This I/O fails, by number from 1; for targets with a simulated disk
    #[arg(long, value_name = "IO")]
    pub(crate) fail_at: Option<u64>,
}

#[derive(Args)]
pub(crate) struct ShrinkArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// A file: bytes, or text if its name ends in .txt; or the folder of a finding
    pub(crate) input: PathBuf,
    /// Time for it, such as 90s or 2m [default: 10s]
    #[arg(long, value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// The folder that the finding's folder goes to [default: fuzz/artifacts/TARGET]
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Shrinks a finding of `fuzz --canary`: with the fault planted
    #[arg(long)]
    pub(crate) canary: bool,
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
    /// How many inputs of a profile [default: 100; all, where there is an end]
    #[arg(long)]
    pub(crate) count: Option<u64>,
    /// The folder that they go to; made if missing, nothing in it is overwritten
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct CoverageArguments {
    /// The target whose corpus is replayed; every one if none is named
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// Where the pages go [default: target/coverage/html]
    #[arg(long, value_name = "DIR")]
    pub(crate) html: Option<PathBuf>,
    /// A folder of the target's inputs, in place of its committed corpus
    #[arg(long, value_name = "DIR", requires = "target")]
    pub(crate) corpus: Option<PathBuf>,
    /// Runs the core's own tests, too
    #[arg(long)]
    pub(crate) tests: bool,
}

#[derive(Args)]
pub(crate) struct DictionaryArguments {
    /// The target; every one if none is named
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// Writes dictionaries/TARGET.dict instead
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Subcommand)]
pub(crate) enum CorpusCommand {
    /// Counts operations, events and operations per input
    Stats(StatsArguments),
    /// Merges folders of inputs, of any driver, into one: those that add something
    Merge(MergeArguments),
    /// Finds the fewest inputs that reach what all do
    Minimize(MinimizeArguments),
}

#[derive(Args)]
pub(crate) struct MergeArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Folders of inputs, or files: bytes or text
    #[arg(required = true, value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,
    /// The folder that they go to; made if missing, keeps what it has [default: fuzz/work/TARGET]
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    /// Adds every input that passes, whether or not it reaches something new
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct MinimizeArguments {
    #[arg(value_parser = target)]
    pub(crate) target: TargetArgument,
    /// Folders of inputs [default: corpus/TARGET and fuzz/work/TARGET]
    pub(crate) inputs: Vec<PathBuf>,
    /// Replaces corpus/TARGET by them; exit status 1, and nothing is written, if they are not enough
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Args)]
pub(crate) struct StatsArguments {
    /// The target; every one if none is named
    #[arg(value_parser = target)]
    pub(crate) target: Option<TargetArgument>,
    /// Files or folders of inputs [default: the target's committed corpus]
    #[arg(requires = "target", conflicts_with = "random")]
    pub(crate) inputs: Vec<PathBuf>,
    /// So many inputs of random bytes, in place of a corpus
    #[arg(long)]
    pub(crate) random: Option<u64>,
    /// Bytes of a random input
    #[arg(long, default_value_t = 400, requires = "random",
          value_parser = clap::value_parser!(u32).range(0..=1 << 20))]
    pub(crate) bytes: u32,
    /// Seed of the random bytes
    #[arg(long, default_value_t = 1, requires = "random")]
    pub(crate) seed: u64,
}

fn target(name: &str) -> Result<TargetArgument, String> {
    if let Some(target) = registry::find(name) {
        return Ok(target);
    }
    let names: Vec<&str> = registry::TARGETS.iter().map(|target| target.name).collect();
    Err(match nearest(name, &names) {
        Some(nearest) => format!("unknown target \"{name}\"; did you mean \"{nearest}\"?"),
        None => format!("unknown target \"{name}\"; targets are {}", names.join(", ")),
    })
}

fn driver(name: &str) -> Result<&'static dyn Driver, String> {
    let found = DRIVERS.into_iter().find(|driver| driver.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = DRIVERS.iter().map(|driver| driver.name()).collect();
        format!("unknown driver \"{name}\"; drivers are {}", names.join(", "))
    })
}

/// Profiles of the generator.
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

/// The profiles, for help.
fn list_profiles() -> String {
    let lines = Profile::ALL.map(|profile| format!("\n{:<11} {}", profile.name(), profile.about()));
    format!("What kind of histories they are:{}\nall         of each of these\n", lines.concat())
}

/// The name that is meant by a misspelt one.
pub(crate) fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let nearest = names.iter().map(|known| (strsim::damerau_levenshtein(known, name), *known));
    nearest.min().filter(|(distance, known)| *distance <= known.len() / 3).map(|(_, known)| known)
}

/// A time from a millisecond to a year; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let parsed = match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed
        .filter(|time| (Duration::from_millis(1)..=YEAR).contains(time))
        .ok_or_else(|| format!("\"{text}\" is no time; write 90s, 2m or 1h30m, at most a year"))
}

/// Says in one line why the command line is not understood. Help goes to standard output.
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Nothing can be said where standard output is closed.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("downbeat: no command; try \"cargo downbeat fuzz\", or --help for all");
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
        // The parsers say what is wrong, and what would be right.
        (ErrorKind::ValueValidation, Some(source)) => eprintln!("downbeat: {argument}{source}"),
        _ => eprintln!("downbeat: {}; --help says what can be said", summary(error)),
    }
    ExitCode::from(2)
}

/// The first line of what clap says, with the names that its later lines hold.
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
