//! A run of an input, to which the world reports what happens.
//!
//! Invariants:
//!
//! * Opening a run costs O(1), plus the cost of forgetting the luck of the last run. Unless the run
//!   is explained, nothing here allocates, apart from the table of luck when it grows.
//! * The digest covers every reported result, in order.

use std::hash::Hasher;

use crate::disk::Armed;
use crate::explained::Explained;
use crate::input::encoding::{Header, Setting};
use crate::input::keys::{Keys, Mapping};
use crate::luck::Luck;
use crate::pairs::Pairs;
use crate::states::State;
use crate::tally::Tally;
use rustc_hash::FxHasher;

/// A callback for an explained run. The run calls it when an operation begins, and before each
/// action of the operation ([`Run::did`]), with the explanation so far. The last entry is the
/// current operation; all entries before it are complete.
pub type Watcher = Box<dyn FnMut(&[Explained])>;

/// A run of an input.
pub struct Run {
    /// The meaning of symbolic keys. A world reports the keys that it writes here.
    pub keys: Keys,
    tally: Tally,
    digest: FxHasher,
    luck: Luck,
    /// Whether the current operation was counted as redirected or idle. Also set after the last
    /// operation, so that the end of a run is never counted as redirected or idle.
    marked: bool,
    explanation: Option<Vec<Explained>>,
    pub(crate) watcher: Option<Watcher>,
    pub(crate) interference: Option<Armed>,
    device_operations: u64,
    pub(crate) pairs: Pairs,
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
            pairs: Pairs::default(),
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
            pairs,
        } = self;
        pairs.open();
        *device_operations = 0;
        keys.open(Mapping::ALL[header.index(setting::KEYS)], header.number(settings, setting::HOT));
        *tally = Tally::ZERO;
        *digest = FxHasher::default();
        // The hasher starts at 0, and would stay at 0 if all results were 0.
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

    /// Begins the luck of the current operation. Its kind and the bytes of its arguments identify
    /// the operation.
    #[inline]
    pub(crate) fn begin_luck(&mut self, kind: usize, arguments: &[u8]) {
        self.luck.begin(kind, arguments);
    }

    /// Begins the end of the run, after the last operation.
    pub(crate) fn begin_end(&mut self) {
        self.marked = true;
        self.pairs.end();
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

    /// Records one action that the operation is about to take. `plain` returns an operation that
    /// takes only this action, as text. The shrinker tries to replace an operation by its actions,
    /// if there are several or if the only one differs from the operation. Costs nothing unless the
    /// run is explained.
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
        if count > 0 && self.pairs.is_on() {
            self.pairs.event(event);
        }
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

    /// Returns the luck of the current operation at `site` of the world: a random number that
    /// depends only on the site, the operation, the number of equal operations that asked before,
    /// and the schedule. For targets with a [`SCHEDULE`](crate::Target::SCHEDULE).
    #[must_use]
    pub fn luck(&mut self, site: u64) -> u64 {
        self.luck.at(site)
    }

    /// Returns a fault that is added to those of the input. A world with a simulated disk arms the
    /// fault when the run begins. A command uses it to try a fault at every I/O of an input.
    #[must_use]
    pub fn interference(&self) -> Option<Armed> {
        self.interference
    }

    /// Counts `count` more completed I/Os of the world's simulated disk that an interference can
    /// strike.
    #[inline]
    pub fn device_operations(&mut self, count: u64) {
        self.device_operations += count;
    }

    /// Returns the number of completed I/Os that an interference can strike.
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
