//! Opening, closing and opening again; key spaces, and states that are kept.

use downbeat::{Checked, Run};

use super::{EngineWorld, offered, required};
use crate::commits::Changed;
use crate::durability::Call;
use crate::engine::{Engine, Step};
use crate::events::Event;
use crate::model::{Map, SPACES};

impl<E: Engine> EngineWorld<E> {
    pub(super) fn open_engine(&mut self) -> Checked {
        let folder = self.folder.as_ref().expect("the run is open");
        let opened = E::open(folder.path(), &self.settings);
        self.engine = Some(required(opened, "open-succeeds", "the engine cannot be opened")?);
        Ok(())
    }

    pub(super) fn close_engine(&mut self) -> Checked {
        self.snapshots.clear();
        let engine = self.engine.take().expect("the engine is open");
        required(engine.close(), "close-succeeds", "the engine cannot be closed")?;
        self.succeeded(Call::Close);
        Ok(())
    }

    /// Closes the engine, opens it again, and compares everything in the first key space.
    pub(super) fn reopen(&mut self, run: &mut Run) -> Checked {
        run.step();
        self.close_engine()?;
        self.model.reopen();
        self.open_engine()?;
        Event::Reopened.count_if(!self.model.map().is_empty(), run);
        let what = "the engine holds other pairs after it was closed and opened";
        self.scan_all("reopened-equals-model", what, run)
    }

    /// Compares every key space. An engine without key spaces has only the first one.
    pub(super) fn all_spaces(&mut self, run: &mut Run) -> Checked {
        for space in (0..SPACES as u32).rev() {
            self.select(space, run)?;
        }
        self.whole(run)
    }

    /// Selects a key space, and compares everything in it.
    pub(super) fn select(&mut self, space: u32, run: &mut Run) -> Checked {
        let space = space as usize % SPACES;
        run.step();
        self.snapshots.clear();
        let answer = self.engine().select(space as u32);
        if offered(answer, "select-succeeds", "a key space cannot be selected", run)?.is_some() {
            self.model.select(space);
            if self.model.map().is_empty() {
                let what = "a key space that is empty holds pairs when it is selected";
                return self.scan_all("empty-select-equals-model", what, run);
            }
            let what = "a key space holds other pairs when it is selected";
            self.scan_all("select-equals-model", what, run)?;
        }
        Ok(())
    }

    /// Deletes a key space; the one after it, if it is the selected one.
    pub(super) fn delete(&mut self, space: u32, run: &mut Run) -> Checked {
        let mut space = space as usize % SPACES;
        if space == self.model.selected() {
            space = (space + 1) % SPACES;
            run.redirected(|| format!("delete space={space}"));
        }
        run.step();
        self.begins(|_| Changed::Spaces(vec![(space, Map::default())]));
        let answer = self.engine().delete(space as u32);
        if self.written(answer, "delete-succeeds", "a key space cannot be deleted", run)?.is_some()
        {
            Event::Deleted.count_if(!self.model.space(space).is_empty(), run);
            self.model.delete(space);
        }
        Ok(())
    }

    pub(super) fn savepoint(&mut self, run: &mut Run) -> Checked {
        run.step();
        let answer = self.engine().savepoint();
        if offered(answer, "savepoint-succeeds", "keeping a state fails", run)?.is_some() {
            self.model.keep();
        }
        Ok(())
    }

    /// Restores the kept state. Without one, keeps the present state.
    pub(super) fn restore(&mut self, run: &mut Run) -> Checked {
        if !self.model.has_kept() {
            run.redirected(|| "savepoint".to_owned());
            return self.savepoint(run);
        }
        run.step();
        self.begins(|world| {
            Changed::Spaces(world.model.kept_spaces().iter().cloned().enumerate().collect())
        });
        let answer = self.engine().transact(&[Step::Restore], true);
        if self.written(answer, "transaction-succeeds", "a transaction fails", run)?.is_some() {
            self.model.restore();
            self.restored(run)?;
        }
        Ok(())
    }

    /// Compares everything after a state was restored.
    pub(super) fn restored(&mut self, run: &mut Run) -> Checked {
        Event::Restored.count(run);
        let what = "the restored state differs from the kept one";
        self.scan_all("restored-equals-model", what, run)
    }
}
