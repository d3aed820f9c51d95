//! A record of a folder.

use std::io;
use std::path::Path;

use crate::crash::{self, Crash};
use crate::fault::Fault;
use crate::image::Image;
use crate::state::{self, Recorded};
use crate::{mapped, scan};

/// Records the calls of this process that change files below a folder, until it is dropped.
///
/// What the folder has when the recording starts is taken to be durable. Files that are open then
/// are not recorded.
#[derive(Debug)]
pub struct Recording {
    number: u64,
}

impl Recording {
    /// Starts a recording of a folder.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read, or the system's calls cannot be recorded.
    ///
    /// # Panics
    ///
    /// Never: the recorder does not record itself.
    pub fn start(folder: &Path) -> io::Result<Self> {
        if !cfg!(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64")) {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "calls are recorded only on Linux with glibc, on 64-bit machines",
            ));
        }
        let mut state = state::enter_always().expect("the recorder does not record itself");
        Ok(Recording { number: state.start(folder)? })
    }

    /// Asks the record. The state is never locked by the same thread already.
    fn with<T>(&self, ask: impl FnOnce(&mut Recorded) -> T) -> T {
        let mut state = state::enter_always().expect("the recorder does not record itself");
        ask(state.recordings.get_mut(&self.number).expect("the recording has not stopped"))
    }

    /// The number of recorded calls so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.with(|recorded| recorded.calls)
    }

    /// Replaces a call by an error: the first one that the fault strikes, after `after` further
    /// calls. Replaces a fault that has not struck.
    pub fn arm(&self, after: u64, fault: Fault) {
        self.with(|recorded| recorded.arm(after, Some(fault)));
    }

    /// Takes back a fault that has not struck.
    pub fn disarm(&self) {
        self.with(|recorded| recorded.arm(0, None));
    }

    /// The number of faults that struck.
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.with(|recorded| recorded.struck)
    }

    /// An image of the folder as a crash after call number `calls` could leave it.
    #[must_use]
    pub fn image(&self, calls: u64, crash: Crash) -> Image {
        self.with(|recorded| {
            mapped::refresh(recorded, None);
            let events = recorded.journal.partition_point(|event| event.call <= calls);
            crash::image(&recorded.base, &recorded.journal[..events], &recorded.live, crash)
        })
    }

    /// Compares the folder with the record. Returns a line for each file that was changed by calls
    /// that cannot be recorded. Images of such a folder are wrong.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn unrecorded(&self) -> io::Result<Vec<String>> {
        self.with(|recorded| {
            mapped::refresh(recorded, None);
            scan::differences(&recorded.root, &recorded.live)
        })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(mut state) = state::enter_always() {
            state.stop(self.number);
        }
    }
}
