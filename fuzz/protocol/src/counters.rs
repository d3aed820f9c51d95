//! Figures that a driver shares with whoever watches it.
//!
//! One page of a file, mapped by the driver that writes and by the program that reads: the figures
//! are there at any moment, also after the driver died. Of those who set figures there is one; those
//! who add to them may be several, at once or one after the other. A reader sees each figure whole.
//!
//! What it does not do: synchronise; figures of one moment may be an execution apart.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapMut;
use zerocopy::FromBytes;

use crate::states::StateSet;
use crate::tally::Tally;

/// The variable that names a driver's file of counters.
pub const VARIABLE: &str = "DOWNBEAT_COUNTERS";

/// Bytes of the file.
const SIZE: usize = 4096;

/// The figures that are shared, sums over all runs of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Inputs run.
    pub executions: u64,
    /// Operations applied.
    pub operations: u64,
    /// Of those, the ones that did what they say.
    pub effective: u64,
    /// Calls on the system.
    pub steps: u64,
    /// Buckets of states that were seen.
    pub states: StateSet,
}

impl Figures {
    /// Nothing was run.
    pub const ZERO: Figures =
        Figures { executions: 0, operations: 0, effective: 0, steps: 0, states: StateSet::EMPTY };

    /// Counts a run.
    #[inline]
    pub fn add(&mut self, tally: &Tally) {
        self.executions += 1;
        self.operations += tally.operations;
        self.effective += tally.effective();
        self.steps += tally.steps;
        self.states.unite(&tally.states);
    }

    /// Sums of two drivers.
    #[must_use]
    pub fn plus(&self, other: &Figures) -> Figures {
        let mut states = self.states;
        states.unite(&other.states);
        Figures {
            executions: self.executions + other.executions,
            operations: self.operations + other.operations,
            effective: self.effective + other.effective,
            steps: self.steps + other.steps,
            states,
        }
    }
}

/// A mapped file of counters.
#[derive(Debug)]
pub struct Counters {
    map: MmapMut,
}

impl Counters {
    /// Maps the file at `path`; made, with every figure zero, unless it is there.
    ///
    /// # Errors
    ///
    /// The file cannot be made, written or mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        // Written, not only sized: a disk that is full says so here, not when the map is used.
        if file.metadata()?.len() < SIZE as u64 {
            file.write_all(&[0; SIZE])?;
        }
        #[expect(unsafe_code, reason = "a mapped file is the one way to share figures at no cost")]
        // SAFETY: the file belongs to one run of the program; nothing shortens it, and every
        // access, by this process and the other, is to a whole atomic word.
        let map = unsafe { MmapMut::map_mut(&file)? };
        Ok(Counters { map })
    }

    fn words(&mut self) -> &mut [AtomicU64] {
        <[AtomicU64]>::mut_from_bytes(&mut self.map).expect("a page is aligned and whole words")
    }

    /// Publishes figures.
    #[inline]
    pub fn publish(&mut self, figures: &Figures) {
        let Figures { executions, operations, effective, steps, states } = figures;
        let words = self.words();
        let figures = [executions, operations, effective, steps].into_iter().chain(states.words());
        for (word, figure) in words.iter().zip(figures) {
            word.store(*figure, Ordering::Relaxed);
        }
    }

    /// Adds to the figures that are there.
    #[inline]
    pub fn add(&mut self, figures: &Figures) {
        let Figures { executions, operations, effective, steps, states } = figures;
        let (sums, sets) = self.words().split_at(4);
        for (word, figure) in sums.iter().zip([executions, operations, effective, steps]) {
            word.fetch_add(*figure, Ordering::Relaxed);
        }
        for (word, states) in sets.iter().zip(states.words()).filter(|(_, states)| **states != 0) {
            word.fetch_or(*states, Ordering::Relaxed);
        }
    }

    /// The figures as they are now.
    pub fn read(&mut self) -> Figures {
        let words = self.words();
        let word = |index: usize| words[index].load(Ordering::Relaxed);
        Figures {
            executions: word(0),
            operations: word(1),
            effective: word(2),
            steps: word(3),
            states: StateSet::from_words(std::array::from_fn(|index| word(4 + index))),
        }
    }
}
