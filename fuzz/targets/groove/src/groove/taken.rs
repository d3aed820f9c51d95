//! Inserts of things whose keys may be taken.

use super::events::Late;
use super::kept::{Kept, Name, Thing};
use super::tested::Tested;
use crate::store::beat;
use downbeat::check::same;
use downbeat::{Checked, Run};
use downbeat_model::groove as model;

impl Tested {
    /// Prefetches the keys of a new thing, and asks which of them is taken. The new thing and the
    /// thing at the place `near` have the same timestamp (`same_as` is 0), code (1) or primary key
    /// (2), or no key in common (3). Inserts the new thing if no key is taken.
    pub(super) fn insert_taken(&mut self, same_as: u32, near: usize, run: &mut Run) -> Checked {
        let near = self.sides.things.objects.nth(near).copied();
        self.leave_scope(run);
        let stamp = self.next_stamp();
        let timestamp = match near.filter(|_| same_as == 0) {
            Some(near) => near.timestamp,
            None => self.next_timestamp(),
        };
        let key = match near {
            Some(near) if same_as == 2 => model::Thing::key_of(near.id),
            _ => near.map_or(stamp, |near| model::Thing::key_of(near.id).wrapping_add(stamp)),
        };
        let code = match near.filter(|_| same_as == 1) {
            Some(near) => near.code,
            None => model::Thing::rare_code(stamp),
        };
        let thing = model::Thing::new(key, timestamp, code, stamp as u32 % 96, stamp);
        let names = [Name::Primary(thing.id), Name::Timestamp(timestamp), Name::Code(code)];
        if !self.make_ready::<Thing>(thing.id, run)? {
            return Ok(());
        }
        if self.prefetch_room::<Thing>() < names.len() {
            beat(self, run)?;
        }
        let has_room = self.prefetch_room::<Thing>() >= names.len();
        if !has_room || self.store.is_down() || self.store.forest.failed().is_some() {
            run.idle();
            return Ok(());
        }
        if !self.prefetch_now::<Thing>(&names, run)? {
            return Ok(());
        }
        run.step();
        let things = &self.sides.things.objects;
        let taken = if things.get(thing.id).is_some() {
            Late::TakenPrimary.count(run);
            Some(names[0])
        } else if things.at(timestamp).is_some() {
            Late::TakenTimestamp.count(run);
            Some(names[1])
        } else if things.with_code(code).is_some() {
            Late::TakenCode.count(run);
            Some(names[2])
        } else {
            None
        };
        let text = |name: Name| format!("{:?}", Thing::object_key(name));
        let got = Thing::groove(self.store.forest.trees_and_grid().0).taken(&Thing::of(&thing));
        same("taken-equals-model", taken.map(text), got.map(|key| format!("{key:?}")))
            .or("a groove names another key of a new object that is taken, or none")?;
        if taken.is_some() {
            return Ok(());
        }
        Late::NotTaken.count(run);
        self.insert_now::<Thing>(&thing, run)
    }
}
