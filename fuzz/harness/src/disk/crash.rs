//! A crash: the power is lost, and what is not durable survives, vanishes or is torn.

use downbeat_lsm::storage::Span;

use super::chance::Site;
use super::power::Power;
use super::{Fate, Outcome, SimulatedDisk, Unflushed, Unit};

impl SimulatedDisk {
    /// Crashes the disk: switches the power off if it is on, and decides at random what is left.
    pub fn crash(&mut self) {
        let chance = self.chance;
        let size = self.layout.sector_size();
        // In half of the crashes all sectors have the same fate, which independent decisions rarely
        // give.
        let all = match chance.at(Site::Crash, 0) % 4 {
            0 => Some(Fate::Survives),
            1 => Some(Fate::Vanishes),
            _ => None,
        };
        self.crash_with(
            &mut |span| match all {
                Some(fate) => fate == Fate::Survives,
                None => chance.at(Site::InFlight, span.offset).is_multiple_of(2),
            },
            &mut |version| {
                if let Some(fate) = all {
                    return fate;
                }
                let Unflushed { sector, newer, .. } = version;
                let what = u64::from(sector) << 32 | u64::from(newer);
                let tear = chance.at(Site::Tear, what);
                let at = 1 + (tear >> 1) as usize % (size - 1);
                match chance.at(Site::Fate, what) % 8 {
                    0..3 => Fate::Survives,
                    3..6 => Fate::Vanishes,
                    _ if tear & 1 == 0 => Fate::TornAfter(at),
                    _ => Fate::TornBefore(at),
                }
            },
        );
    }

    /// Crashes the disk with the given decisions: switches the power off if it is on. `in_flight`
    /// returns whether a write in flight took effect. `decide` returns the fate of each version of
    /// a sector that is not durable.
    ///
    /// # Panics
    ///
    /// If the crash was decided already.
    pub fn crash_with(
        &mut self,
        in_flight: &mut dyn FnMut(Span) -> bool,
        decide: &mut dyn FnMut(Unflushed) -> Fate,
    ) {
        assert_ne!(self.power, Power::Crashed, "disk: a crash must be decided once");
        self.counts.add(Outcome::Crash, 1);
        let busy = self.queue.operations.iter().any(|in_flight| !in_flight.late);
        self.counts.add(Outcome::CrashInFlight, u64::from(busy));
        self.end_in_flight(in_flight);
        self.crash_size();
        let Self { layout, image, counts, mishaps, .. } = self;
        let flushes_lost = counts.of(Outcome::FlushLost) > 0;
        let sector_size = layout.sector_size() as u64;
        image.crash(&mut |version| {
            let fate = decide(version);
            if flushes_lost && version.excused && fate != Fate::Survives {
                let unit = Unit::at(layout, u64::from(version.sector) * sector_size);
                unit.into_iter().for_each(|unit| mishaps.forget(unit));
            }
            counts.add(
                match fate {
                    Fate::Survives => Outcome::SectorSurvived,
                    Fate::Vanishes => Outcome::SectorVanished,
                    Fate::TornAfter(_) | Fate::TornBefore(_) => Outcome::SectorTorn,
                },
                1,
            );
            let older = version.newer > 0 && fate != Fate::Vanishes;
            counts.add(Outcome::OlderSurvived, u64::from(older));
            fate
        });
        self.power = Power::Crashed;
    }

    /// Applies the writes in flight for which `done` returns true. No operation in flight takes
    /// effect after that.
    pub(super) fn end_in_flight(&mut self, done: &mut dyn FnMut(Span) -> bool) {
        let Self { image, queue, counts, .. } = self;
        for (span, bytes) in queue.writes() {
            if done(span) {
                image.write(span.offset, bytes);
                counts.add(Outcome::InFlightApplied, 1);
            } else {
                counts.add(Outcome::InFlightDropped, 1);
            }
        }
        queue.make_late();
    }
}
