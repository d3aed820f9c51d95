//! jammdb: a B+ tree in a memory map, after BoltDB.
//!
//! Transactions are atomic and isolated, and a commit is durable: <https://docs.rs/jammdb>.

use std::fs::File;
use std::path::Path;

use downbeat_engine::engine::{Answer, run, steps_of};
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Step, Write};
use jammdb::{Bucket, DB, OpenOptions};

const BUCKET: &str = "pairs";

pub struct Adapter(DB);

fn read(bucket: &Bucket<'_, '_>, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    let pairs = bucket.range(scan.bounds());
    scan.read_forward(pairs.map(|data| {
        let (key, value) = data.kv().kv();
        Ok::<_, jammdb::Error>((key.to_vec(), value.to_vec()))
    }))
}

fn get(bucket: &Bucket<'_, '_>, key: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(bucket.get_kv(key).map(|pair| pair.value().to_vec()))
}

fn write(bucket: &mut Bucket<'_, '_>, write: &Write<'_>) -> Result<()> {
    match write {
        Write::Put(key, value) => drop(bucket.put(key.to_vec(), value.to_vec())?),
        Write::Remove(key) => match bucket.delete(key) {
            Ok(_) | Err(jammdb::Error::KeyValueMissing) => {}
            Err(error) => return Err(error.into()),
        },
    }
    Ok(())
}

impl Engine for Adapter {
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Write],
        said: "https://github.com/pjtatlow/jammdb#jammdb",
    });
    type Snapshot = ();

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let mut options = OpenOptions::new();
        if let Some(bytes) = settings.block_size.filter(|bytes| *bytes >= 1024) {
            options = options.pagesize(bytes.into());
        }
        let database = options.open(directory.join("data"))?;
        // The name of the file is not in the file, so its directory is the caller's to sync.
        File::open(directory)?.sync_all()?;
        let transaction = database.tx(true)?;
        transaction.get_or_create_bucket(BUCKET)?;
        transaction.commit()?;
        Ok(Adapter(database))
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.transact(&steps_of(batch), true).map(drop)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(&self.0.tx(false)?.get_bucket(BUCKET)?, key)
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(&self.0.tx(false)?.get_bucket(BUCKET)?, scan)
    }

    fn transact(&mut self, steps: &[Step<'_>], commit: bool) -> Result<Vec<Answer>> {
        let transaction = self.0.tx(true)?;
        let mut bucket = transaction.get_bucket(BUCKET)?;
        let answers = run(&mut bucket, steps, write, get, read)?;
        if commit {
            transaction.commit()?;
        }
        Ok(answers)
    }

    fn check(&mut self) -> Result<()> {
        Ok(self.0.check()?)
    }
}
