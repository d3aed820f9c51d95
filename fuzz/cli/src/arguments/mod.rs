//! The command line: its commands and options, and its errors of one line each.
//!
//! | module | contents |
//! |---|---|
//! | `campaigns`, `planted`, `mutants`, `corpus`, `engine` | the arguments of these commands |
//! | `values` | names and times |
//! | `words` | the words before they are parsed |
//! | `refusal` | what is printed about a command line that is invalid |

mod campaigns;
mod corpus;
mod engine;
mod mutants;
mod planted;
mod refusal;
mod values;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use downbeat_protocol::Profile;

pub(crate) use campaigns::{FuzzArguments, PartsArguments, RediscoverArguments, SoakArguments};
pub(crate) use corpus::{
    CorpusCommand, MergeArguments, MigrateArguments, MinimizeArguments, StatsArguments,
};
pub(crate) use engine::{EngineCommand, NewEngineArguments};
pub(crate) use mutants::MutantsArguments;
pub(crate) use planted::{ChosenArguments, CompareArguments, PlantedArguments};
pub(crate) use refusal::refuse;
pub(crate) use values::{TargetArgument, nearest};
pub(crate) use words::words;

use values::{Profiles, duration, list_profiles, profiles, target};

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

/// The exit status of trials of mutants, for help.
const STATUS_OF_MUTANTS: &str =
    "Exit status: 1 if a mutant survives that fuzz/mutants.md does not name, else 0";

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
    /// Tries whether the suite notices small changes of the core
    #[command(after_help = STATUS_OF_MUTANTS)]
    Mutants(MutantsArguments),
    /// Writes a repository that fuzzes an engine outside of this checkout
    Engine {
        #[command(subcommand)]
        command: EngineCommand,
    },
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
pub(crate) struct SweepArguments {
    /// A target with a simulated disk, or an engine
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
