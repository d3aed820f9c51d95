//! What is measured, one phase after the other.

use std::path::Path;

use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::engine::Engine;
use crate::meter;
use crate::records::{Order, Shaped};

/// The records of a batch.
const BATCH: u64 = 8190;

/// The records of a short scan.
const SCAN: usize = 100;

/// The order in which records are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Load {
    /// Only a load, by ascending keys
    Ascending,
    /// A load by random keys, then all other phases
    Random,
}

impl Load {
    pub(crate) const ALL: [Self; 2] = [Self::Ascending, Self::Random];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Random => "random",
        }
    }
}

/// How much each phase does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) records: u64,
    /// The lookups of present keys, and of absent ones.
    lookups: u64,
    /// The short scans.
    scans: u64,
    /// The puts of the mixed phase, and its lookups.
    mixed: u64,
}

impl Sizes {
    pub(crate) fn of(records: u64) -> Self {
        Sizes {
            records,
            lookups: (records / 4).min(500_000),
            scans: (records / 200).min(20_000),
            mixed: records / 4,
        }
    }
}

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Figure {
    LoadAscending,
    Load,
    GetPresent,
    GetAbsent,
    ScanShort,
    ScanAll,
    Mixed,
    /// The slowest batch of the random load, as a multiple of the median.
    SlowestBatch,
    /// The bytes written in the random load, as a multiple of the data.
    Written,
    /// The space after the random load, as a multiple of the data.
    Space,
    /// The most memory of the process, in MiB.
    Memory,
}

impl Figure {
    pub(crate) const ALL: [(Self, &'static str, &'static str); 11] = [
        (Self::LoadAscending, "load-ascending", "load, ascending (us)"),
        (Self::Load, "load", "load (us)"),
        (Self::GetPresent, "get-present", "get, present (us)"),
        (Self::GetAbsent, "get-absent", "get, absent (us)"),
        (Self::ScanShort, "scan-100", "scan of 100 (us)"),
        (Self::ScanAll, "scan-all", "scan of all (us)"),
        (Self::Mixed, "mixed", "mixed (us)"),
        (Self::SlowestBatch, "slowest-batch", "slowest batch / median"),
        (Self::Written, "written", "written / data"),
        (Self::Space, "space", "space / data"),
        (Self::Memory, "memory", "memory (MiB)"),
    ];

    /// The name in the output of a run.
    pub(crate) fn name(self) -> &'static str {
        let all = Self::ALL.iter().find(|(figure, ..)| *figure == self);
        all.expect("every figure has a row").1
    }
}

/// Runs the phases on a new engine, and prints its figures.
pub(crate) fn run<R: Shaped, E: Engine<R>>(
    directory: &Path,
    sizes: Sizes,
    load: Load,
) -> Result<()> {
    let Sizes { records, lookups, scans, mixed } = sizes;
    let data = (records * size_of::<R>() as u64) as f64;
    let mut engine = E::create(directory, records)?;
    let written = meter::written()?;
    if load == Load::Ascending {
        let (time, _) = loads(&mut engine, 0..records, Order::Ascending)?;
        say(Figure::LoadAscending, time / records as f64);
        return Ok(());
    }
    let (time, mut batches) = loads(&mut engine, 0..records, Order::Random)?;
    say(Figure::Load, time / records as f64);
    batches.sort_by(f64::total_cmp);
    say(Figure::SlowestBatch, batches[batches.len() - 1] / batches[batches.len() / 2]);
    say(Figure::Written, (meter::written()? - written) as f64 / data);
    say(Figure::Space, meter::space(directory)? as f64 / data);

    let key = |number| R::key_of(number, Order::Random);
    let other = |number: u64| R::key_of(number, Order::Ascending);
    let picked = |number: u64| spread(number, records);
    let (mut before, mut present) = (meter::cpu_time(), 0);
    for number in 0..lookups {
        present += u64::from(engine.get(key(picked(number)))?);
    }
    say(Figure::GetPresent, (meter::cpu_time() - before) / lookups as f64);
    ensure!(present == lookups, "{present} of {lookups} present keys were found");
    (before, present) = (meter::cpu_time(), 0);
    for number in 0..lookups {
        present += u64::from(engine.get(key(records + number))?);
    }
    say(Figure::GetAbsent, (meter::cpu_time() - before) / lookups as f64);
    ensure!(present == 0, "{present} absent keys were found");
    (before, present) = (meter::cpu_time(), 0);
    // From anywhere but the last percent of the keys.
    let step = u64::MAX / 100 * 99 / scans;
    for number in 0..scans {
        present += engine.scan(other(spread(number, scans) * step), SCAN)? as u64;
    }
    say(Figure::ScanShort, (meter::cpu_time() - before) / present as f64);
    ensure!(present == scans * SCAN as u64, "short scans returned {present} records");
    before = meter::cpu_time();
    let all = engine.scan(other(0), usize::MAX)?;
    say(Figure::ScanAll, (meter::cpu_time() - before) / records as f64);
    ensure!(all as u64 == records, "a scan of everything returned {all} records");
    (before, present) = (meter::cpu_time(), 0);
    let mut batch = Vec::new();
    for first in (0..mixed).step_by(BATCH as usize) {
        let numbers = first..(first + BATCH).min(mixed);
        batch.clear();
        batch.extend(numbers.clone().map(|number| R::of(key(picked(number)), number)));
        engine.put(&batch)?;
        for number in numbers {
            present += u64::from(engine.get(key(picked(number.wrapping_mul(31))))?);
        }
    }
    say(Figure::Mixed, (meter::cpu_time() - before) / (2 * mixed) as f64);
    ensure!(present == mixed, "{present} of {mixed} keys were found between the writes");
    say(Figure::Memory, meter::peak_memory()? as f64 / f64::from(1 << 20));
    Ok(())
}

/// A number below `end`. Numbers from 0 to `end` are spread over all of them.
fn spread(number: u64, end: u64) -> u64 {
    // A prime, which has no factor in common with an end that is smaller.
    (u128::from(number) * 2_654_435_761 % u128::from(end)) as u64
}

/// Loads records in batches. Returns the CPU time, and that of each batch.
fn loads<R: Shaped, E: Engine<R>>(
    engine: &mut E,
    numbers: std::ops::Range<u64>,
    order: Order,
) -> Result<(f64, Vec<f64>)> {
    let mut times = Vec::new();
    let mut batch = Vec::with_capacity(BATCH as usize);
    let began = meter::cpu_time();
    for first in numbers.clone().step_by(BATCH as usize) {
        let before = meter::cpu_time();
        batch.clear();
        let part = first..(first + BATCH).min(numbers.end);
        batch.extend(part.map(|number| R::of(R::key_of(number, order), number)));
        engine.put(&batch)?;
        times.push(meter::cpu_time() - before);
    }
    engine.finish()?;
    Ok((meter::cpu_time() - began, times))
}

fn say(figure: Figure, value: f64) {
    println!("{} {value}", figure.name());
}
