//! Snapshots, and reads through them.

use downbeat::input::encoding::Key;
use downbeat::{Checked, Run};

use super::{EngineWorld, SNAPSHOTS, compare, offered};
use crate::engine::Engine;
use crate::events::Event;
use crate::keys;

/// The arguments of a scan: its keys, its bounds, its turns, and how many pairs it takes.
pub(super) type ScanArguments = ([Key; 2], u32, u32, u32);

impl<E: Engine> EngineWorld<E> {
    /// Takes a snapshot, in place of the oldest one if there are many.
    pub(super) fn snapshot(&mut self, run: &mut Run) -> Checked {
        run.step();
        let answer = self.engine().snapshot();
        let Some(snapshot) = offered(answer, "snapshot-succeeds", "a snapshot fails", run)? else {
            return Ok(());
        };
        if self.snapshots.len() == SNAPSHOTS {
            self.snapshots.remove(0);
        }
        self.snapshots.push((snapshot, self.model.map().clone()));
        Ok(())
    }

    /// Drops a snapshot.
    pub(super) fn drop_snapshot(&mut self, which: u32, run: &mut Run) -> Checked {
        run.step();
        run.idle_if(self.snapshots.is_empty());
        if let Some(place) = self.place(which) {
            self.snapshots.remove(place);
        }
        Ok(())
    }

    fn place(&self, which: u32) -> Option<usize> {
        (which as usize).checked_rem(self.snapshots.len())
    }

    /// Reads through a snapshot. Without a snapshot, takes one first.
    pub(super) fn get_at(&mut self, which: u32, key: Key, run: &mut Run) -> Checked {
        if self.snapshots.is_empty() {
            self.snapshot(run)?;
        }
        let Some(place) = self.place(which) else { return Ok(()) };
        let key = self.key(key);
        run.step();
        run.remark(|| keys::show(&key));
        let (snapshot, map) = &self.snapshots[place];
        Event::SnapshotOld.count_if(map != self.model.map(), run);
        let engine = self.engine.as_mut().expect("the engine is open");
        let answer = engine.get_at(snapshot, &key);
        let Some(got) = offered(answer, "get-succeeds", "a get through a snapshot fails", run)?
        else {
            return Ok(());
        };
        let what = "get through a snapshot returns another value than when it was taken";
        compare::value("snapshot-get-equals-model", what, map.get(&key), got.as_deref(), run)
    }

    /// Scans through a snapshot. Without a snapshot, takes one first.
    pub(super) fn scan_at(
        &mut self,
        which: u32,
        (keys, bounds, turns, take): ScanArguments,
        run: &mut Run,
    ) -> Checked {
        if self.snapshots.is_empty() {
            self.snapshot(run)?;
        }
        let Some(place) = self.place(which) else { return Ok(()) };
        let scan = self.scan_of(keys, bounds, turns, take, run);
        let scan = scan.borrow();
        run.step();
        let (snapshot, map) = &self.snapshots[place];
        Event::SnapshotOld.count_if(map != self.model.map(), run);
        let engine = self.engine.as_mut().expect("the engine is open");
        let answer = engine.scan_at(snapshot, &scan);
        let Some(got) = offered(answer, "scan-succeeds", "a scan through a snapshot fails", run)?
        else {
            return Ok(());
        };
        let what = "a scan through a snapshot returns other pairs than when it was taken";
        compare::pairs("snapshot-scan-equals-model", what, &map.scan(&scan), &got, run)
    }
}
