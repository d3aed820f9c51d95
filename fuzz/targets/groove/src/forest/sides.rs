//! The models of the trees.

use std::collections::BTreeSet;

use downbeat_model::forest::{Entry, Objects, Part, Stored, Tick};

/// The model of a plain tree.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) entries: Objects<Entry>,
    /// Writes since the last beat, without those of a discarded scope.
    pub(super) written: u32,
    /// The writes since the last beat when the scope was opened.
    before: u32,
}

/// The model of a groove, and the keys of its beat.
#[derive(Debug)]
pub(super) struct Side<M> {
    pub(super) objects: Objects<M>,
    /// The primary keys that were prefetched since the last beat.
    pub(super) prefetched: BTreeSet<u128>,
    /// The primary keys that can be got: they were prefetched or written since the last beat.
    pub(super) known: BTreeSet<u128>,
}

impl<M> Default for Side<M> {
    fn default() -> Self {
        Self { objects: Objects::default(), prefetched: BTreeSet::new(), known: BTreeSet::new() }
    }
}

/// The models of all trees.
#[derive(Debug, Default)]
pub(super) struct Sides {
    /// The narrow tree and the wide tree.
    pub(super) plain: [Records; 2],
    pub(super) parts: Side<Part>,
    pub(super) ticks: Side<Tick>,
}

impl<M: Stored> Side<M> {
    fn forget(&mut self) {
        self.known.clear();
        self.prefetched.clear();
    }

    fn beat(&mut self) {
        self.objects.beat();
        self.forget();
    }

    fn reopen(&mut self, crashed: bool) {
        self.objects.reopen(crashed);
        self.forget();
    }
}

impl Sides {
    pub(super) fn beat(&mut self) {
        for records in &mut self.plain {
            records.entries.beat();
            records.written = 0;
        }
        self.parts.beat();
        self.ticks.beat();
    }

    pub(super) fn checkpoint(&mut self, beat: u64) {
        for records in &mut self.plain {
            records.entries.checkpoint(beat);
        }
        self.parts.objects.checkpoint(beat);
        self.ticks.objects.checkpoint(beat);
    }

    pub(super) fn is_durable(&self) -> bool {
        self.plain.iter().all(|records| records.entries.is_durable())
            && self.parts.objects.is_durable()
            && self.ticks.objects.is_durable()
    }

    pub(super) fn reopen(&mut self, crashed: bool) {
        for records in &mut self.plain {
            records.entries.reopen(crashed);
            records.written = 0;
        }
        self.parts.reopen(crashed);
        self.ticks.reopen(crashed);
    }

    pub(super) fn scope_open(&mut self) {
        for records in &mut self.plain {
            records.entries.scope_open();
            records.before = records.written;
        }
        self.parts.objects.scope_open();
        self.ticks.objects.scope_open();
    }

    /// Closes the scope. Returns how many writes it had in each set of trees.
    pub(super) fn scope_close(&mut self, keep: bool) -> [usize; 4] {
        let [narrow, wide] = self.plain.each_mut().map(|records| {
            if !keep {
                records.written = records.before;
            }
            records.entries.scope_close(keep)
        });
        let parts = self.parts.objects.scope_close(keep);
        [narrow, parts, wide, self.ticks.objects.scope_close(keep)]
    }
}
