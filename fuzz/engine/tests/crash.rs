//! A toy engine with a log, which forgets to sync it. Crashes of its files find that.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use downbeat::disk::{Armed, FaultKind};
use downbeat::generator::Length;
use downbeat::protocol::Profile;
use downbeat_engine::{Batch, Call, Durability, Engine, Pair, Result, Scan, Settings, Write};

/// What the toy forgets.
const NOTHING: u8 = 0;
const SYNC: u8 = 1;
/// The checksum of a record: a torn one is read.
const CHECKSUM: u8 = 2;

/// A log of batches. A record is the length of the batch, its checksum, and its writes.
struct Toy<const FORGETS: u8> {
    log: File,
    /// The bytes of the log that are whole.
    end: u64,
    map: BTreeMap<Vec<u8>, Vec<u8>>,
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn taken<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (taken, rest) = rest.split_at_checked(u64::from_le_bytes(*length) as usize)?;
    *bytes = rest;
    Some(taken)
}

fn framed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_le_bytes(), bytes].concat()
}

impl<const FORGETS: u8> Engine for Toy<FORGETS> {
    const DURABILITY: Option<Durability> =
        Some(Durability { after: &[Call::Write], said: "this file" });
    type Snapshot = ();

    fn open(directory: &Path, _settings: &Settings) -> Result<Self> {
        let path = directory.join("log");
        let bytes = if path.exists() { std::fs::read(&path)? } else { Vec::new() };
        let log = OpenOptions::new().append(true).create(true).open(path)?;
        File::open(directory)?.sync_all()?;
        let mut map = BTreeMap::new();
        let mut rest = &bytes[..];
        let mut end = 0;
        while let Some((sum, after)) = rest.split_first_chunk() {
            rest = after;
            let Some(mut batch) = taken(&mut rest) else { break };
            if FORGETS != CHECKSUM && u64::from_le_bytes(*sum) != checksum(batch) {
                break;
            }
            if batch.is_empty() {
                break;
            }
            while let Some((kind, after)) = batch.split_first() {
                batch = after;
                let key = taken(&mut batch).ok_or("a write has a key")?.to_vec();
                match kind {
                    0 => drop(map.remove(&key)),
                    _ => drop(map.insert(key, taken(&mut batch).ok_or("a value")?.to_vec())),
                }
            }
            end = bytes.len() as u64 - rest.len() as u64;
        }
        log.set_len(end)?;
        Ok(Toy { log, end, map })
    }

    fn apply(&mut self, batch: &Batch<'_>) -> Result<()> {
        let mut bytes = Vec::new();
        for write in batch {
            match write {
                Write::Put(key, value) => {
                    bytes.extend([&[1], &*framed(key), &framed(value)].concat());
                }
                Write::Remove(key) => bytes.extend([&[0], &*framed(key)].concat()),
            }
        }
        let record = [&checksum(&bytes).to_le_bytes()[..], &framed(&bytes)].concat();
        // Part of a record that could not be written would hide those after it.
        if let Err(error) = self.log.write_all(&record) {
            self.log.set_len(self.end)?;
            return Err(error.into());
        }
        if FORGETS != SYNC {
            self.log.sync_data()?;
        }
        self.end += record.len() as u64;
        for write in batch {
            match write {
                Write::Put(key, value) => drop(self.map.insert(key.to_vec(), value.to_vec())),
                Write::Remove(key) => drop(self.map.remove(*key)),
            }
        }
        Ok(())
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.map.get(key).cloned())
    }

    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>> {
        let pairs = self.map.iter().filter(|(key, _)| scan.contains(key));
        scan.read(pairs.map(Ok::<_, std::fmt::Error>))
    }
}

/// Runs inputs of the seeded generator until one fails. Returns the failure.
fn first_failure<E: Engine>(inputs: u64) -> Option<String> {
    let target = downbeat_engine::target::<E>();
    let mut runner = target.runner();
    let mut bytes = Vec::new();
    (0..inputs).find_map(|number| {
        target.generate(Profile::Swarm, 1, number, Length::Short, &mut bytes);
        let failure = runner.judge(&bytes, false).failure?;
        Some(failure.to_string())
    })
}

#[test]
fn a_right_engine_survives_crashes_and_errors() {
    assert_eq!(first_failure::<Toy<NOTHING>>(600), None);
}

#[test]
fn a_forgotten_sync_is_found_among_few_inputs() {
    let failure = first_failure::<Toy<SYNC>>(100).expect("the toy has a bug");
    assert!(failure.contains("crash-leaves-what-was-durable"), "{failure}");
}

#[test]
fn a_forgotten_checksum_is_found_among_few_inputs() {
    let failure = first_failure::<Toy<CHECKSUM>>(3000).expect("the toy has a bug");
    assert!(failure.contains("crash-"), "{failure}");
}

#[test]
fn a_history_with_a_crash_fails_as_text_and_passes_on_the_right_engine() {
    let text = "crashes posix\nput 8\ncrash back=0 left=0 way=0\nget 8\n";
    downbeat_engine::replay_text::<Toy<NOTHING>>(text);
    let failed = std::panic::catch_unwind(|| downbeat_engine::replay_text::<Toy<SYNC>>(text));
    let said = failed.expect_err("the toy has a bug");
    let said = said.downcast_ref::<String>().expect("a message");
    assert!(said.contains("#1 (8 bytes)"), "{said}");
    // An input without crashes means what it did before there were any.
    downbeat_engine::replay_text::<Toy<SYNC>>(&text.replace("crashes posix\n", ""));
}

#[test]
fn a_run_goes_on_after_a_crash_and_after_an_error() {
    let text = "crashes ext4\nput 8\ncrash back=1 left=0 way=1\nput 9\nfail after=0 fault=1\n\
                put 10\nget 9\nget 10\nfail after=1 fault=3\nput 11\nreopen\nget 9\n";
    downbeat_engine::replay_text::<Toy<NOTHING>>(text);
}

/// Repeats a history with a fault at each of its calls. Returns the number of calls, and the first
/// failure.
fn swept<E: Engine>(text: &str, kind: FaultKind) -> (u64, Option<String>) {
    let target = downbeat_engine::target::<E>();
    let bytes = target.encode(text).expect("the text is well-formed");
    let mut runner = target.runner();
    let calls = runner.judge(&bytes, false).run.device_operations_so_far();
    let failure = (1..=calls).find_map(|nth| {
        runner.set_interference(Some(Armed { kind, access: None, nth }));
        runner.judge(&bytes, false).failure.map(|failure| format!("call {nth}: {failure}"))
    });
    (calls, failure)
}

#[test]
fn a_sweep_crashes_after_each_call_and_fails_each_call() {
    // The history has a crash of its own, after which a new record begins.
    let text = "crashes posix\nput 8\nreopen\nput 9\ncrash back=1 left=1 way=1\nput 10\nremove 8\n";
    for kind in [FaultKind::PowerLoss, FaultKind::Fails] {
        let (calls, failure) = swept::<Toy<NOTHING>>(text, kind);
        assert!(calls > 10, "{calls}");
        assert_eq!(failure, None);
    }
    // The history has no crash of its own.
    let text = "crashes posix\nput 8\nput 9\n";
    downbeat_engine::replay_text::<Toy<SYNC>>(text);
    let (_, failure) = swept::<Toy<SYNC>>(text, FaultKind::PowerLoss);
    let failure = failure.expect("a crash after some call loses a put");
    assert!(failure.contains("crash-leaves-what-was-durable"), "{failure}");
    // A history without crashes has none in a sweep.
    assert_eq!(swept::<Toy<SYNC>>("put 8\nput 9\n", FaultKind::PowerLoss).0, 0);
}
