//! The service as one on two disks.

use downbeat_lsm::forest::Fullness;
use downbeat_lsm::state_machine::ServiceError;

use super::events::{self, Event, FaultEvent};
use super::states;
use super::tested::{Tested, renew};
use crate::levels::deepest;
use crate::two_disks::device::Device;
use crate::two_disks::recovery::check_number;
use crate::two_disks::{Course, Moment, TwoDisks, causes, count_moment};
use downbeat::{Checked, Run};

impl TwoDisks for Tested {
    const HAS_ITS_NUMBER: &str = "service-has-its-number";
    const DAMAGES: bool = true;

    #[inline]
    fn course(&self) -> &Course {
        &self.course
    }

    fn course_mut(&mut self) -> &mut Course {
        &mut self.course
    }

    fn devices(&self) -> [&Device; 2] {
        let machine = self.service.machine().forest().grid().storage();
        [machine, self.service.log_of_requests().storage()]
    }

    fn devices_mut(&mut self) -> [&mut Device; 2] {
        let (machine, log) = self.service.parts_mut();
        [machine.forest_mut().trees_and_grid().1.storage_mut(), log.storage_mut()]
    }

    fn renew(&mut self) {
        renew(&mut self.service, &self.options);
    }

    fn format_service(&mut self, number: u64) -> Result<(), ServiceError> {
        self.service.format_again(number)
    }

    fn was_formatted(&mut self) -> Checked {
        self.requests.clear();
        self.ring.release(u64::MAX);
        self.ring.reopen(0);
        self.never_crashed.clear();
        (self.restarts, self.prefetched, self.refusals) = (0, 0, 0);
        check_number(self, self.service.machine().forest().number())?;
        self.check_service()
    }

    fn refused(&mut self, error: &ServiceError, run: &mut Run) -> Checked {
        causes::call_failed(self, error, run)
    }

    fn given(&self) -> (u64, u64) {
        (self.requests.last(), self.requests.acknowledged())
    }

    fn was_opened(&mut self, checkpoint: u64, last: u64) {
        self.requests.reopen(last);
        self.never_crashed.reopen(checkpoint);
        self.checkpoint(checkpoint);
        if self.ring.released().is_some_and(|entry| !self.is_whole(entry)) {
            self.ring.forget_released();
        }
        self.ring.reopen(last);
        self.restarts += 1;
    }

    fn ran_beat(&mut self, taken: Option<u64>) {
        self.prefetched = 0;
        if let Some(held) = taken {
            self.checkpoint(held);
        }
    }

    fn early_checkpoints(&self) -> Vec<u64> {
        self.service.machine().forest().early_checkpoints().collect()
    }

    fn is_nearly_full(&self) -> bool {
        self.service.machine().forest().fullness() > Fullness::HasRoom
    }

    /// Only a device that is too small for a reserve can be full in a beat.
    fn was_full(&mut self, run: &mut Run) -> bool {
        let may_be_full = !self.service.machine().forest().has_reserve();
        Event::Full.count_if(may_be_full, run);
        may_be_full
    }

    fn check_service(&self) -> Checked {
        let forest = self.service.machine().forest();
        let (log, last) = (self.service.log_of_requests(), self.requests.last());
        self.course.progress.check(last, log, forest.beat_number(), forest.superblock())
    }

    fn harvest(&self, run: &mut Run) {
        let things = self.service.machine().forest().trees().objects();
        events::compactions(things.compactions()).count(run);
        if let Some(deepest) = deepest(things.manifest()) {
            run.state(states::Deepest, deepest);
        }
    }

    fn happens(&mut self, moment: Moment, run: &mut Run) {
        count_moment!(moment, run);
    }
}
