//! surrealkv 1: an LSM tree with transactions.
//!
//! Transactions are atomic and isolated, and a commit with `Durability::Immediate` is durable:
//! <https://docs.rs/surrealkv/1.2.0/surrealkv/>. A key may not be empty.

use std::fs::File;
use std::ops::RangeInclusive;
use std::path::Path;

use downbeat_engine::engine::{Answer, run, steps_of};
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Step, Write};
use surrealkv::{
    CompactRangeOptions, LSMIterator, Mode, ReadOptions, Transaction, Tree, TreeBuilder,
};
use tokio::runtime::{Builder, Runtime};

pub struct Adapter {
    tree: Tree,
    runtime: Runtime,
}

impl Adapter {
    fn begin(&self, mode: Mode) -> Result<Transaction> {
        Ok(self.tree.begin_with_mode(mode)?)
    }
}

fn get(transaction: &Transaction, key: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(transaction.get(key)?.map(|value| value.to_vec()))
}

/// The pair at which a cursor stands.
fn pair(cursor: &impl LSMIterator) -> Result<Pair> {
    Ok((cursor.key().user_key().to_vec(), cursor.value()?.to_vec()))
}

fn read(transaction: &Transaction, scan: &Scan<'_>) -> Result<Vec<Pair>> {
    let (low, high) = scan.half_open();
    let mut options = ReadOptions::new();
    options.set_iterate_lower_bound(low);
    options.set_iterate_upper_bound(high);
    let mut cursor = transaction.range_with_options(&options)?;
    let back = scan.is_backward();
    let mut stands = if back { cursor.seek_last()? } else { cursor.seek_first()? };
    let pairs = std::iter::from_fn(|| {
        stands.then(|| {
            let found = pair(&cursor)?;
            stands = if back { cursor.prev()? } else { cursor.next()? };
            Ok::<_, downbeat_engine::Error>(found)
        })
    });
    if back { scan.read_backward(pairs) } else { scan.read_forward(pairs) }
}

fn write(transaction: &mut Transaction, write: &Write<'_>) -> Result<()> {
    match write {
        Write::Put(key, value) => transaction.set(*key, *value)?,
        Write::Remove(key) => transaction.delete(*key)?,
    }
    Ok(())
}

impl Engine for Adapter {
    const KEY_LENGTHS: RangeInclusive<usize> = 1..=512;
    const INVERTED_SCANS: bool = false;
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Write],
        said: "https://docs.rs/surrealkv/1.2.0/surrealkv/enum.Durability.html",
    });
    type Snapshot = Transaction;

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut builder = TreeBuilder::new().with_path(directory.join("tree"));
        if let Some(bytes) = settings.block_size {
            builder = builder.with_block_size(bytes as usize);
        }
        if let Some(bytes) = settings.memtable_size {
            builder = builder.with_max_memtable_size(bytes as usize);
        }
        if let Some(bytes) = settings.cache_size {
            builder = builder.with_block_cache_capacity(bytes.into());
        }
        if let Some(bytes) = settings.separate_from {
            builder = builder.with_enable_vlog(true).with_vlog_value_threshold(bytes as usize);
        }
        let tree = {
            let _entered = runtime.enter();
            builder.build()?
        };
        // The folder in which the engine makes its own is the caller's to sync.
        File::open(directory)?.sync_all()?;
        Ok(Adapter { tree, runtime })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.transact(&steps_of(batch), true).map(drop)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(&self.begin(Mode::ReadOnly)?, key)
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(&self.begin(Mode::ReadOnly)?, scan)
    }

    fn transact(&mut self, steps: &[Step<'_>], commit: bool) -> Result<Vec<Answer>> {
        let mut transaction = self.begin(Mode::ReadWrite)?;
        transaction.set_durability(surrealkv::Durability::Immediate);
        let answers = run(&mut transaction, steps, write, get, read)?;
        match commit {
            true => self.runtime.block_on(transaction.commit())?,
            false => transaction.rollback(),
        }
        Ok(answers)
    }

    fn compact(&mut self) -> Result<()> {
        let _entered = self.runtime.enter();
        Ok(self.tree.compact_range(None, None, &CompactRangeOptions::default())?)
    }

    fn close(self) -> Result<()> {
        Ok(self.runtime.block_on(self.tree.close())?)
    }

    fn snapshot(&mut self) -> Result<Transaction> {
        self.begin(Mode::ReadOnly)
    }

    fn get_at(&mut self, snapshot: &Transaction, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(snapshot, key)
    }

    fn scan_at(&mut self, snapshot: &Transaction, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        read(snapshot, scan)
    }
}
