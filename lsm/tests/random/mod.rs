//! A random number generator for tests: the high bits of a linear congruential step.

pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    pub(crate) fn below_u32(&mut self, limit: u32) -> u32 {
        self.below(u64::from(limit)) as u32
    }
}
