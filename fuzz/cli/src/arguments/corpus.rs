//! The arguments of `downbeat corpus`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values::{TargetArgument, target};

#[derive(Subcommand)]
pub(crate) enum CorpusCommand {
    /// Counts operations, events and states, and checks that they are enough
    Stats(StatsArguments),
    /// Merges folders of inputs from any driver: adds inputs with new coverage to one folder
    Merge(MergeArguments),
    /// Rewrites inputs that are in an earlier version of the encoding; their meaning stays the same
    Migrate(MigrateArguments),
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
pub(crate) struct MigrateArguments {
    /// The target [default: all]
    #[arg(value_parser = target, requires = "folders")]
    pub(crate) target: Option<TargetArgument>,
    /// Folders of inputs [default: corpus/TARGET and fuzz/work/TARGET of each target]
    #[arg(value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// The version that the inputs are in [default: what the folder says]
    #[arg(long, value_name = "N", requires = "target")]
    pub(crate) from: Option<u32>,
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
