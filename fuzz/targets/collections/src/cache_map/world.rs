//! The world: two maps, one model, and what each operation does. Each run has a new world.
//!
//! Rules that define what an input means:
//!
//! * If the stash might have no place for the next write, both maps are compacted before the write.
//!   If the scope cannot undo another write, the scope is closed before the write.
//! * A compaction inside a scope and the end of the input close the scope first. The setting
//!   `forced` of the header decides whether such a scope is persisted or discarded.
//! * Only a value written since the last compaction can be removed. An older value is written again
//!   first.
//!
//! Impossible operations become others:
//!
//! * `persist` and `discard` outside a scope open one. `open` inside a scope closes that scope
//!   first.
//! * A removal of a key that is not live removes the most recent live key among the last eight
//!   writes, or writes the key if there is none.

use downbeat_lsm::collections::ScopeOutcome;

use super::room::Room;
use super::tested::{Side, Tested};
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{Checked, Run, World, run_of_keys};
use downbeat_model::cache_map::{FORCED, Model, Operation, SCOPE, STASH};

/// Two maps and their model.
#[derive(Debug)]
pub(super) struct CacheMapWorld {
    pub(super) maps: [Tested; 2],
    pub(super) model: Model,
    pub(super) room: Room,
    pub(super) forced: ScopeOutcome,
    pub(super) writes: u64,
}

impl World for CacheMapWorld {
    type Operation = Operation;

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Operation::Upsert { key } => self.upsert(key.literal(), run),
            Operation::Get { key } => self.get(key.literal(), run),
            Operation::Lookup { key } => self.lookup(key.literal(), run),
            Operation::Remove { key } => self.remove(key.literal(), run),
            Operation::Compact => self.compact(run),
            Operation::Open => self.open_scope(run),
            Operation::Persist => self.close_scope_as_told(ScopeOutcome::Persist, run),
            Operation::Discard => self.close_scope_as_told(ScopeOutcome::Discard, run),
            Operation::UpsertRun { key, count, stride } => {
                let mut keys = run_of_keys(key.literal(), count.get(), stride.get());
                keys.try_for_each(|key| self.upsert(key, run))
            }
            Operation::GetRun { key, count, stride } => {
                let mut keys = run_of_keys(key.literal(), count.get(), -stride.get());
                keys.try_for_each(|key| self.get(key, run))
            }
            Operation::RemoveRun { key, count, stride } => {
                self.remove_run(key.literal(), count.get(), stride.get(), run)
            }
            Operation::Fill { key, left } => self.fill(key.literal(), left.get() as usize, run),
            Operation::Reset => self.reset(run),
            Operation::ReadBack { count } => self.read_back(count.get(), run),
        }
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        if self.model.scope_is_open() { self.close_scope(self.forced, run) } else { Ok(()) }
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.maps.iter_mut().try_for_each(|tested| tested.check_whole(&self.model, run))
    }

    fn describe(&self) -> Vec<String> {
        self.maps.iter().flat_map(Tested::describe).collect()
    }
}

impl CacheMapWorld {
    /// Creates empty maps of the geometry that a header chooses.
    pub(super) fn new(header: &Header) -> Self {
        let number = |setting| header.number(Operation::SETTINGS, setting) as usize;
        CacheMapWorld {
            maps: [Side::WithCache, Side::WithoutCache].map(|side| Tested::new(side, header)),
            model: Model::new(),
            room: Room { stash: number(STASH), scope: number(SCOPE), taken: 0 },
            forced: [ScopeOutcome::Persist, ScopeOutcome::Discard][header.index(FORCED)],
            writes: 0,
        }
    }
}
