//! sled: a lock-free tree over a log.
//!
//! Keys are ordered, a batch is atomic, and `flush` makes what was written durable:
//! <https://docs.rs/sled/0.34.7/sled/struct.Tree.html>.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Write};
use sled::{Config, Db, IVec, Tree};

pub struct Adapter {
    database: Db,
    tree: Tree,
}

fn owned(pair: (IVec, IVec)) -> Pair {
    (pair.0.to_vec(), pair.1.to_vec())
}

/// Opens a database. The lock of one that was just closed stays until the threads of the engine
/// end.
fn opened(config: &Config) -> sled::Result<Db> {
    for _ in 0..1000 {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("acquire lock") => {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => return opened,
        }
    }
    config.open()
}

impl Engine for Adapter {
    const INVERTED_SCANS: bool = false;
    const DURABILITY: Option<Durability> = Some(Durability {
        after: &[Call::Sync],
        said: "https://docs.rs/sled/0.34.7/sled/struct.Tree.html#method.flush",
    });
    type Snapshot = ();

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let mut config = Config::new().path(directory.join("data")).flush_every_ms(None);
        if let Some(bytes) = settings.block_size {
            config = config.segment_size(bytes as usize);
        }
        if let Some(bytes) = settings.cache_size {
            config = config.cache_capacity(bytes.into());
        }
        let database = opened(&config)?;
        // The folder in which the engine makes its own is the caller's to sync.
        File::open(directory)?.sync_all()?;
        let tree = database.open_tree("0")?;
        Ok(Adapter { database, tree })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        let mut writes = sled::Batch::default();
        for write in batch {
            match *write {
                Write::Put(key, value) => writes.insert(key, value),
                Write::Remove(key) => writes.remove(key),
            }
        }
        Ok(self.tree.apply_batch(writes)?)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.tree.get(key)?.map(|value| value.to_vec()))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        scan.read(self.tree.range::<&[u8], _>(scan.bounds()))
    }

    fn prefix(&mut self, prefix: &[u8], scan: &Scan<'_>) -> Result<Vec<Pair>> {
        scan.read(self.tree.scan_prefix(prefix))
    }

    fn count(&mut self) -> Result<u64> {
        Ok(self.tree.len() as u64)
    }

    fn end(&mut self, last: bool) -> Result<Option<Pair>> {
        let pair = if last { self.tree.last()? } else { self.tree.first()? };
        Ok(pair.map(owned))
    }

    fn clear(&mut self) -> Result<()> {
        Ok(self.tree.clear()?)
    }

    fn sync(&mut self) -> Result<()> {
        self.tree.flush()?;
        Ok(())
    }

    fn close(self) -> Result<()> {
        self.database.flush()?;
        Ok(())
    }

    fn select(&mut self, space: u32) -> Result<()> {
        self.tree = self.database.open_tree(space.to_string())?;
        Ok(())
    }

    fn delete(&mut self, space: u32) -> Result<()> {
        self.database.drop_tree(space.to_string())?;
        Ok(())
    }
}
