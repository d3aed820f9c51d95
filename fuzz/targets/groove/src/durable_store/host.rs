//! The store as a service on two disks.

use downbeat_lsm::durable_store::ServiceError;
use downbeat_lsm::store::Fullness;

use super::events::{self, Event, FaultEvent};
use super::states;
use super::tested::{Tested, new_store};
use crate::levels::deepest;
use crate::two_disks::device::Device;
use crate::two_disks::recovery::check_number;
use crate::two_disks::{Course, Moment, TwoDisks, causes, count_moment};
use downbeat::{Checked, Run};

impl TwoDisks for Tested {
    const HAS_ITS_NUMBER: &str = "store-has-its-number";
    const DAMAGES: bool = false;

    #[inline]
    fn course(&self) -> &Course {
        &self.course
    }

    fn course_mut(&mut self) -> &mut Course {
        &mut self.course
    }

    fn devices(&self) -> [&Device; 2] {
        [self.tree().grid().storage(), self.store.log().storage()]
    }

    fn devices_mut(&mut self) -> [&mut Device; 2] {
        let (tree, log) = self.store.storages_mut();
        [tree, log]
    }

    fn renew(&mut self) {
        let [tree, log] = self.devices_mut().map(Device::take);
        self.store = new_store(tree, log, &self.options);
    }

    fn format_service(&mut self, number: u64) -> Result<(), ServiceError> {
        self.store.format_again(number)
    }

    fn was_formatted(&mut self) -> Checked {
        self.batches.clear();
        check_number(self, self.tree().number())?;
        self.check_service()
    }

    fn refused(&mut self, error: &ServiceError, run: &mut Run) -> Checked {
        causes::explained(self, error, self.course.opened.0, run)?;
        self.refuses_reads()
    }

    fn given(&self) -> (u64, u64) {
        (self.batches.last(), self.batches.acknowledged())
    }

    fn was_opened(&mut self, _checkpoint: u64, last: u64) {
        self.batches.reopen(last);
    }

    fn early_checkpoints(&self) -> Vec<u64> {
        self.tree().early_checkpoints().collect()
    }

    fn is_nearly_full(&self) -> bool {
        self.tree().fullness() > Fullness::HasRoom
    }

    /// With all settings of the target, the device has room for a reserve. So beats do not fail
    /// because it is full, and neither does an opening, which repeats them.
    fn was_full(&mut self, _: &mut Run) -> bool {
        false
    }

    fn check_service(&self) -> Checked {
        let (beat, superblock) = (self.tree().beat_number(), self.tree().superblock());
        self.course.progress.check(self.batches.last(), self.store.log(), beat, superblock)
    }

    fn harvest(&self, run: &mut Run) {
        let tree = self.tree().tree();
        events::compactions(tree.compactions()).count(run);
        if let Some(deepest) = deepest(tree.manifest()) {
            run.state(states::Deepest, deepest);
        }
    }

    fn happens(&mut self, moment: Moment, run: &mut Run) {
        count_moment!(moment, run);
    }
}
