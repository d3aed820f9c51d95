//! A run of an input, to which the world reports what happens.
//!
//! Invariants:
//!
//! * Opening a run costs O(1). Nothing here allocates unless the run is explained.
//! * The digest covers every reported result, in order.

use std::hash::Hasher;

use crate::disk::Armed;
use crate::explained::Explained;
use crate::input::encoding::{Header, Setting};
use crate::input::keys::{Keys, Mapping};
use crate::luck::Luck;
use crate::states::State;
use crate::tally::Tally;
use rustc_hash::FxHasher;

/// A callback for an explained run. It is called as each operation begins, and before each thing
/// that the operation does, with the explanation so far. The last entry is the current operation;
/// all entries before it are complete.
pub type Watcher = Box<dyn FnMut(&[Explained])>;

/// A run of an input.
pub struct Run {
    /// The meaning of symbolic keys. A world reports the keys that it writes.
    pub keys: Keys,
    tally: Tally,
    digest: FxHasher,
    luck: Luck,
    /// Whether the current operation was counted as redirected or idle. Also set after the last
    /// operation, so that the end of a run counts as neither.
    marked: bool,
    explanation: Option<Vec<Explained>>,
    pub(crate) watcher: Option<Watcher>,
    pub(crate) interference: Option<Armed>,
    device_operations: u64,
}

impl Run {
    pub(crate) fn new() -> Self {
        Run {
            keys: Keys::new(),
            tally: Tally::ZERO,
            digest: FxHasher::default(),
            luck: Luck::default(),
            marked: true,
            explanation: None,
            watcher: None,
            interference: None,
            device_operations: 0,
        }
    }

    pub(crate) fn open(
        &mut self,
        settings: &[Setting],
        header: &Header,
        schedule: u64,
        explain: bool,
    ) {
        use crate::input::encoding::input::setting;
        let Run {
            keys,
            tally,
            digest,
            luck,
            marked,
            explanation,
            watcher: _,
            interference: _,
            device_operations,
        } = self;
        *device_operations = 0;
        keys.open(Mapping::ALL[header.index(setting::KEYS)], header.number(settings, setting::HOT));
        *tally = Tally::ZERO;
        *digest = FxHasher::default();
        // The empty hash is zero, and would not change with zeros.
        digest.write_u64(1);
        luck.open(schedule);
        *marked = true;
        *explanation = explain.then(Vec::new);
    }

    #[inline]
    pub(crate) fn begin(&mut self, kind: usize, print: impl FnOnce() -> String) {
        self.tally.operations += 1;
        self.tally.kinds[kind] += 1;
        self.marked = false;
        if let Some(lines) = &mut self.explanation {
            lines.push(Explained::new(print()));
            self.watch();
        }
    }

    /// Begins the luck of the current operation, which its kind and the bytes of its arguments
    /// identify.
    #[inline]
    pub(crate) fn begin_luck(&mut self, kind: usize, arguments: &[u8]) {
        self.luck.begin(kind, arguments);
    }

    /// Begins the end of the run, after the last operation.
    pub(crate) fn begin_end(&mut self) {
        self.marked = true;
        self.luck.begin_end();
        if let Some(lines) = &mut self.explanation {
            lines.push(Explained::new(String::new()));
            self.watch();
        }
    }

    /// Counts a call on the system.
    #[inline]
    pub fn step(&mut self) {
        self.tally.steps += 1;
    }

    /// Counts the operation as redirected: it was impossible and became other operations. `became`
    /// returns them as text, one a line; they do the same if they are applied directly.
    #[inline]
    pub fn redirected(&mut self, became: impl FnOnce() -> String) {
        self.tally.redirected += u64::from(!self.marked);
        self.marked = true;
        if let Some(line) = self.explanation.as_mut().and_then(|lines| lines.last_mut()) {
            let became = became();
            line.remarks = format!("redirected: {}", became.replace('\n', ", "));
            line.became = Some(became);
        }
    }

    /// Records that the operation is about to do one thing. `plain` returns an operation that does
    /// the same, as text. A shrinker replaces an operation by these if it does several things, or
    /// something other than it says. Costs nothing unless the run is explained.
    #[inline]
    pub fn did(&mut self, plain: impl FnOnce() -> String) {
        if let Some(line) = self.explanation.as_mut().and_then(|lines| lines.last_mut()) {
            line.did.push(plain());
            self.watch();
        }
    }

    fn watch(&mut self) {
        if let (Some(watcher), Some(lines)) = (&mut self.watcher, &self.explanation) {
            watcher(lines);
        }
    }

    /// Counts the operation as idle: it has nothing to do. Only the first call of this or of
    /// [`Run::redirected`] counts.
    #[inline]
    pub fn idle(&mut self) {
        self.tally.idle += u64::from(!self.marked);
        self.marked = true;
        self.remark(|| "nothing to do".to_owned());
    }

    /// As [`Run::idle`], if `nothing` is true.
    #[inline]
    pub fn idle_if(&mut self, nothing: bool) {
        if nothing {
            self.idle();
        }
    }

    /// Counts event number `event` of the target `count` times.
    #[inline]
    pub fn event(&mut self, event: usize, count: u64) {
        self.tally.events[event] += count;
    }

    /// Marks bucket `bucket` of a state as reached. A number above the last bucket marks the last.
    #[inline]
    pub fn state(&mut self, state: State, bucket: usize) {
        self.tally.states.insert(state.place(bucket));
    }

    /// Counts a read of a single item, and whether it found the item.
    #[inline]
    pub fn read(&mut self, hit: bool) {
        self.tally.reads += 1;
        self.tally.hits += u64::from(hit);
    }

    /// Reports a result. Two runs of an input must report the same results in the same order.
    #[inline]
    pub fn result(&mut self, value: u64) {
        self.digest.write_u64(value);
    }

    /// Returns the luck at `site` of the world during this operation. It is the same in every run
    /// with the same operation, number among equal operations, and schedule. For targets that name
    /// the setting that is the schedule.
    #[must_use]
    pub fn luck(&mut self, site: u64) -> u64 {
        self.luck.at(site)
    }

    /// Returns a fault that is added to those of the input. A world with a simulated disk arms it
    /// as the run begins. With it, a sweep tries every I/O of an input.
    #[must_use]
    pub fn interference(&self) -> Option<Armed> {
        self.interference
    }

    /// Counts `count` more completed I/Os of the world's simulated disk.
    #[inline]
    pub fn device_operations(&mut self, count: u64) {
        self.device_operations += count;
    }

    /// Returns the number of completed I/Os of the world's simulated disk.
    #[must_use]
    pub fn device_operations_so_far(&self) -> u64 {
        self.device_operations
    }

    /// Adds a remark for a reader of the run. Costs nothing unless the run is explained.
    #[inline]
    pub fn remark(&mut self, say: impl FnOnce() -> String) {
        if let Some(line) = self.explanation.as_mut().and_then(|lines| lines.last_mut()) {
            line.remark(&say());
        }
    }

    /// Returns the figures so far.
    #[inline]
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Returns a hash of all results and figures so far.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut digest = self.digest.clone();
        let Tally { operations, redirected, idle, steps, reads, hits, kinds, events, states } =
            &self.tally;
        let figures = [operations, redirected, idle, steps, reads, hits];
        for figure in figures.into_iter().chain(kinds).chain(events).chain(states.words()) {
            digest.write_u64(*figure);
        }
        digest.finish()
    }

    /// Returns the explained operations; empty unless the run is explained.
    #[must_use]
    pub fn explanation(&self) -> &[Explained] {
        self.explanation.as_deref().unwrap_or(&[])
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Run").field("tally", &self.tally).finish_non_exhaustive()
    }
}
