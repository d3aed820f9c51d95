//! What a deed of the history does to the trees: in the store, in its models, and in the twin.

use downbeat_lsm::forest::{Forest, StoreError};
use downbeat_lsm::groove::ObjectKey;

use super::sides::{Records, Sides};
use super::trees::{Kept, Narrow, Part, Plain, Set, Tick, Wide};
use downbeat::disk::SimulatedDisk;
use downbeat::input::version::Version;
use downbeat::records::Versioned as _;
use downbeat_model::forest::{Deed, Entry, Stored};

/// The trees of a store on a simulated disk.
pub(super) type Trees = Forest<Set, SimulatedDisk>;

/// The record of a write.
pub(super) fn record_of<R: Plain>(key: u64, stamp: u64) -> R {
    R::of(Version { key, stamp, removed: false })
}

/// Writes to the trees what a deed writes. Objects must have been prefetched.
///
/// # Panics
///
/// If the deed is no write.
pub(super) fn write(set: &mut Set, deed: Deed) {
    match deed {
        Deed::Put { tree: 0, key, stamp } => Narrow::tree(set).put(&record_of(key, stamp)),
        Deed::Put { key, stamp, .. } => Wide::tree(set).put(&record_of(key, stamp)),
        Deed::Remove { tree: 0, key } => Narrow::tree(set).remove(Narrow::wide(key)),
        Deed::Remove { key, .. } => Wide::tree(set).remove(Wide::wide(key)),
        Deed::Part(part) => write_object(set, &Part::of(&part)),
        Deed::RemovePart(id) => Part::groove(set).remove(id.into()),
        Deed::Tick(tick) => write_object(set, &Tick::of(&tick)),
        Deed::RemoveTick(timestamp) => Tick::groove(set).remove(timestamp.into()),
        Deed::Want | Deed::Beat(_) => panic!("forest: this is no write ({deed:?})"),
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

/// Prefetches the object that a deed writes, if it writes one.
///
/// # Errors
///
/// If the disk fails.
pub(super) fn prefetch(forest: &mut Trees, deed: Deed) -> Result<(), StoreError> {
    match deed {
        Deed::Part(part) => prefetch_key::<Part>(forest, part.id.into()),
        Deed::RemovePart(id) => prefetch_key::<Part>(forest, id.into()),
        Deed::Tick(tick) => prefetch_key::<Tick>(forest, tick.timestamp.into()),
        Deed::RemoveTick(timestamp) => prefetch_key::<Tick>(forest, timestamp.into()),
        Deed::Put { .. } | Deed::Remove { .. } | Deed::Want | Deed::Beat(_) => Ok(()),
    }
}

fn prefetch_key<O: Kept>(forest: &mut Trees, primary: u128) -> Result<(), StoreError> {
    let (set, mut reader) = forest.read()?;
    O::groove(set).prefetch(&[ObjectKey::primary(primary)], &mut reader)
}

impl Sides {
    /// Notes a write in beat `beat`.
    pub(super) fn write(&mut self, deed: Deed, beat: u64) {
        match deed {
            Deed::Put { tree, key, stamp } => {
                let Records { entries, written, .. } = &mut self.plain[tree];
                *written += 1;
                entries.put(&Entry { key, stamp }, beat);
            }
            Deed::Remove { tree, key } => {
                let Records { entries, written, .. } = &mut self.plain[tree];
                *written += 1;
                entries.remove(key, beat);
            }
            Deed::Part(part) => {
                self.parts.objects.put(&part, beat);
                self.parts.known.insert(part.id.into());
            }
            Deed::RemovePart(id) => {
                let timestamp = self.parts.objects.get(id.into()).map(Stored::timestamp);
                self.parts.objects.remove(timestamp.unwrap_or(0), beat);
            }
            Deed::Tick(tick) => {
                self.ticks.objects.put(&tick, beat);
                self.ticks.known.insert(tick.timestamp.into());
            }
            Deed::RemoveTick(timestamp) => self.ticks.objects.remove(timestamp, beat),
            Deed::Want | Deed::Beat(_) => {}
        }
    }
}
