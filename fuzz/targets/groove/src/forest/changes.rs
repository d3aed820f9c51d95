//! What a change of the history does to the trees: in the store, in its models, and in the twin.

use downbeat_lsm::forest::{Forest, StoreError};
use downbeat_lsm::groove::ObjectKey;

use super::sides::{Records, Sides};
use super::trees::{Kept, Narrow, Part, Plain, Set, Tick, Wide};
use downbeat::disk::SimulatedDisk;
use downbeat::input::version::Version;
use downbeat::records::Versioned as _;
use downbeat_model::forest::{Change, Entry, Stored};

/// The trees of a store on a simulated disk.
pub(super) type Trees = Forest<Set, SimulatedDisk>;

/// The record of a write.
pub(super) fn record_of<R: Plain>(key: u64, stamp: u64) -> R {
    R::of(Version { key, stamp, removed: false })
}

/// Writes to the trees what a change writes. Objects must have been prefetched.
///
/// # Panics
///
/// If the change is no write.
pub(super) fn write(set: &mut Set, change: Change) {
    match change {
        Change::Put { tree: 0, key, stamp } => Narrow::tree(set).put(&record_of(key, stamp)),
        Change::Put { key, stamp, .. } => Wide::tree(set).put(&record_of(key, stamp)),
        Change::Remove { tree: 0, key } => Narrow::tree(set).remove(Narrow::wide(key)),
        Change::Remove { key, .. } => Wide::tree(set).remove(Wide::wide(key)),
        Change::Part(part) => write_object(set, &Part::of(&part)),
        Change::RemovePart(id) => Part::groove(set).remove(id.into()),
        Change::Tick(tick) => write_object(set, &Tick::of(&tick)),
        Change::RemoveTick(timestamp) => Tick::groove(set).remove(timestamp.into()),
        Change::Want | Change::Beat(_) => panic!("forest: this is no write ({change:?})"),
    }
}

fn write_object<O: Kept>(set: &mut Set, object: &O) {
    let groove = O::groove(set);
    if groove.get(object.model().primary()).is_some() {
        groove.update(object);
    } else {
        groove.insert(object);
    }
}

/// Prefetches the object that a change writes, if it writes one.
///
/// # Errors
///
/// If the disk fails.
pub(super) fn prefetch(forest: &mut Trees, change: Change) -> Result<(), StoreError> {
    match change {
        Change::Part(part) => prefetch_key::<Part>(forest, part.id.into()),
        Change::RemovePart(id) => prefetch_key::<Part>(forest, id.into()),
        Change::Tick(tick) => prefetch_key::<Tick>(forest, tick.timestamp.into()),
        Change::RemoveTick(timestamp) => prefetch_key::<Tick>(forest, timestamp.into()),
        Change::Put { .. } | Change::Remove { .. } | Change::Want | Change::Beat(_) => Ok(()),
    }
}

fn prefetch_key<O: Kept>(forest: &mut Trees, primary: u128) -> Result<(), StoreError> {
    let (set, mut reader) = forest.read()?;
    O::groove(set).prefetch(&[ObjectKey::primary(primary)], &mut reader)
}

impl Sides {
    /// Notes a write in beat `beat`.
    pub(super) fn write(&mut self, change: Change, beat: u64) {
        match change {
            Change::Put { tree, key, stamp } => {
                let Records { entries, written, .. } = &mut self.plain[tree];
                *written += 1;
                entries.put(&Entry { key, stamp }, beat);
            }
            Change::Remove { tree, key } => {
                let Records { entries, written, .. } = &mut self.plain[tree];
                *written += 1;
                entries.remove(key, beat);
            }
            Change::Part(part) => {
                self.parts.objects.put(&part, beat);
                self.parts.known.insert(part.id.into());
            }
            Change::RemovePart(id) => {
                let timestamp = self.parts.objects.get(id.into()).map(Stored::timestamp);
                self.parts.objects.remove(timestamp.unwrap_or(0), beat);
            }
            Change::Tick(tick) => {
                self.ticks.objects.put(&tick, beat);
                self.ticks.known.insert(tick.timestamp.into());
            }
            Change::RemoveTick(timestamp) => self.ticks.objects.remove(timestamp, beat),
            Change::Want | Change::Beat(_) => {}
        }
    }
}
