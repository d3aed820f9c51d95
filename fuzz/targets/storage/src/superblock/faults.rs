//! Operations that cause faults: armed faults that wait for their I/O, and damage to copies on the
//! device.
//!
//! - Without faults, only a loss of power can be armed, and an operation that damages becomes a
//!   step.
//! - Within the limits, an intact copy is damaged only while no checkpoint is under way and enough
//!   other copies are intact. Otherwise a copy that is damaged already is damaged again.

use downbeat_lsm::storage::Access as IoAccess;
use downbeat_lsm::superblock::quorum;

use super::store::{Faults, KEPT, Store};
use downbeat::disk::{Armed, FaultKind};
use downbeat::{Checked, Run};
use downbeat_model::superblock::{Access, Age, CopyNumber, Fault, Harm, Nth};

/// The maximum number of armed faults. A further fault replaces them all.
const ARMED_MAX: usize = 4;

/// The number that selects the random values for the reads of an opening. Smaller numbers have
/// other uses.
const LUCK_OF_OPENING: u64 = 1 << 32;

const HARMS: [FaultKind; 4] =
    [FaultKind::Flips, FaultKind::Zeroes, FaultKind::Garbles, FaultKind::SpoilsReading];

impl Store {
    pub(super) fn arm(&mut self, fault: Fault, nth: Nth, access: Access, run: &mut Run) {
        let mut kind = FaultKind::ALL[fault.get() as usize];
        if self.faults == Faults::None && kind != FaultKind::PowerLoss {
            run.redirected(|| format!("arm fault=8 nth={} access={}", nth.get(), access.get()));
            kind = FaultKind::PowerLoss;
        }
        let only = [None, Some(IoAccess::Read), Some(IoAccess::Write), Some(IoAccess::Flush)];
        let access = only[access.get() as usize].filter(|access| kind.strikes(*access));
        let disk = self.medium.disk_mut();
        if disk.armed().len() >= ARMED_MAX {
            disk.disarm_all();
        }
        disk.arm(Armed { kind, access, nth: nth.get() });
    }

    /// If faults are allowed, makes a random read of the next opening fail in half of the cases.
    /// Called before openings that lose power. The opening then trusts fewer copies, and must not
    /// lose the copy that it could not read.
    pub(super) fn arm_a_read_of_the_opening(&mut self, run: &mut Run) {
        let chance = run.luck(LUCK_OF_OPENING);
        let disk = self.medium.disk_mut();
        if self.faults == Faults::None || chance % 2 == 1 || disk.armed().len() >= ARMED_MAX {
            return;
        }
        let nth = 1 + (chance >> 1) % self.layout.superblock_copies() as u64;
        disk.arm(Armed { kind: FaultKind::Fails, access: Some(IoAccess::Read), nth });
        run.remark(|| format!("read {nth} fails"));
    }

    pub(super) fn damage(&mut self, copy: CopyNumber, harm: Harm, run: &mut Run) -> Checked {
        let Some(copy) = self.victim(copy, run)? else { return Ok(()) };
        let span = self.layout.superblock_copy(copy);
        let kind = HARMS[harm.get() as usize];
        run.idle_if(!self.medium.disk_mut().damage(span, kind));
        run.remark(|| format!("copy {copy}"));
        Ok(())
    }

    pub(super) fn misplace(
        &mut self,
        copy: CopyNumber,
        from: CopyNumber,
        run: &mut Run,
    ) -> Checked {
        let Some(copy) = self.victim(copy, run)? else { return Ok(()) };
        let copies = self.layout.superblock_copies();
        let from = from.get() as usize % copies;
        let from = if from == copy { (from + 1) % copies } else { from };
        let mut bytes = std::mem::take(&mut self.scratch);
        let image = self.medium.disk_mut().image_mut();
        image.read_undamaged(self.layout.superblock_copy(from).offset, &mut bytes);
        image.impose(self.layout.superblock_copy(copy).offset, &bytes);
        self.scratch = bytes;
        self.so_far.planted += 1;
        run.remark(|| format!("copy {copy} reads as copy {from}"));
        Ok(())
    }

    pub(super) fn revert(&mut self, copy: CopyNumber, age: Age, run: &mut Run) -> Checked {
        if self.faults != Faults::Beyond || self.so_far.kept < 2 {
            run.redirected(|| format!("damage copy={} damage=0", copy.get()));
            return self.damage(copy, Harm::find(0).expect("a harm"), run);
        }
        let Some(copy) = self.victim(copy, run)? else { return Ok(()) };
        let age = (1 + age.get() as usize).min(self.so_far.kept - 1);
        let span = self.layout.superblock_copy(copy);
        let start = span.offset as usize;
        let bytes =
            &self.ring[(self.so_far.newest + KEPT - age) % KEPT][start..start + span.length];
        self.medium.disk_mut().image_mut().impose(span.offset, bytes);
        self.so_far.planted += 1;
        run.remark(|| format!("copy {copy} reads as it did {age} superblocks before"));
        Ok(())
    }

    /// Returns the copy to damage: this one or, if that would exceed the limits, one that is
    /// damaged already. Returns `None` if faults are not allowed and a step was done instead.
    fn victim(&mut self, copy: CopyNumber, run: &mut Run) -> Checked<Option<usize>> {
        let copies = self.layout.superblock_copies();
        let copy = copy.get() as usize % copies;
        match self.faults {
            Faults::Beyond => {
                self.so_far.damaged_under_way |= self.is_under_way();
                return Ok(Some(copy));
            }
            Faults::None => {
                run.redirected(|| "step".to_owned());
                self.step_or_begin(1, run)?;
                return Ok(None);
            }
            Faults::Within => {}
        }
        self.end(run)?;
        let size = self.layout.superblock_copy_size();
        let image = self.medium.disk().image();
        let damaged = image.damages().iter().fold(0_u64, |damaged, (sector, _)| {
            damaged | 1 << (image.offset_of(*sector) as usize / size)
        });
        let limit = copies - quorum::threshold(copies);
        let fits = (damaged | 1 << copy).count_ones() as usize <= limit;
        Ok(Some(if fits { copy } else { damaged.trailing_zeros() as usize }))
    }
}
