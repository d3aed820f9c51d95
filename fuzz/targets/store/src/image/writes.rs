//! Puts, removals, beats and checkpoints.
//!
//! After a failed beat, the store is read-only. The next write opens the store again at its last
//! checkpoint. If the image has forged checksums or contradictory tables, beats may fail again, so
//! the next write formats the device instead.

use downbeat_lsm::block::{Corruption, Place, Reason};
use downbeat_lsm::checkpoint::CheckpointError;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::record::Usage;
use downbeat_lsm::store::{Fullness, StoreError};
use downbeat_lsm::superblock::SuperblockError;

use super::events::Event;
use super::tested::{Tested, model_key};
use downbeat::check::holds;
use downbeat::input::version::Version;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::image::{At, Fault, Wrong};
use downbeat_storage_targets::store::full::{check_full, full, is_far_from_full};

/// The reason why a checkpoint fails if compactions have released blocks that tables still need.
const TOO_FEW_BLOCKS: Reason = Reason::Meaning("there are more tables than blocks for them");

impl<R: Versioned> Tested<R> {
    /// Opens or formats the store if it cannot be written to.
    pub(super) fn be_writable(&mut self, run: &mut Run) -> Checked {
        self.be_open(run)?;
        if !self.failed {
            return Ok(());
        }
        if self.forged || !self.content.sound {
            Event::Formatted.count(run);
            return self.format();
        }
        self.open(run)
    }

    /// Puts a key, or removes it. Returns whether the store accepts further writes.
    ///
    /// In an index, does nothing if the key to put is present, the key to remove is absent, or the
    /// key cannot be read. Also does not remove a forged record. If its key were put again, the
    /// removal and the put would cancel each other, and the forged record would stay.
    pub(super) fn write(&mut self, key: u64, removes: bool, run: &mut Run) -> Checked<bool> {
        let wide = model_key(R::wide(key));
        let record = R::of(Version { key, stamp: self.stamps + 1, removed: false });
        if R::USAGE == Usage::SecondaryIndex {
            match self.content.get(wide) {
                Ok(Some(found)) if removes && found == record.as_bytes() => {}
                Ok(None) if !removes => {}
                Ok(_) | Err(_) => return Ok(true),
            }
        }
        run.step();
        self.stamps += 1;
        let fullness = self.store.fullness();
        let tables = self.store.manifest_log().table_count() as u64;
        // A beat runs first if the last has no room, and more run to make room in a full store.
        let most = if removes { Fullness::FullForPuts } else { Fullness::NearlyFull };
        let runs_beats = self.store.tree().room() == 0 || fullness > most;
        let bars = 4 + 2 * (tables + 4) * u64::from(self.sizes.levels);
        let beats = if runs_beats { bars * u64::from(self.sizes.bar) } else { 1 };
        self.allow_beats(beats);
        if runs_beats {
            self.content.merged = true;
        }
        let wrote = if removes { self.store.remove(R::wide(key)) } else { self.store.put(&record) };
        if wrote == Err(StoreError::Full) {
            Event::FullRefused.count(run);
            let is_far = !self.forged && is_far_from_full(&self.store, 0);
            return holds("full-is-full", !is_far && !self.store.may_gain_room())
                .show(|| ("a write", fullness))
                .or("a store refuses a write that has room, or could make room")
                .map(|()| false);
        }
        if let Err(error) = wrote {
            self.beat_failed(error, run)?;
            return Ok(false);
        }
        run.keys.wrote(key);
        self.settled = false;
        let written = (!removes).then(|| record.as_bytes().to_vec());
        self.content.writes.insert(wide, written);
        Ok(true)
    }

    /// Runs a beat. Returns whether the store accepts further writes.
    pub(super) fn beat(&mut self, run: &mut Run) -> Checked<bool> {
        run.step();
        self.allow_beats(1);
        self.content.merged = true;
        match self.store.beat() {
            Ok(_) => Ok(true),
            Err(error) => self.beat_failed(error, run).map(|()| false),
        }
    }

    /// Takes a checkpoint, which makes all writes durable. The store may fail to do so.
    pub(super) fn checkpoint(&mut self, run: &mut Run) -> Checked {
        run.step();
        self.allow_beats(3 * u64::from(self.sizes.bar));
        self.content.merged = true;
        match self.store.checkpoint() {
            Ok(_) => {
                Event::Checkpointed.count_if(self.forged, run);
                self.settled = true;
                Ok(())
            }
            Err(error) => self.beat_failed(error, run),
        }
    }

    /// Allows the device operations of this many beats. A beat reads and writes each block at most
    /// a few times.
    fn allow_beats(&mut self, beats: u64) {
        let beat = 4 * self.sizes.blocks + 16 * (self.sizes.copies as u64 + 1);
        self.device().allow(beats * beat);
    }

    /// Whether the sequence, the beat or the log of the opened image is so near its limit that
    /// further beats may fail.
    fn is_near_a_limit(&self) -> bool {
        const NEAR: u64 = (1 << 62) - (1 << 20);
        self.content.reading.as_ref().is_some_and(|reading| {
            let root = &reading.opening.root;
            root.sequence > NEAR || root.beat > NEAR || self.extended
        })
    }

    fn beat_failed(&mut self, error: StoreError, run: &mut Run) -> Checked {
        self.failed = true;
        self.settled = false;
        run.remark(|| error.to_string());
        let StoreError::ReadOnly(error) = error else {
            return holds("beat-fails-for-a-reason", false)
                .show(|| ("a failed beat", error))
                .or("a call fails in a way that no image explains");
        };
        if let Some(full) = full(&error) {
            Event::Full.count(run);
            return check_full(&self.store, full);
        }
        Event::BeatFailed.count(run);
        let corruption = match &error {
            BeatError::Grid(GridError::Corruption(corruption))
            | BeatError::Checkpoint(
                CheckpointError::Grid(GridError::Corruption(corruption))
                | CheckpointError::Superblock(SuperblockError::Corruption(corruption)),
            ) => Some(corruption),
            _ => None,
        };
        let is_due = corruption
            .is_some_and(|corruption| self.is_near_a_limit() || self.is_contradicted(corruption));
        holds("beat-fails-for-a-reason", is_due)
            .show(|| {
                let faults = self.faults().map(ToString::to_string).collect::<Vec<_>>();
                (format!("success, or one of {faults:?}"), error)
            })
            .or("a beat fails, but the tables do not contradict each other where it says")
    }

    /// The faults of the opened image that can make a beat fail.
    fn faults(&self) -> impl Iterator<Item = &Wrong> {
        let readings = self.content.reading.iter();
        readings.flat_map(|reading| reading.wrong.iter().chain(&reading.unmergeable))
    }

    /// Whether a fault of the opened image explains this corruption. A fault explains a corruption
    /// at its place. The place of records of an index that do not alternate is not compared,
    /// because a merge may have moved them. Any fault explains too few blocks for the tables: a
    /// block may be free or shared, and the blocks of an unreadable index are unknown.
    fn is_contradicted(&self, corruption: &Corruption) -> bool {
        self.faults().any(|wrong| {
            let is_there = match corruption.place {
                Place::Block(address) => wrong.at == At::Block(address),
                Place::Superblock => corruption.reason == TOO_FEW_BLOCKS,
                Place::Tree(_) => false,
            };
            is_there || wrong.fault == Fault::NotAlternate
        })
    }
}
