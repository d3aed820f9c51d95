//! The world: two maps, one model, and what each operation does. One world serves all geometries:
//! each run makes its own maps.
//!
//! Rules, each part of what an input means:
//!
//! * If the stash might not hold the next write, the map is compacted before it. If the scope might
//!   not be able to undo the next write, the scope is closed before it. A compaction inside a scope
//!   closes the scope first, as the header's `forced` says; so does the end of the input.
//! * A removal takes a value written since the last compaction. An older value is written again
//!   first.
//!
//! Impossible operations become others: `persist` and `discard` outside a scope open one; `open`
//! inside a scope closes that scope first; a removal of a key that is not live removes the live key
//! that was written last, or writes if there is none.

use downbeat_lsm::collections::ScopeOutcome;

use super::maps::{Maps, Side};
use super::room::Room;
use super::sweep;
use downbeat::failure::Divergence;
use downbeat::model::cache_map::{
    FORCED, HASH, KeyHash, Model, Operation, Reference, SCOPE, SETS, STASH, WAYS,
};
use downbeat::model::encoding::{Count, Header, Operation as _};
use downbeat::run::Run;
use downbeat::target::World;

/// Two maps and their model.
#[derive(Debug)]
pub struct CacheMapWorld {
    pub(super) maps: Maps,
    pub(super) model: Model,
    pub(super) references: [Reference; 2],
    pub(super) room: Room,
    pub(super) forced: ScopeOutcome,
    pub(super) writes: u64,
}

impl Default for CacheMapWorld {
    fn default() -> Self {
        CacheMapWorld {
            maps: Maps::new(&Header::decode(Operation::SETTINGS, &[])),
            model: Model::new(),
            references: [Reference::new(), Reference::new()],
            room: Room::default(),
            forced: ScopeOutcome::Persist,
            writes: 0,
        }
    }
}

impl World for CacheMapWorld {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        let CacheMapWorld { maps, model, references, room, forced, writes } = self;
        let number = |setting| header.number(Operation::SETTINGS, setting) as usize;
        *maps = Maps::new(header);
        model.reset();
        let hash = KeyHash::ALL[header.index(HASH)];
        references[Side::WithCache as usize].open(hash, number(WAYS), number(SETS));
        references[Side::WithoutCache as usize].open(hash, 0, 0);
        *room = Room::new(number(STASH), number(SCOPE));
        *forced = match header.index(FORCED) {
            0 => ScopeOutcome::Persist,
            _ => ScopeOutcome::Discard,
        };
        *writes = 0;
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
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
                Self::run(key.literal(), count, stride.get(), |key| self.upsert(key, run))
            }
            Operation::GetRun { key, count, stride } => {
                Self::run(key.literal(), count, -stride.get(), |key| self.get(key, run))
            }
            Operation::RemoveRun { key, count, stride } => {
                self.remove_run(key.literal(), count, stride, run)
            }
            Operation::Fill { key, left } => self.fill(key.literal(), left.get() as usize, run),
            Operation::Reset => self.reset(run),
            Operation::ReadBack { count } => self.read_back(count.get(), run),
        }
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.model.scope_is_open() { self.close_scope(self.forced, run) } else { Ok(()) }
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweep_all(run)
    }

    fn describe(&self) -> Vec<String> {
        Side::BOTH.into_iter().flat_map(|side| sweep::describe(self.maps.get(side), side)).collect()
    }
}

impl CacheMapWorld {
    /// Compares all of both maps, in both directions, with the model and the references.
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
        for side in Side::BOTH {
            let map = self.maps.get_mut(side);
            sweep::whole(map, side, &self.model, &self.references[side as usize], run)?;
        }
        Ok(())
    }

    #[inline]
    pub(super) fn reference(&mut self, side: Side) -> &mut Reference {
        &mut self.references[side as usize]
    }

    /// Calls `call` for `count` keys from `key` on. Each key is `step` above the one before; the
    /// keys wrap around.
    #[inline]
    pub(super) fn run(
        key: u64,
        count: Count,
        step: i64,
        mut call: impl FnMut(u64) -> Result<(), Divergence>,
    ) -> Result<(), Divergence> {
        let mut next = key;
        for _ in 0..count.get() {
            call(next)?;
            next = next.wrapping_add_signed(step);
        }
        Ok(())
    }
}
