//! The adapter of the engine: what Downbeat calls.

use std::path::Path;

use CRATE::Store;
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Write};

pub struct Adapter(Store);

impl Engine for Adapter {
    const DURABILITY: Option<Durability> =
        Some(Durability { after: &[Call::Write], said: "the first lines of src/lib.rs" });
    type Snapshot = ();

    fn open(directory: &Path, _settings: &Settings) -> Result<Self> {
        Ok(Adapter(Store::open(directory)?))
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        let changes: Vec<_> = batch
            .iter()
            .map(|write| match *write {
                Write::Put(key, value) => (key, Some(value)),
                Write::Remove(key) => (key, None),
            })
            .collect();
        Ok(self.0.write(&changes)?)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.0.get(key).map(<[u8]>::to_vec))
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        let pairs = self.0.iter().filter(|(key, _)| scan.contains(key));
        scan.read(pairs.map(Ok::<_, std::fmt::Error>))
    }
}
