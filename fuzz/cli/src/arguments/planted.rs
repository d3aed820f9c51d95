//! The arguments of the commands that plant bugs.

use std::time::Duration;

use clap::Args;
use downbeat_campaign::driver::Driver;
use downbeat_campaign::planted::{Origin, Searcher};

use super::values::{TargetArgument, driver, duration, origin, searcher, target};

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
