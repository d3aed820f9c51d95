//! The trait that an adapter implements.
//!
//! An engine is an ordered map from keys to values. Keys are ordered as strings of bytes.
//!
//! Four methods are required. The others have a default that returns [`NotOffered`], and an
//! operation that needs such a method does nothing. So an adapter writes only what its engine has.
//!
//! Any other error is a finding, and so is a panic, unless the history replaced a call of the
//! engine by an error ([`crate::durability`]).

use std::error;
use std::fmt::{Display, Formatter};
use std::ops::RangeInclusive;
use std::path::Path;

use crate::Scan;
use crate::durability::Durability;

/// The error of a method. `?` turns any error into it.
pub type Error = Box<dyn error::Error + Send + Sync>;

/// The result of a method.
pub type Result<T> = std::result::Result<T, Error>;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Writes that take effect together, in order. A key may occur several times.
pub type Batch<'a> = [Write<'a>];

/// A write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write<'a> {
    /// Sets the value of a key.
    Put(&'a [u8], &'a [u8]),
    /// Removes a key, which may be absent.
    Remove(&'a [u8]),
}

/// A step of a transaction.
#[derive(Clone, Debug)]
pub enum Step<'a> {
    /// Writes. Later steps see it.
    Write(Write<'a>),
    /// Reads the value of a key.
    Get(&'a [u8]),
    /// Reads a range.
    Scan(Scan<'a>),
    /// Returns to the state that [`Engine::savepoint`] kept, in every key space. It can be restored
    /// again. A history has this step only if a state is kept.
    Restore,
}

/// Runs the steps of a transaction on a table that is open for writing. The three functions write,
/// get and scan. Returns the answers of the steps that read, as [`Engine::transact`] does.
///
/// # Errors
///
/// The first error of a function; [`NotOffered`] for [`Step::Restore`].
pub fn run<T>(
    table: &mut T,
    steps: &[Step<'_>],
    write: impl Fn(&mut T, &Write<'_>) -> Result<()>,
    get: impl Fn(&T, &[u8]) -> Result<Option<Vec<u8>>>,
    scan: impl Fn(&T, &Scan<'_>) -> Result<Vec<Pair>>,
) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for step in steps {
        match step {
            Step::Write(one) => write(table, one)?,
            Step::Get(key) => {
                let pair = get(table, key)?.map(|value| (key.to_vec(), value));
                answers.push(pair.into_iter().collect());
            }
            Step::Scan(range) => answers.push(scan(table, range)?),
            Step::Restore => return not_offered(),
        }
    }
    Ok(answers)
}

/// The steps that write a batch.
#[must_use]
pub fn steps_of<'a>(batch: &Batch<'a>) -> Vec<Step<'a>> {
    batch.iter().copied().map(Step::Write).collect()
}

/// What a step of a transaction that reads returns: the pairs it read. A get of a key that is
/// present returns the key and its value.
pub type Answer = Vec<Pair>;

/// The choices of a history about the engine. An adapter uses those that its engine has. `None` is
/// the engine's own default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of a block or page; a power of two from 512 to 65,536.
    pub block_size: Option<u32>,
    /// Bytes of a memtable before it is flushed, from 4,096.
    pub memtable_size: Option<u32>,
    /// Bytes of the cache, from 4,096.
    pub cache_size: Option<u32>,
    /// Whether values are compressed.
    pub compress: Option<bool>,
    /// Bytes from which a value is stored apart from its key.
    pub separate_from: Option<u32>,
}

/// A storage engine.
///
/// A history opens the engine in an empty folder, and drops its snapshots before it closes the
/// engine or opens it again.
#[expect(clippy::missing_errors_doc, reason = "the module says what an error means")]
pub trait Engine: Sized + 'static {
    /// The lengths that keys may have, in bytes; longest 4 or more. A key of another length is
    /// padded with zeros or cut.
    const KEY_LENGTHS: RangeInclusive<usize> = 0..=crate::keys::LONGEST;
    /// The lengths that values may have, in bytes. A value of another length is extended or cut.
    const VALUE_LENGTHS: RangeInclusive<usize> = 0..=usize::MAX;
    /// Whether a scan whose start is above its end returns nothing. If false, the engine documents
    /// that such a scan is an error, and a history has none.
    const INVERTED_SCANS: bool = true;
    /// Whether a compaction waits for snapshots, or is refused while there are any. If true, a
    /// history drops its snapshots before a compaction.
    const COMPACTS_ALONE: bool = false;
    /// What the engine promises about a crash. If `None`, a history has no crash, and no error in
    /// place of a call.
    const DURABILITY: Option<Durability> = None;
    /// Whether the engine returns an error, or panics, where a call of the system fails. If false,
    /// it ends its process, or has no way to say that closing it failed, and a history has no
    /// errors in place of calls.
    const REPORTS_ERRORS: bool = true;
    /// A view of the engine as it was when the snapshot was taken; `()` for engines without.
    type Snapshot;

    /// Opens the engine in a folder, which exists. The folder is empty, or it has what the engine
    /// left there when it was closed.
    fn open(directory: &Path, settings: &Settings) -> Result<Self>;

    /// Applies a batch. The batch is visible when the call returns.
    fn apply(&mut self, batch: &Batch<'_>) -> Result<()>;

    /// Returns the value of a key.
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Reads a range. [`Scan::read`] reads an iterator of the engine in the way the scan asks.
    fn scan(&mut self, scan: &Scan<'_>) -> Result<Vec<Pair>>;

    /// Closes the engine. What was applied must be there when the folder is opened again.
    fn close(self) -> Result<()> {
        Ok(())
    }

    /// Makes what was applied durable.
    fn sync(&mut self) -> Result<()> {
        not_offered()
    }

    /// Writes the memtable to a table.
    fn flush(&mut self) -> Result<()> {
        not_offered()
    }

    /// Compacts everything.
    fn compact(&mut self) -> Result<()> {
        not_offered()
    }

    /// Checks the engine's own files. An error says what is wrong. A history has no snapshot then.
    fn check(&mut self) -> Result<()> {
        not_offered()
    }

    /// Returns the number of keys.
    fn count(&mut self) -> Result<u64> {
        not_offered()
    }

    /// Returns the first pair, or the last one.
    fn end(&mut self, _last: bool) -> Result<Option<Pair>> {
        not_offered()
    }

    /// Reads all keys that begin with `prefix`. The bounds of `scan` say nothing more.
    fn prefix(&mut self, _prefix: &[u8], _scan: &Scan<'_>) -> Result<Vec<Pair>> {
        not_offered()
    }

    /// Moves a cursor to the first pair whose key is not below `key`, and then step by step: to the
    /// next pair, or back if the step is true. Returns the pair after the seek and after each step,
    /// and ends at the first place without a pair.
    fn walk(&mut self, _key: &[u8], _steps: &[bool]) -> Result<Vec<Pair>> {
        not_offered()
    }

    /// Removes every key.
    fn clear(&mut self) -> Result<()> {
        not_offered()
    }

    /// Removes the keys of a range. Only the bounds of `range` matter.
    fn remove_range(&mut self, _range: &Scan<'_>) -> Result<()> {
        not_offered()
    }

    /// Runs a transaction that sees its own writes, and commits it or rolls it back. Returns an
    /// answer for each step that reads: for [`Step::Get`] and [`Step::Scan`].
    fn transact(&mut self, _steps: &[Step<'_>], _commit: bool) -> Result<Vec<Answer>> {
        not_offered()
    }

    /// Takes a snapshot.
    fn snapshot(&mut self) -> Result<Self::Snapshot> {
        not_offered()
    }

    /// Like [`Engine::get`], as the snapshot sees it.
    fn get_at(&mut self, _snapshot: &Self::Snapshot, _key: &[u8]) -> Result<Option<Vec<u8>>> {
        not_offered()
    }

    /// Like [`Engine::scan`], as the snapshot sees it.
    fn scan_at(&mut self, _snapshot: &Self::Snapshot, _scan: &Scan<'_>) -> Result<Vec<Pair>> {
        not_offered()
    }

    /// Keeps the present state, in place of the one kept before, for [`Step::Restore`]. It is lost
    /// when the engine is closed.
    fn savepoint(&mut self) -> Result<()> {
        not_offered()
    }

    /// Selects the key space that all other methods use from now on, by its number from 0. A key
    /// space that does not exist is empty. When the engine is opened, number 0 is selected.
    fn select(&mut self, _space: u32) -> Result<()> {
        not_offered()
    }

    /// Deletes a key space with all its keys. It is not the selected one, and may be selected, and
    /// so created, again.
    fn delete(&mut self, _space: u32) -> Result<()> {
        not_offered()
    }
}

/// The error of a method that an adapter does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOffered;

impl Display for NotOffered {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the adapter does not have this method")
    }
}

impl error::Error for NotOffered {}

fn not_offered<T>() -> Result<T> {
    Err(NotOffered.into())
}
