//! The arguments of the commands that run campaigns.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use downbeat_campaign::driver::Driver;
use downbeat_protocol::Part;

use super::values::{TargetArgument, driver, duration, part, target};

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
    /// Measures only the driver as it is, and without this part; may be repeated
    #[arg(long, value_name = "PART", value_parser = part)]
    pub(crate) without: Vec<Part>,
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
