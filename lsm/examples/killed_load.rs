//! Puts records into a store in a file. The program can be killed at any time: started again, it
//! checks that the store is exactly what its checkpoint must hold, and goes on from there.
//!
//! ```text
//! cargo run --release --example killed_load -- FILE [PUTS]
//! ```
//!
//! Prints `open N`, where N is the beat that the checkpoint holds; for each checkpoint `begin N`
//! before its beat and `ack N` after it; and `done` at the end.
//! `ci/hold/killed-load-keeps-checkpoints` kills it and checks what it printed.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]
#![expect(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "the lints are for the library, and this is a program"
)]

mod row;

use std::error::Error;
use std::path::{Path, PathBuf};

use downbeat_lsm::storage::FileStorage;
use downbeat_lsm::store::{Store, StoreFileError, StoreOptions};

use row::Row;

/// Each key is put this many times, as far as there are puts.
const TIMES: u64 = 4;

/// The record of a put. Puts go through the keys in a scattered order, again and again.
fn row_of(put: u64, keys: u64) -> Row {
    Row::new((put % keys).wrapping_mul(0x9e37_79b9_7f4a_7c15), put)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().map(PathBuf::from).ok_or("usage: killed_load FILE [PUTS]")?;
    let puts: u64 = arguments.next().map_or(Ok(2_000_000), |count| count.parse())?;
    load(&path, puts)
}

/// Blocks of 16 KiB, checkpoints every 32,768 puts, and a cache of 32 MiB.
fn options(puts: u64) -> StoreOptions {
    let data = puts.div_ceil(TIMES) * size_of::<Row>() as u64;
    let block_count = (8 * data).max(1 << 29) >> 14;
    let mut options = StoreOptions::production_of::<Row>(16 << 10, block_count);
    options.tree.beat_value_count_max = 512;
    options.checkpoint_interval = 2;
    options.cache.sets = 128;
    options
}

/// Checks the store, and puts records from its checkpoint on.
fn load(path: &Path, puts: u64) -> Result<(), Box<dyn Error>> {
    let options = options(puts);
    let keys = puts.div_ceil(TIMES);
    let opened = if path.exists() { Store::open_file(path, &options).map(Some) } else { Ok(None) };
    let mut store: Store<Row, FileStorage> = match opened {
        Ok(Some(store)) => store,
        Ok(None) => Store::create_file(path, &options, 1)?,
        // The process was killed while it created the file.
        Err(StoreFileError::NotAStore { .. }) => {
            std::fs::remove_file(path)?;
            Store::create_file(path, &options, 1)?
        }
        Err(error) => return Err(error.into()),
    };
    println!("open {}", store.beat_number());
    let of_beat = u64::from(options.tree.beat_value_count_max);
    // The first beat has number 1.
    let mut next = store.beat_number() * of_beat;
    check(&mut store, next.min(puts), keys)?;
    while next < puts {
        let end = (next + of_beat).min(puts);
        for put in next..end {
            store.put(&row_of(put, keys))?;
        }
        next = end;
        let beat = store.beat_number() + 1;
        if store.next_checkpoint() == beat {
            println!("begin {}", beat - u64::from(options.tree.beats_per_bar));
        }
        if let Some(held) = store.beat()? {
            println!("ack {held}");
        }
    }
    println!("done");
    Ok(())
}

/// Checks that the store has exactly the records of the first `puts` puts, and that every block is
/// right.
fn check(store: &mut Store<Row, FileStorage>, puts: u64, keys: u64) -> Result<(), Box<dyn Error>> {
    let verification = store.verify()?;
    if let Some(error) = verification.errors.first() {
        return Err(error.to_string().into());
    }
    let mut count = 0;
    for row in store.range(..) {
        let row = row?;
        let is_last = row.put < puts && row.put + keys >= puts;
        if !is_last || row != row_of(row.put, keys) {
            return Err(
                format!("a record is not that of a checkpoint of {puts} puts: {row:?}").into()
            );
        }
        count += 1;
    }
    // The keys differ, so each is there once.
    if count != puts.min(keys) {
        return Err(format!("{puts} puts left {count} records of {keys}").into());
    }
    Ok(())
}

#[test]
fn a_second_process_goes_on_after_the_first() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store");
    load(&path, 100_000)?;
    load(&path, 100_000)
}
