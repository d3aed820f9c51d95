//! What a world tells of one run.
//!
//! Invariants:
//!
//! * Opening a run costs O(1); nothing here allocates unless the run is explained.
//! * The digest folds every result that was reported, in order.

use std::hash::Hasher;

use crate::disk::Armed;
use crate::explained::Explained;
use crate::luck::Luck;
use crate::model::encoding::{Header, Setting};
use crate::model::keys::{Keys, Mapping};
use crate::states::State;
use crate::tally::Tally;
use rustc_hash::FxHasher;

/// Told of each operation of an explained run as it begins, and of each thing that it is about to do,
/// with the explanation so far: the operation at hand is the last, and all before it are complete.
pub type Watcher = Box<dyn FnMut(&[Explained])>;

/// One run of one input.
pub struct Run {
    /// What symbolic keys mean. A world tells it what it writes.
    pub keys: Keys,
    tally: Tally,
    digest: FxHasher,
    luck: Luck,
    /// Whether the operation at hand was counted as redirected or idle; also behind the last one,
    /// so that the end of a run counts as neither.
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
        use crate::model::encoding::input::setting;
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
        // A hash of nothing is zero, and would not notice zeros.
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

    /// The operation at hand asks for luck: its kind and the bytes of its arguments.
    #[inline]
    pub(crate) fn begin_luck(&mut self, kind: usize, arguments: &[u8]) {
        self.luck.begin(kind, arguments);
    }

    /// The operations are over; what happens now is the end's.
    pub(crate) fn begin_end(&mut self) {
        self.marked = true;
        self.luck.begin_end();
        if let Some(lines) = &mut self.explanation {
            lines.push(Explained::new(String::new()));
            self.watch();
        }
    }

    /// A call on the system.
    #[inline]
    pub fn step(&mut self) {
        self.tally.steps += 1;
    }

    /// The operation was impossible and becomes others: as text, a line each, they would do the
    /// same.
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

    /// The operation is about to do one thing, which is operation `plain` as text: where it does
    /// several, or another than it says, a shrinker puts these in its place. Costs nothing unless the
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

    /// The operation has nothing to do. Of this and [`Run::redirected`], the first call counts.
    #[inline]
    pub fn idle(&mut self) {
        self.tally.idle += u64::from(!self.marked);
        self.marked = true;
        self.remark(|| "nothing to do".to_owned());
    }

    /// Event number `event` of the target happened `count` times.
    #[inline]
    pub fn event(&mut self, event: usize, count: u64) {
        self.tally.events[event] += count;
    }

    /// The system is at bucket `bucket` of a state; above the last bucket, at the last.
    #[inline]
    pub fn state(&mut self, state: State, bucket: usize) {
        self.tally.states.insert(state.place(bucket));
    }

    /// A read that asks for one thing, and whether it found it.
    #[inline]
    pub fn read(&mut self, hit: bool) {
        self.tally.reads += 1;
        self.tally.hits += u64::from(hit);
    }

    /// A result: two runs of one input must report the same, in the same order.
    #[inline]
    pub fn result(&mut self, value: u64) {
        self.digest.write_u64(value);
    }

    /// What chance does at place `site` of the world, during this operation: the same in every run of
    /// the same operation, its number among equals and the schedule. For targets that say which of
    /// their settings is the schedule.
    #[must_use]
    pub fn luck(&mut self, site: u64) -> u64 {
        self.luck.at(site)
    }

    /// A fault beside those of the input: a world that has a simulated disk arms it as the run begins. So
    /// a sweep tries every I/O of an input.
    #[must_use]
    pub fn interference(&self) -> Option<Armed> {
        self.interference
    }

    /// So many more I/Os have completed on the world's simulated disk.
    #[inline]
    pub fn device_operations(&mut self, count: u64) {
        self.device_operations += count;
    }

    /// The I/Os that have completed on the world's simulated disk.
    #[must_use]
    pub fn device_operations_so_far(&self) -> u64 {
        self.device_operations
    }

    /// Something that a reader of the run wants to know. Costs nothing unless it is explained.
    #[inline]
    pub fn remark(&mut self, say: impl FnOnce() -> String) {
        if let Some(line) = self.explanation.as_mut().and_then(|lines| lines.last_mut()) {
            line.remark(&say());
        }
    }

    /// The figures so far.
    #[inline]
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Hash of every result and figure so far.
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

    /// The operations as explained; empty unless the run was asked to.
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
