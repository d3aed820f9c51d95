//! The world: a store, formatted for a run, compared and closed.

use downbeat_lsm::storage::Storage as _;
use downbeat_lsm::superblock::quorum;

use super::store::{Faults, SoFar, Store};
use super::{compare, events, states};
use downbeat::disk::{FaultLimits, Order, RuleOptions, SimulatedDisk};
use downbeat::input::encoding::Header;
use downbeat::states::octave;
use downbeat::{Checked, Run, World};
use downbeat_model::superblock::{FAULTS, ORDER, Operation, STORAGE};

impl World for Store {
    type Operation = Operation;

    /// Formats the device, and arms the fault of the run if it has one.
    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        self.medium.reset(header.index(STORAGE) == 1);
        self.superblock.reset();
        self.model.reset();
        self.faults = [Faults::None, Faults::Within, Faults::Beyond][header.index(FAULTS)];
        self.so_far = SoFar::default();
        let copies = self.layout.superblock_copies();
        let disk = self.medium.disk_mut();
        disk.set_order(Order::ALL[header.index(ORDER)]);
        disk.set_limits(match self.faults {
            Faults::None => FaultLimits::NONE,
            Faults::Within => {
                FaultLimits { superblock: copies - quorum::threshold(copies), grid: 0 }
            }
            Faults::Beyond => FaultLimits::BEYOND,
        });
        disk.set_rules(RuleOptions { superblock_last: false, ..RuleOptions::default() });
        self.format_whole(11, run)?;
        self.so_far.started = self.medium.disk().completed();
        if let Some(armed) = run.interference() {
            self.medium.disk_mut().arm(armed);
        }
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.end(run)
    }

    /// Checks that every copy contains the open superblock. Checks nothing while a checkpoint is
    /// under way or any copy is damaged.
    fn sweep(&mut self, run: &mut Run) -> Checked {
        if self.is_under_way() || !self.medium.disk().image().damages().is_empty() {
            return Ok(());
        }
        for copy in 0..self.layout.superblock_copies() {
            if let Some(wrong) = self.wrong_in(copy) {
                return Err(compare::not_in_every_copy(wrong));
            }
            run.result(u64::from(self.scratch[0]));
        }
        Ok(())
    }

    /// Opens the store twice more, after a restart and after a crash, and compares the copies.
    fn finish(&mut self, run: &mut Run) -> Checked {
        self.reopen(run)?;
        self.crash(0, 0, run)?;
        self.sweep(run)?;
        self.forget(run);
        // The first checkpoint is that of the formatting.
        run.state(states::Length, octave(self.so_far.checkpoints.saturating_sub(1)));
        let disk = self.medium.disk();
        events::disk(disk.counts()).count(run);
        run.device_operations(disk.completed() - self.so_far.started);
        Ok(())
    }

    fn describe(&self) -> Vec<String> {
        let disk = self.medium.disk();
        let image = disk.image();
        let mut lines = vec![
            format!("expected: {}", self.model.expected().describe()),
            format!(
                "{} I/Os since it began, {} in flight; {} versions of sectors not durable",
                self.medium.progress().ios,
                self.medium.queued(),
                image.unflushed().len(),
            ),
        ];
        lines.extend(image.damages().iter().take(8).map(|(sector, damage)| {
            let offset = image.offset_of(*sector) as usize;
            let copy = offset / self.layout.superblock_copy_size();
            format!("copy {copy}, sector {sector}: {}", damage.describe())
        }));
        lines.extend(disk.armed().iter().map(|armed| format!("armed: {armed:?}")));
        lines
    }

    fn disk(&mut self, number: usize) -> Option<&mut SimulatedDisk> {
        (number == 0).then(|| self.medium.disk_mut())
    }
}
