//! A toy engine of some sixty lines, which has a bug. The target finds it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use downbeat::generator::Length;
use downbeat::protocol::Profile;
use downbeat_engine::{Batch, Engine, Pair, Result, Scan, Settings, Write};

/// A map in memory that is written to a file when it is closed. A bug, if `FLAWED`: a key that ends
/// in 0x00 is read as the key without it.
struct Toy<const FLAWED: bool> {
    file: PathBuf,
    map: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl<const FLAWED: bool> Engine for Toy<FLAWED> {
    type Snapshot = BTreeMap<Vec<u8>, Vec<u8>>;

    fn open(directory: &Path, _settings: &Settings) -> Result<Self> {
        let file = directory.join("data");
        let mut map = BTreeMap::new();
        let bytes = if file.exists() { std::fs::read(&file)? } else { Vec::new() };
        let mut rest = &bytes[..];
        let mut next = || {
            let (length, after) = rest.split_first_chunk::<8>()?;
            let (bytes, after) = after.split_at(u64::from_le_bytes(*length) as usize);
            rest = after;
            Some(bytes.to_vec())
        };
        while let Some(key) = next() {
            map.insert(key, next().ok_or("the file ends after a key")?);
        }
        Ok(Toy { file, map })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        for write in batch {
            match write {
                Write::Put(key, value) => drop(self.map.insert(key.to_vec(), value.to_vec())),
                Write::Remove(key) => drop(self.map.remove(*key)),
            }
        }
        Ok(())
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let key = if FLAWED { key.strip_suffix(&[0]).unwrap_or(key) } else { key };
        Ok(self.map.get(key).cloned())
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        let pairs = self.map.iter().filter(|(key, _)| scan.contains(key));
        scan.read(pairs.map(Ok::<_, std::fmt::Error>))
    }

    fn close(self) -> Result<()> {
        let pairs = self.map.iter().flat_map(|(key, value)| [key, value]);
        let framed =
            pairs.flat_map(|bytes| [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat());
        Ok(std::fs::write(&self.file, framed.collect::<Vec<u8>>())?)
    }

    fn snapshot(&mut self) -> Result<Self::Snapshot> {
        Ok(self.map.clone())
    }

    fn get_at(&mut self, snapshot: &Self::Snapshot, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(snapshot.get(key).cloned())
    }
}

/// Runs inputs of the seeded generator until one fails. Returns the check that failed.
fn first_failure<E: Engine>(inputs: u64) -> Option<String> {
    let target = downbeat_engine::target::<E>();
    let mut runner = target.runner();
    let mut bytes = Vec::new();
    (0..inputs).find_map(|number| {
        target.generate(Profile::Swarm, 1, number, Length::Short, &mut bytes);
        runner.judge(&bytes, false).failure.map(|failure| failure.check)
    })
}

#[test]
fn a_right_engine_passes() {
    assert_eq!(first_failure::<Toy<false>>(500), None);
}

#[test]
fn the_bug_of_the_toy_is_found_among_few_inputs() {
    let check = first_failure::<Toy<true>>(100).expect("the toy has a bug");
    assert!(["engine/get-equals-model", "engine/absent-get-equals-model"].contains(&&*check));
}

#[test]
fn a_history_of_the_bug_fails_as_text_and_passes_on_the_right_engine() {
    let text = "# downbeat engine, encoding 1\nform mixed\nput 8\nput 9 size=0\nget 9\n";
    downbeat_engine::replay_text::<Toy<false>>(text);
    let failed = std::panic::catch_unwind(|| downbeat_engine::replay_text::<Toy<true>>(text));
    let said = failed.expect_err("the toy has a bug");
    let said = said.downcast_ref::<String>().expect("a message");
    assert!(said.contains("expected #2 (0 bytes), got #1 (8 bytes)"), "{said}");
}
