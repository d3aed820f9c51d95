//! Figures that a driver shares with the program that watches it.
//!
//! The figures are in a file of one page, which the driver and the program map into memory. The
//! driver writes the figures, and the program reads them at any time, even after the driver died.
//! Either a single driver sets the figures, or several drivers add to them, at the same time or one
//! after the other. A reader never sees a figure that is partly written.
//!
//! The figures are not synchronised: of two figures that are read together, one may include an
//! execution that the other does not.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapMut;
use zerocopy::FromBytes;

use crate::histogram::Histogram;
use crate::states::StateSet;
use crate::tally::{EVENTS_MAX, KINDS_MAX, Tally};

/// The environment variable that names a driver's file of counters.
pub const VARIABLE: &str = "DOWNBEAT_COUNTERS";

/// The number of words of the figures. The words of the histogram follow.
const FIGURES: usize = 4 + StateSet::WORDS;

/// The word with the number of pairs, after those of the histogram.
const PAIRS: usize = FIGURES + KINDS_MAX + EVENTS_MAX;

/// The size of the file in bytes.
const SIZE: usize = 4096;

/// The figures that are shared: sums over all runs of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The inputs that were run.
    pub executions: u64,
    /// The operations that were applied.
    pub operations: u64,
    /// The applied operations that were effective: neither redirected nor idle.
    pub effective: u64,
    /// The calls on the system.
    pub steps: u64,
    /// The buckets of states that were reached.
    pub states: StateSet,
    /// The pairs that were combined; the greatest number of those of several drivers.
    pub pairs: u64,
}

impl Figures {
    /// The figures of no run.
    pub const ZERO: Figures = Figures {
        executions: 0,
        operations: 0,
        effective: 0,
        steps: 0,
        states: StateSet::EMPTY,
        pairs: 0,
    };

    /// Counts a run.
    #[inline]
    pub fn add(&mut self, tally: &Tally) {
        self.executions += 1;
        self.operations += tally.operations;
        self.effective += tally.effective();
        self.steps += tally.steps;
        self.states.unite(&tally.states);
    }

    /// Returns the sums of the figures of two drivers.
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
            pairs: self.pairs.max(other.pairs),
        }
    }
}

/// A mapped file of counters.
#[derive(Debug)]
pub struct Counters {
    map: MmapMut,
}

impl Counters {
    /// Maps the file at `path`. Creates it with all figures zero if it does not exist.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, written or mapped.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        // The file is written, not only extended, so that a full disk is an error here and not
        // later, when the map is used.
        if file.metadata()?.len() < SIZE as u64 {
            file.write_all(&[0; SIZE])?;
        }
        #[expect(unsafe_code, reason = "a mapped file shares figures at no cost")]
        // SAFETY: the file belongs to a single run of the program, and no process shortens it. Each
        // process accesses it only as whole atomic words.
        let map = unsafe { MmapMut::map_mut(&file)? };
        Ok(Counters { map })
    }

    fn words(&mut self) -> &mut [AtomicU64] {
        <[AtomicU64]>::mut_from_bytes(&mut self.map)
            .expect("a page is aligned and consists of whole words")
    }

    /// Sets the figures, except the pairs.
    #[inline]
    pub fn publish(&mut self, figures: &Figures) {
        let Figures { executions, operations, effective, steps, states, pairs: _ } = figures;
        let words = self.words();
        let figures = [executions, operations, effective, steps].into_iter().chain(states.words());
        for (word, figure) in words.iter().zip(figures) {
            word.store(*figure, Ordering::Relaxed);
        }
    }

    /// Adds `figures` to the figures in the file, except the pairs.
    #[inline]
    pub fn add(&mut self, figures: &Figures) {
        let Figures { executions, operations, effective, steps, states, pairs: _ } = figures;
        let (sums, sets) = self.words().split_at(4);
        for (word, figure) in sums.iter().zip([executions, operations, effective, steps]) {
            word.fetch_add(*figure, Ordering::Relaxed);
        }
        for (word, states) in sets.iter().zip(states.words()).filter(|(_, states)| **states != 0) {
            word.fetch_or(*states, Ordering::Relaxed);
        }
    }

    /// Adds `histogram` to the histogram in the file. This takes longer than [`Counters::add`], so a
    /// driver adds the sums over several runs.
    pub fn add_histogram(&mut self, histogram: &Histogram) {
        let sums = histogram.kinds.iter().chain(&histogram.events);
        for (word, sum) in self.words()[FIGURES..].iter().zip(sums).filter(|(_, sum)| **sum != 0) {
            word.fetch_add(*sum, Ordering::Relaxed);
        }
    }

    /// Returns the histogram in the file.
    pub fn read_histogram(&mut self) -> Histogram {
        let mut histogram = Histogram::ZERO;
        let sums = histogram.kinds.iter_mut().chain(&mut histogram.events);
        for (word, sum) in self.words()[FIGURES..].iter().zip(sums) {
            *sum = word.load(Ordering::Relaxed);
        }
        histogram
    }

    /// Raises the number of pairs that a driver has combined. Of several drivers, the greatest
    /// number stays.
    pub fn raise_pairs(&mut self, count: u64) {
        self.words()[PAIRS].fetch_max(count, Ordering::Relaxed);
    }

    /// Returns the figures in the file.
    pub fn read(&mut self) -> Figures {
        let words = self.words();
        let word = |index: usize| words[index].load(Ordering::Relaxed);
        Figures {
            executions: word(0),
            operations: word(1),
            effective: word(2),
            steps: word(3),
            states: StateSet::from_words(std::array::from_fn(|index| word(4 + index))),
            pairs: word(PAIRS),
        }
    }
}
