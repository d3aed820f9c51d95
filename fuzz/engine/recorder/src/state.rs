//! The recordings of this process, and its open files in them.
//!
//! A lock orders the calls of all threads. While a thread holds the lock, its own calls are not
//! recorded.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fault::{Fault, Kind};
use crate::journal::{Change, Event, NodeId};
use crate::live::Live;

static STATE: Mutex<State> =
    Mutex::new(State { recordings: BTreeMap::new(), open: BTreeMap::new(), next: 0 });

/// The number of recordings.
static ACTIVE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// All recordings.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) recordings: BTreeMap<u64, Recorded>,
    /// By descriptor.
    pub(crate) open: BTreeMap<c_int, Open>,
    next: u64,
}

/// An open file or directory of a recording.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) recording: u64,
    pub(crate) node: NodeId,
    /// Whether all writes go to the end.
    pub(crate) append: bool,
    /// Whether a write is durable when it returns.
    pub(crate) durable: bool,
    /// Whether the file was cut to nothing when it was opened.
    pub(crate) rewritten: bool,
}

/// A file that is mapped for writing, which shares its memory with other processes.
#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) start: usize,
    pub(crate) length: usize,
    pub(crate) node: NodeId,
    /// The same file, open for reading.
    pub(crate) file: File,
}

/// An error that replaces a call.
#[derive(Clone, Copy, Debug)]
struct Armed {
    /// The number of the first call that it may strike.
    from: u64,
    fault: Fault,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is made.
    Goes,
    /// It fails with this error.
    Fails(c_int),
    /// Half of it is made.
    Half,
}

/// The record of a folder.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// The folder, an absolute path without links.
    pub(crate) root: PathBuf,
    pub(crate) base: Live,
    pub(crate) live: Live,
    pub(crate) journal: Vec<Event>,
    pub(crate) calls: u64,
    pub(crate) maps: Vec<Map>,
    armed: Option<Armed>,
    /// Faults that struck.
    pub(crate) struck: u64,
}

impl Recorded {
    /// Counts a call, and says what becomes of it.
    pub(crate) fn begin(&mut self, kind: Kind) -> Fate {
        self.calls += 1;
        let Some(Armed { from, fault }) = self.armed else { return Fate::Goes };
        if self.calls < from || !fault.strikes(kind) {
            return Fate::Goes;
        }
        self.armed = None;
        self.struck += 1;
        match fault {
            Fault::Io | Fault::Sync => Fate::Fails(libc::EIO),
            Fault::Full => Fate::Fails(libc::ENOSPC),
            Fault::Short => Fate::Half,
        }
    }

    /// Records what the current call changed.
    pub(crate) fn record(&mut self, change: Change) {
        self.live.apply(&change);
        self.journal.push(Event { call: self.calls, change });
    }

    pub(crate) fn arm(&mut self, after: u64, fault: Option<Fault>) {
        self.armed = fault.map(|fault| Armed { from: self.calls + after + 1, fault });
    }

    /// The part of an absolute path below the folder.
    pub(crate) fn below<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        use std::os::unix::ffi::OsStrExt;
        let rest = path.strip_prefix(self.root.as_os_str().as_bytes())?;
        (rest.is_empty() || rest[0] == b'/').then_some(rest)
    }
}

impl State {
    /// Starts a recording of a folder, and returns its number.
    pub(crate) fn start(&mut self, folder: &Path) -> io::Result<u64> {
        let root = folder.canonicalize()?;
        let base = Live::read(&root)?;
        let live = base.clone();
        let recorded = Recorded {
            root,
            base,
            live,
            journal: Vec::new(),
            calls: 0,
            maps: Vec::new(),
            armed: None,
            struck: 0,
        };
        self.next += 1;
        self.recordings.insert(self.next, recorded);
        ACTIVE.fetch_add(1, Ordering::SeqCst);
        Ok(self.next)
    }

    pub(crate) fn stop(&mut self, recording: u64) {
        self.open.retain(|_, open| open.recording != recording);
        if self.recordings.remove(&recording).is_some() {
            ACTIVE.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// The open file of a descriptor, and its recording.
    pub(crate) fn of(&mut self, descriptor: c_int) -> Option<(&mut Recorded, Open)> {
        let open = *self.open.get(&descriptor)?;
        Some((self.recordings.get_mut(&open.recording)?, open))
    }
}

/// The state, locked.
#[derive(Debug)]
pub(crate) struct Entered(MutexGuard<'static, State>);

/// Locks the state. Returns `None` if nothing is recorded, or if the thread holds the lock.
pub(crate) fn enter() -> Option<Entered> {
    if ACTIVE.load(Ordering::SeqCst) == 0 {
        return None;
    }
    enter_always()
}

/// Like [`enter`], but also if nothing is recorded.
pub(crate) fn enter_always() -> Option<Entered> {
    if INSIDE.replace(true) {
        return None;
    }
    Some(Entered(STATE.lock().unwrap_or_else(PoisonError::into_inner)))
}

impl Drop for Entered {
    fn drop(&mut self) {
        INSIDE.set(false);
    }
}

impl Deref for Entered {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl DerefMut for Entered {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.0
    }
}
