//! LMDB, through heed: a B+ tree in a memory map, with copies of pages.
//!
//! Transactions are atomic and isolated, and a commit is durable: <http://www.lmdb.tech/doc/>. A
//! key has 1 to 511 bytes. In heed 0.23 a database borrows its environment, so an adapter could not
//! keep both; LMDB is the same in 0.22.

use std::fs::File;
use std::ops::RangeInclusive;
use std::path::Path;

use downbeat_engine::engine::{Answer, run, steps_of};
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Step, Write};
use heed::types::Bytes;
use heed::{Database, Env, EnvOpenOptions, RoTxn, RwTxn, WithoutTls};

/// Bytes of the memory map: more than a history writes.
const MAP: usize = 256 << 20;

type Pairs = Database<Bytes, Bytes>;

pub struct Adapter {
    environment: Env<WithoutTls>,
    pairs: Pairs,
}

fn get(pairs: Pairs, transaction: &RoTxn<'_>, key: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(pairs.get(transaction, key)?.map(<[u8]>::to_vec))
}

fn read(pairs: Pairs, transaction: &RoTxn<'_>, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    if scan.is_backward() {
        return scan.read_backward(pairs.rev_range(transaction, &scan.bounds())?);
    }
    scan.read_forward(pairs.range(transaction, &scan.bounds())?)
}

fn write(pairs: Pairs, transaction: &mut RwTxn<'_>, write: &Write<'_>) -> Result<()> {
    match write {
        Write::Put(key, value) => pairs.put(transaction, key, value)?,
        Write::Remove(key) => drop(pairs.delete(transaction, key)?),
    }
    Ok(())
}

impl Adapter {
    fn space(environment: &Env<WithoutTls>, space: u32) -> Result<Pairs> {
        let mut transaction = environment.write_txn()?;
        let pairs = environment.create_database(&mut transaction, Some(&space.to_string()))?;
        transaction.commit()?;
        Ok(pairs)
    }
}

impl Engine for Adapter {
    const KEY_LENGTHS: RangeInclusive<usize> = 1..=511;
    const INVERTED_SCANS: bool = false;
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Write],
        said: "http://www.lmdb.tech/doc/group__mdb.html#ga32a193c6bf4d7d5c5d579e71f22e9340",
    });
    type Snapshot = RoTxn<'static, WithoutTls>;

    fn open(directory: &Path, _settings: &Settings) -> Result<Self> {
        let mut options = EnvOpenOptions::new().read_txn_without_tls();
        options.map_size(MAP).max_dbs(3);
        // SAFETY: nothing but this environment changes the files.
        let environment = unsafe { options.open(directory)? };
        // The names of the files are the caller's to sync.
        File::open(directory)?.sync_all()?;
        let pairs = Self::space(&environment, 0)?;
        Ok(Adapter { environment, pairs })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.transact(&steps_of(batch), true).map(drop)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(self.pairs, &*self.environment.read_txn()?, key)
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(self.pairs, &*self.environment.read_txn()?, scan)
    }

    fn count(&mut self) -> Result<u64> {
        Ok(self.pairs.len(&*self.environment.read_txn()?)?)
    }

    fn clear(&mut self) -> Result<()> {
        let mut transaction = self.environment.write_txn()?;
        self.pairs.clear(&mut transaction)?;
        Ok(transaction.commit()?)
    }

    fn remove_range(&mut self, range: &Scan<'_>) -> Result<()> {
        let mut transaction = self.environment.write_txn()?;
        self.pairs.delete_range(&mut transaction, &range.bounds())?;
        Ok(transaction.commit()?)
    }

    fn transact(&mut self, steps: &[Step<'_>], commit: bool) -> Result<Vec<Answer>> {
        let pairs = self.pairs;
        let mut transaction = self.environment.write_txn()?;
        let answers = run(
            &mut transaction,
            steps,
            |transaction, one| write(pairs, transaction, one),
            |transaction, key| get(pairs, transaction, key),
            |transaction, scan| read(pairs, transaction, scan),
        )?;
        match commit {
            true => transaction.commit()?,
            false => transaction.abort(),
        }
        Ok(answers)
    }

    fn snapshot(&mut self) -> Result<RoTxn<'static, WithoutTls>> {
        Ok(self.environment.clone().static_read_txn()?)
    }

    fn get_at(&mut self, at: &RoTxn<'static, WithoutTls>, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(self.pairs, at, key)
    }

    fn scan_at(&mut self, at: &RoTxn<'static, WithoutTls>, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(self.pairs, at, scan)
    }

    fn select(&mut self, space: u32) -> Result<()> {
        self.pairs = Self::space(&self.environment, space)?;
        Ok(())
    }

    fn close(self) -> Result<()> {
        self.environment.prepare_for_closing().wait();
        Ok(())
    }
}
