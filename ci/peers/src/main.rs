//! Measures Downbeat's LSM core beside other storage engines: loads, lookups, scans and mixed
//! batches of the same records.
//!
//! | module | contents |
//! |---|---|
//! | `engine` | what the benchmark asks of an engine |
//! | `engines` | the engines |
//! | `records` | the two shapes of records, and their keys |
//! | `phases` | what is measured, one phase after the other |
//! | `meter` | CPU time, bytes written, memory, and space |
//! | `rounds` | runs of all engines in turn, each in a process of its own |
//! | `report` | the tables |
//!
//! Each run of an engine is a process of its own, so that its memory is measured alone. The engines
//! take turns, so that a busy machine slows all of them.

mod engine;
mod engines;
mod meter;
mod phases;
mod records;
mod report;
mod rounds;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use engines::Name;
use phases::{Load, Sizes};
use records::{Narrow, Wide};

/// Measures Downbeat's LSM core beside other storage engines.
#[derive(Parser)]
#[command(name = "peers")]
struct Arguments {
    /// The records of a load
    #[arg(long, default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(100_000..=1_000_000_000))]
    records: u64,
    /// The shape of the records; may be repeated [default: both]
    #[arg(long = "shape", value_enum)]
    shapes: Vec<Shape>,
    /// An engine; may be repeated [default: all that are built in]
    #[arg(long = "engine", value_enum)]
    engines: Vec<Name>,
    /// How often each engine runs
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// The folder for the files of the engines [default: the folder of temporary files]
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Runs one engine in this process, and prints its figures
    #[arg(long, hide = true)]
    load: Option<Load>,
}

/// The shape of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// 128 bytes, of which the key has 8
    Wide,
    /// 32 bytes, of which the key has 16
    Narrow,
}

impl Shape {
    const ALL: [Self; 2] = [Self::Wide, Self::Narrow];

    fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }

    /// The bytes of a record.
    fn bytes(self) -> u64 {
        match self {
            Self::Wide => size_of::<Wide>() as u64,
            Self::Narrow => size_of::<Narrow>() as u64,
        }
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let sizes = Sizes::of(arguments.records);
    let engines = match &arguments.engines[..] {
        [] => Name::value_variants(),
        some => some,
    };
    let shapes = match &arguments.shapes[..] {
        [] => &Shape::ALL,
        some => some,
    };
    let directory = arguments.directory.clone().unwrap_or_else(std::env::temp_dir);
    if let (Some(load), [engine], [shape]) = (arguments.load, engines, shapes) {
        let directory = tempfile::tempdir_in(directory)?;
        return match shape {
            Shape::Wide => engines::run::<Wide>(*engine, directory.path(), sizes, load),
            Shape::Narrow => engines::run::<Narrow>(*engine, directory.path(), sizes, load),
        };
    }
    for shape in shapes {
        let rounds = rounds::Rounds { shape: *shape, sizes, engines, directory: &directory };
        let figures = rounds.run(arguments.rounds)?;
        println!("{}", report::table(*shape, sizes, engines, &figures));
    }
    Ok(())
}
