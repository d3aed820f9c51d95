//! Loads records of 128 bytes into a store in batches, then reads them. Prints the CPU time of the
//! batches, and the memory that the process took beside the bytes that the options add up to.
//!
//! ```text
//! load RECORDS BLOCK_SIZE [FILE]
//! ```
//!
//! The keys are in a random order, and the options are those for production. The device is a new
//! file, or in memory if no file is given. Runs on Linux.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "the lints are for the library, and this is a program"
)]

mod row;

use std::error::Error;
use std::path::Path;

use downbeat_lsm::storage::{FileStorage, MemoryStorage, Storage, SystemFile};
use downbeat_lsm::store::{Store, StoreOptions};
use rustix::time::{ClockId, clock_gettime};

use row::Row;

/// The records of a batch.
const BATCH: u64 = 8190;

/// The bytes of the device for each byte of data: blocks that were released wait for a checkpoint.
const ROOM: u64 = 8;

/// One in this many records is looked up after the load.
const LOOKUPS: u64 = 16;

/// The key of the record with this number. No two records have the same key.
fn key(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The CPU time of the process in microseconds.
fn cpu_time() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1000
}

/// The most memory that the process has used, in bytes.
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or("the system says how much memory was used")?.trim().parse::<u64>()? * 1024)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (records, block_size, file) = match arguments.as_slice() {
        [records, block_size] => (records, block_size, None),
        [records, block_size, file] => (records, block_size, Some(Path::new(file))),
        _ => return Err("usage: load RECORDS BLOCK_SIZE [FILE]".into()),
    };
    let (records, block_size) = (records.parse::<u64>()?, block_size.parse::<usize>()?);
    let data = records * size_of::<Row>() as u64;
    // A small store needs room for the tables of a bar.
    let block_count = (ROOM * data).max(1 << 30).div_ceil(block_size as u64);
    let options = StoreOptions::production_of::<Row>(block_size, block_count);
    let (size, sector_size) = (options.device_size()?, options.layout.sector_size);
    match file {
        Some(path) => {
            let device = FileStorage::new(SystemFile::create(path, size)?, sector_size);
            run(device, &options, records)
        }
        None => run(MemoryStorage::new(size as usize, sector_size), &options, records),
    }
}

fn run<S: Storage>(device: S, options: &StoreOptions, records: u64) -> Result<(), Box<dyn Error>> {
    let mut store = Store::<Row, S>::format(device, options, 1)?;
    let mut times = Vec::with_capacity(records.div_ceil(BATCH) as usize);
    let mut most_pending = 0;
    let mut before = cpu_time();
    let began = before;
    for number in 0..records {
        store.put(&Row::new(key(number), number))?;
        if (number + 1) % BATCH == 0 {
            let now = cpu_time();
            times.push(now - before);
            before = now;
            most_pending = most_pending.max(store.grid().pending_writes());
        }
    }
    println!("load: {:.3} us a record", (before - began) as f64 / records as f64);
    store.checkpoint()?;
    let mut wrong = 0;
    let before = cpu_time();
    for number in (0..records).step_by(LOOKUPS as usize) {
        wrong += u64::from(store.get(key(number))?.is_none_or(|row| row.put != number));
    }
    let lookups = records.div_ceil(LOOKUPS);
    println!("get: {:.3} us a record", (cpu_time() - before) as f64 / lookups as f64);
    let before = cpu_time();
    for number in (0..records).step_by(LOOKUPS as usize) {
        store.put(&Row::new(key(number), number))?;
        let other = (number * 31) % records;
        wrong += u64::from(store.get(key(other))?.is_none_or(|row| row.put != other));
    }
    println!("mixed: {:.3} us an operation", (cpu_time() - before) as f64 / lookups as f64 / 2.0);
    let before = cpu_time();
    let mut count = 0;
    for row in store.range(..) {
        let row = row?;
        count += 1;
        wrong += u64::from(row.key != key(row.put));
    }
    println!("scan: {:.3} us a record", (cpu_time() - before) as f64 / records as f64);
    times.sort_unstable();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("pending writes: {most_pending}, of {} at most", store.grid().pending_writes_max());
    println!("batches: {}, median {median} us, slowest {slowest} us", times.len());
    println!("memory: {} bytes, options {} bytes", peak_memory()?, options.memory_size::<Row>()?);
    println!("{count} records, {wrong} wrong");
    Ok(())
}
