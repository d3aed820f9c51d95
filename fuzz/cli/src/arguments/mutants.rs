//! The arguments of `downbeat mutants`.

use std::time::Duration;

use clap::Args;
use downbeat_campaign::driver::Driver;

use super::values::{driver, duration};

#[derive(Args)]
pub(crate) struct MutantsArguments {
    /// Only mutants whose file or description contains this text; may be repeated [default: all]
    pub(crate) containing: Vec<String>,
    /// Tries this many mutants, drawn at random
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) sample: Option<u64>,
    /// The seed that draws the sample
    #[arg(long, value_name = "SEED", default_value_t = 1, requires = "sample")]
    pub(crate) draw: u64,
    /// A driver that searches after the replays; may be repeated [default: seeded and libfuzzer]
    #[arg(long = "driver", value_name = "DRIVER", value_parser = driver)]
    pub(crate) drivers: Vec<&'static dyn Driver>,
    /// CPU time for a search, of all processes of its driver
    #[arg(long, default_value = "20s", value_parser = duration)]
    pub(crate) time: Duration,
    /// The number of targets that each driver searches, the nearest to the mutant's file first; 0
    /// for replays only
    #[arg(long, value_name = "COUNT", default_value_t = 2,
          value_parser = clap::value_parser!(u64).range(0..=4))]
    pub(crate) targets: u64,
    /// Only lists the mutants
    #[arg(long, conflicts_with_all = ["drivers", "fresh"])]
    pub(crate) list: bool,
    /// Ignores stored outcomes and tries again
    #[arg(long)]
    pub(crate) fresh: bool,
}
