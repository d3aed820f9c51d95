//! persy: pages and indexes in a file, with a log in it.
//!
//! Transactions are atomic and isolated, and a commit is durable: <https://docs.rs/persy/1.8.1/persy/>.
//! A key of an index has one value in the mode `Replace`.

use std::cell::RefCell;
use std::fs::File;
use std::ops::Bound;
use std::path::Path;

use downbeat_engine::engine::{Answer, run, steps_of};
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Step, Write};
use persy::{ByteVec, Config, OpenOptions, Persy, Snapshot, Transaction, ValueIter, ValueMode};

const INDEX: &str = "pairs";

pub struct Adapter(Persy);

fn bytes(slice: &[u8]) -> ByteVec {
    ByteVec::from(slice)
}

fn bounds(scan: &Scan<'_>) -> (Bound<ByteVec>, Bound<ByteVec>) {
    (scan.bounds().0.map(bytes), scan.bounds().1.map(bytes))
}

/// The pair of a key with its only value.
fn pair((key, mut values): (ByteVec, ValueIter<ByteVec>)) -> Result<Pair> {
    let value = values.next().ok_or("a key of the index has no value")?;
    Ok((key.to_vec(), value.to_vec()))
}

fn write(transaction: &mut RefCell<Transaction>, write: &Write<'_>) -> Result<()> {
    let transaction = transaction.get_mut();
    match write {
        Write::Put(key, value) => transaction.put(INDEX, bytes(key), bytes(value))?,
        Write::Remove(key) => transaction.remove::<ByteVec, ByteVec>(INDEX, bytes(key), None)?,
    }
    Ok(())
}

fn get(transaction: &RefCell<Transaction>, key: &[u8]) -> Result<Option<Vec<u8>>> {
    let value = transaction.borrow_mut().one::<ByteVec, ByteVec>(INDEX, &bytes(key))?;
    Ok(value.map(|value| value.to_vec()))
}

fn read(transaction: &RefCell<Transaction>, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    let mut transaction = transaction.borrow_mut();
    scan.read(transaction.range::<ByteVec, ByteVec, _>(INDEX, bounds(scan))?.map(pair))
}

impl Engine for Adapter {
    const INVERTED_SCANS: bool = false;
    const DURABILITY: Option<Durability> =
        Some(Durability { after: &[Call::Write], said: "https://docs.rs/persy/1.8.1/persy/" });
    type Snapshot = Snapshot;

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let mut config = Config::new();
        if let Some(size) = settings.cache_size {
            config.change_cache_size(size.into());
        }
        let database =
            OpenOptions::new().create(true).config(config).open(directory.join("data"))?;
        // The name of the file is not in the file, so its directory is the caller's to sync.
        File::open(directory)?.sync_all()?;
        if !database.exists_index(INDEX)? {
            let mut transaction = database.begin()?;
            transaction.create_index::<ByteVec, ByteVec>(INDEX, ValueMode::Replace)?;
            transaction.prepare()?.commit()?;
        }
        Ok(Adapter(database))
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.transact(&steps_of(batch), true).map(drop)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let value = self.0.one::<ByteVec, ByteVec>(INDEX, &bytes(key))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        scan.read(self.0.range::<ByteVec, ByteVec, _>(INDEX, bounds(scan))?.map(pair))
    }

    fn transact(&mut self, steps: &[Step<'_>], commit: bool) -> Result<Vec<Answer>> {
        let mut transaction = RefCell::new(self.0.begin()?);
        let answers = run(&mut transaction, steps, write, get, read)?;
        match commit {
            true => transaction.into_inner().prepare()?.commit()?,
            false => transaction.into_inner().rollback()?,
        }
        Ok(answers)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        Ok(self.0.snapshot()?)
    }

    fn get_at(&mut self, snapshot: &Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let value = snapshot.one::<ByteVec, ByteVec>(INDEX, &bytes(key))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan_at(&mut self, snapshot: &Snapshot, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        scan.read(snapshot.range::<ByteVec, ByteVec, _>(INDEX, bounds(scan))?.map(pair))
    }
}
