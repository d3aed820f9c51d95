//! An ordered map with a log. A write is durable when it returns, and a crash leaves it whole or
//! not at all. The store has a bug.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Result, Write};
use std::path::Path;

pub struct Store {
    log: File,
    /// The bytes of the log that are whole records: a checksum, a length, and keys with values.
    end: u64,
    map: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Store {
    pub fn open(directory: &Path) -> Result<Self> {
        let path = directory.join("log");
        let log = OpenOptions::new().append(true).create(true).open(&path)?;
        File::open(directory)?.sync_all()?;
        let bytes = std::fs::read(&path)?;
        let (mut map, mut rest) = (BTreeMap::new(), &bytes[..]);
        while let Some((mut fields, after)) = record(rest) {
            while let Some((key, value)) = field(&mut fields).zip(field(&mut fields)) {
                change(&mut map, key, Some(value).filter(|value| !value.is_empty()));
            }
            rest = after;
        }
        let end = (bytes.len() - rest.len()) as u64;
        log.set_len(end)?;
        Ok(Store { log, end, map })
    }

    /// Sets the values of keys, or removes keys.
    pub fn write(&mut self, changes: &[(&[u8], Option<&[u8]>)]) -> Result<()> {
        let mut body = Vec::new();
        for (key, value) in changes {
            for bytes in [key, value.unwrap_or_default()] {
                body.extend((bytes.len() as u64).to_le_bytes());
                body.extend(bytes);
            }
        }
        let head = [checksum(&body), body.len() as u64].map(u64::to_le_bytes).concat();
        let record = [head, body].concat();
        if let Err(error) = self.log.write_all(&record).and_then(|()| self.log.sync_data()) {
            self.log.set_len(self.end)?;
            return Err(error);
        }
        self.end += record.len() as u64;
        changes.iter().for_each(|(key, value)| change(&mut self.map, key, *value));
        Ok(())
    }

    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.map.get(key).map(Vec::as_slice)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Vec<u8>, &Vec<u8>)> {
        self.map.iter()
    }
}

fn change(map: &mut BTreeMap<Vec<u8>, Vec<u8>>, key: &[u8], value: Option<&[u8]>) {
    match value {
        Some(value) => drop(map.insert(key.to_vec(), value.to_vec())),
        None => drop(map.remove(key)),
    }
}

/// The fields of the first record, and the bytes after it. `None` if it is not whole.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sum, mut rest) = bytes.split_first_chunk()?;
    let fields = field(&mut rest)?;
    (u64::from_le_bytes(*sum) == checksum(fields)).then_some((fields, rest))
}

fn field<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (field, rest) = rest.split_at_checked(u64::from_le_bytes(*length) as usize)?;
    *bytes = rest;
    Some(field)
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(1 << 60, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
