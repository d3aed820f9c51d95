//! What a caller sets: the schedule, the order, the limits, the rules, and the armed faults.

use super::{Armed, FaultKind, FaultLimits, Order, RuleOptions, SimulatedDisk};

impl SimulatedDisk {
    /// Sets the schedule, which determines the random decisions from now on. A world sets it at the
    /// start of each of its operations.
    pub fn set_schedule(&mut self, schedule: u64) {
        self.chance.set_schedule(schedule);
    }

    /// Sets the order in which operations complete from now on.
    pub fn set_order(&mut self, order: Order) {
        self.order = order;
    }

    /// Returns the limits on simultaneous faults.
    #[must_use]
    pub fn limits(&self) -> FaultLimits {
        self.limits
    }

    /// Sets the limits on simultaneous faults from now on.
    pub fn set_limits(&mut self, limits: FaultLimits) {
        self.limits = limits;
    }

    /// Returns which rules are checked.
    #[must_use]
    pub fn rules(&self) -> RuleOptions {
        self.rules.options
    }

    /// Sets which rules are checked from now on.
    pub fn set_rules(&mut self, options: RuleOptions) {
        self.rules.options = options;
    }

    /// Discards the content, and sets what unwritten sectors read as: zeros if `background` is 0,
    /// otherwise noise that the number determines.
    pub fn set_background(&mut self, background: u64) {
        self.image.reset(self.layout.size(), self.layout.sector_size(), background);
    }

    /// Arms a fault. A power loss with `nth` 0 happens immediately.
    pub fn arm(&mut self, armed: Armed) {
        if armed.kind == FaultKind::PowerLoss && armed.nth == 0 {
            self.lose_power();
        } else {
            self.faults.armed.push(armed);
        }
    }

    /// Disarms all faults that have not struck yet.
    pub fn disarm_all(&mut self) {
        self.faults.armed.clear();
    }

    /// Returns the armed faults that have not struck yet.
    #[must_use]
    pub fn armed(&self) -> &[Armed] {
        &self.faults.armed
    }
}
