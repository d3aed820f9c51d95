//! The power of the disk, and the process that uses it.

use super::SimulatedDisk;

/// Whether a disk has power, and a process that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    On,
    /// The power is on, but the process was killed.
    Killed,
    /// The power is off, and the effect on the content is not decided yet.
    Off,
    /// The power is off, and the content is what the crash left.
    Crashed,
}

impl SimulatedDisk {
    /// Makes this disk a copy of `other`, as if `other` lost power now: the power is off, and the
    /// content is that of `other` plus its writes in flight, which are visible but not durable.
    /// Everything else is as [`SimulatedDisk::new`] makes it. `other` does not change, so a caller
    /// can try every crash at every moment.
    pub fn copy_at_power_loss(&mut self, other: &Self) {
        self.reset(other.layout);
        self.grown_from = other.grown_from;
        self.image.copy_from(&other.image);
        if other.power != Power::Crashed {
            for (span, bytes) in other.queue.writes() {
                self.image.write(span.offset, bytes);
            }
        }
        self.power = Power::Off;
    }

    /// Returns whether the power is off, or the process was killed. No operation completes then.
    #[must_use]
    #[inline]
    pub fn is_down(&self) -> bool {
        self.power != Power::On
    }

    /// Switches the power off. The effect on the content is decided by a crash; until then a caller
    /// can try crashes on copies ([`SimulatedDisk::copy_at_power_loss`]).
    pub fn lose_power(&mut self) {
        if self.power == Power::On {
            self.power = Power::Off;
        }
    }

    /// Kills the process that uses the disk: no operation completes until the restart. The power
    /// stays on, so the next process reads what this one has written, unless a flush failed.
    pub fn kill(&mut self) {
        if self.power == Power::On {
            self.power = Power::Killed;
        }
    }
}
