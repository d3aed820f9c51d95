//! Operations through the trait of `fuzz/engine`, beside a bare loop over the same operations on
//! the same engine. Prints for each engine the CPU time through the trait, divided by that of the
//! bare loop: the least of several rounds of each.

mod bare;

use std::ops::Bound;
use std::path::Path;

use downbeat_engine::scan::Turns;
use downbeat_engine::{Engine, Result, Scan, Settings, Write};
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 5;
/// Batches of a round, and pairs of a batch.
const BATCHES: u64 = 400;
const BATCH: u64 = 50;
/// Pairs that a scan reads.
const TAKE: usize = 20;

/// The operations of the loops. Reads return the number of pairs that they found.
trait Loop {
    fn write(&mut self, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<()>;
    fn get(&mut self, key: &[u8]) -> Result<usize>;
    fn scan(&mut self, from: &[u8]) -> Result<usize>;
}

struct Through<E>(E);

impl<E: Engine> Loop for Through<E> {
    fn write(&mut self, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        let batch: Vec<_> = pairs.iter().map(|(key, value)| Write::Put(key, value)).collect();
        self.0.apply(&batch)
    }

    fn get(&mut self, key: &[u8]) -> Result<usize> {
        Ok(self.0.get(key)?.map_or(0, |_| 1))
    }

    fn scan(&mut self, from: &[u8]) -> Result<usize> {
        let scan = Scan::new(Bound::Included(from), Bound::Unbounded, Turns::Forward, TAKE);
        Ok(self.0.scan(&scan)?.len())
    }
}

/// The keys of a batch are apart from each other.
fn key(number: u64) -> Vec<u8> {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().to_vec()
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Runs the operations. Returns their CPU time and the pairs that were read.
fn run(engine: &mut dyn Loop) -> Result<(f64, usize)> {
    let batches: Vec<Vec<_>> = (0..BATCHES)
        .map(|batch| (0..BATCH).map(|n| (key(batch * BATCH + n), vec![n as u8; 100])).collect())
        .collect();
    let start = cpu_seconds();
    let mut read = 0;
    for batch in &batches {
        engine.write(batch)?;
        for (key, _) in batch {
            read += engine.get(key)?;
        }
        for (key, _) in batch.iter().step_by(5) {
            read += engine.scan(key)?;
        }
    }
    Ok((cpu_seconds() - start, read))
}

/// The CPU time through the trait in bare loops.
fn ratio(open: [&dyn Fn(&Path) -> Result<Box<dyn Loop>>; 2]) -> Result<f64> {
    let mut least = [f64::INFINITY; 2];
    let mut read = [0; 2];
    for _ in 0..ROUNDS {
        for (place, open) in open.iter().enumerate() {
            let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
            let (seconds, pairs) = run(&mut *open(folder.path())?)?;
            least[place] = least[place].min(seconds);
            read[place] = pairs;
        }
    }
    assert_eq!(read[0], read[1], "both loops read the same pairs");
    Ok(least[0] / least[1])
}

fn through<E: Engine>(folder: &Path) -> Result<Box<dyn Loop>> {
    Ok(Box::new(Through(E::open(folder, &Settings::default())?)))
}

fn main() -> Result<()> {
    let redb = ratio([&through::<downbeat_redb::Adapter>, &bare::redb])?;
    println!("redb {redb:.2}");
    let lsm_tree = ratio([&through::<downbeat_lsm_tree::Adapter>, &bare::lsm_tree])?;
    println!("lsm-tree {lsm_tree:.2}");
    let core = ratio([&through::<downbeat_core_store::Adapter>, &bare::core])?;
    println!("core-store {core:.2}");
    Ok(())
}
