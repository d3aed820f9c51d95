//! parity-db: tables with logs, and a B-tree over them.
//!
//! A commit is atomic and visible when it returns, but only threads of the engine make it durable:
//! <https://docs.rs/parity-db/0.5.7/parity_db/>. A crash leaves the state of some earlier commit.

use std::fs::File;
use std::path::Path;

use downbeat_engine::{Batch, Durability, Engine, Pair, Result, Scan, Settings, Write};
use parity_db::{BTreeIterator, CompressionType, Db, Options};

pub struct Adapter {
    database: Db,
    /// The selected column.
    space: u8,
}

/// The columns, which are key spaces.
const SPACES: u8 = 3;

impl Adapter {
    /// The pairs from where the cursor stands, in one direction.
    fn pairs<'c>(
        mut cursor: BTreeIterator<'c>,
        back: bool,
    ) -> impl Iterator<Item = parity_db::Result<Pair>> + 'c {
        std::iter::from_fn(move || if back { cursor.prev() } else { cursor.next() }.transpose())
    }
}

impl Engine for Adapter {
    const DURABILITY: Option<Durability> =
        Some(Durability { after: &[], said: "https://github.com/paritytech/parity-db#durability" });
    /// The database is closed when it is dropped, so closing it returns no error.
    const REPORTS_ERRORS: bool = false;
    type Snapshot = ();

    fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let data = directory.join("data");
        let mut options = Options::with_columns(&data, SPACES);
        for column in &mut options.columns {
            column.btree_index = true;
            if settings.compress == Some(true) {
                column.compression = CompressionType::Lz4;
            }
        }
        let database = Db::open_or_create(&options)?;
        // The folder in which the engine makes its own is the caller's to sync. The engine does not
        // sync its metadata: `findings/parity-db-metadata.md`.
        for path in [&data.join("metadata"), &data, directory] {
            File::open(path)?.sync_all()?;
        }
        Ok(Adapter { database, space: 0 })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        let writes = batch.iter().map(|write| match *write {
            Write::Put(key, value) => (self.space, key, Some(value.to_vec())),
            Write::Remove(key) => (self.space, key, None),
        });
        Ok(self.database.commit(writes)?)
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.database.get(self.space, key)?)
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        let mut cursor = self.database.iter(self.space)?;
        let (low, high) = scan.half_open();
        if scan.is_backward() {
            match &high {
                Some(high) => cursor.seek(high)?,
                None => cursor.seek_to_last()?,
            }
            let mut pairs = Self::pairs(cursor, true).peekable();
            // The cursor may stand at the first key above the range.
            while pairs
                .next_if(|pair| {
                    pair.as_ref()
                        .is_ok_and(|(key, _)| high.as_ref().is_some_and(|high| key >= high))
                })
                .is_some()
            {}
            return scan.read_backward(
                pairs.take_while(|pair| pair.as_ref().map_or(true, |(key, _)| scan.contains(key))),
            );
        }
        match &low {
            Some(low) => cursor.seek(low)?,
            None => cursor.seek_to_first()?,
        }
        let pairs = Self::pairs(cursor, false);
        scan.read_forward(
            pairs.take_while(|pair| pair.as_ref().map_or(true, |(key, _)| scan.contains(key))),
        )
    }

    fn select(&mut self, space: u32) -> Result<()> {
        self.space = space as u8;
        Ok(())
    }
}
