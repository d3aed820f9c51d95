//! Which checkpoint of a service is due, and what its log has released.
//!
//! Requests are numbered from 1, and each is followed by the beat with its number. A beat without a
//! request has a number, too.

use std::collections::BTreeSet;

use downbeat_lsm::request_log::RequestLog;
use downbeat_lsm::superblock::Superblock;

use super::device::Device;
use downbeat::Checked;
use downbeat::check::{equal, holds};
use downbeat_model::triggers::Triggers;

/// The beats and checkpoints of a service; see the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    /// Beats of a bar.
    bar: u64,
    /// The maximum number of requests that are in no checkpoint.
    room_max: u64,
    /// When checkpoints are due.
    triggers: Triggers,
    /// The last request in the last checkpoint.
    held: u64,
    /// The last beat that was run.
    beats: u64,
    /// The beats of checkpoints that the machine announced early since the service was opened, and
    /// in attempts to open it that failed since then.
    early: BTreeSet<u64>,
    /// Whether the machine was nearly full in a call that failed since then.
    is_nearly_full: bool,
}

impl Progress {
    /// The progress of a service with `bar` beats a bar and `interval` bars between checkpoints.
    pub(super) fn new(bar: u32, interval: u32) -> Self {
        let (bar, interval) = (u64::from(bar), u64::from(interval));
        let triggers = Triggers::new(bar, interval);
        let room_max = (interval + 4) * bar;
        Self {
            bar,
            room_max,
            triggers,
            held: 0,
            beats: 0,
            early: BTreeSet::new(),
            is_nearly_full: false,
        }
    }

    pub(super) fn room_max(&self) -> u64 {
        self.room_max
    }

    /// Executes the requests up to `last` if the log has no room for another one. Returns whether
    /// it has none.
    pub(crate) fn makes_room(&mut self, last: u64) -> bool {
        let is_full = last - self.held == self.room_max;
        while is_full && self.beats < last {
            self.beat();
        }
        is_full
    }

    pub(crate) fn held(&self) -> u64 {
        self.held
    }

    /// The number of beats of a bar.
    pub(super) fn bar(&self) -> u64 {
        self.bar
    }

    pub(crate) fn beats(&self) -> u64 {
        self.beats
    }

    /// Notes that the service was formatted, or opened at a checkpoint that contains the requests
    /// up to `held`. The later ones are executed again.
    pub(crate) fn reopen(&mut self, held: u64) {
        self.triggers.reopen(held);
        (self.held, self.beats) = (held, held);
        self.early.clear();
        self.is_nearly_full = false;
    }

    /// Notes the checkpoints that the machine announced early since the service was opened. Returns
    /// whether one is new.
    pub(crate) fn hasten(&mut self, beats: impl Iterator<Item = u64>) -> bool {
        let mut is_new = false;
        for beat in beats {
            is_new |= self.early.insert(beat);
            self.triggers.hasten(beat);
        }
        is_new
    }

    /// Notes the checkpoints that the machine announced early in a call that failed, which may have
    /// opened the service. If the machine is nearly full, a later opening may end each bar with a
    /// checkpoint.
    pub(crate) fn may_have_hastened(
        &mut self,
        beats: impl Iterator<Item = u64>,
        is_nearly_full: bool,
    ) {
        self.early.extend(beats);
        self.is_nearly_full |= is_nearly_full;
    }

    /// Requests a checkpoint that contains the request after `last`. Returns the beat that takes
    /// it.
    pub(crate) fn want(&mut self, last: u64) -> u64 {
        self.triggers.want(last + 1)
    }

    /// Notes that the next beat was run. If it took a checkpoint, returns the last request in it.
    pub(crate) fn beat(&mut self) -> Option<u64> {
        self.beats += 1;
        let taken = self.triggers.beat(self.beats);
        self.held = taken.unwrap_or(self.held);
        taken
    }

    /// Whether the machine may open at the checkpoint of this request: the last checkpoint, or one
    /// that a request up to `last` takes which was not acknowledged. If an opening before this one
    /// failed (`is_repeated`), it may have executed requests again and taken checkpoints, which are
    /// then due without the requests of checkpoints that the crash lost.
    pub(crate) fn may_open_at(&self, checkpoint: u64, last: u64, is_repeated: bool) -> bool {
        let due = |triggers: &Triggers, after: u64| {
            let mut early = triggers.clone();
            for beat in self.early.range(after + 1..) {
                early.hasten(*beat);
            }
            if self.is_nearly_full {
                let ends = (after + 1..=last).filter(|beat| (beat + 1).is_multiple_of(self.bar));
                ends.for_each(|beat| early.hasten(beat));
            }
            let triggers = triggers.clone();
            [triggers, early].into_iter().flat_map(move |mut triggers| {
                (after + 1..=last).filter_map(move |beat| triggers.beat(beat))
            })
        };
        let mut possible = vec![self.held];
        possible.extend(due(&self.triggers, self.beats));
        let mut next = 0;
        while is_repeated && next < possible.len() {
            let mut triggers = self.triggers.clone();
            triggers.reopen(possible[next]);
            for held in due(&triggers, possible[next]) {
                if !possible.contains(&held) {
                    possible.push(held);
                }
            }
            next += 1;
        }
        possible.contains(&checkpoint)
    }

    /// The request whose beat took this checkpoint.
    pub(crate) fn taken_at(&self, checkpoint: u64) -> u64 {
        if checkpoint == 0 { 0 } else { checkpoint + self.bar }
    }

    /// Checks what a service says about itself after `last` requests, all of which were
    /// acknowledged.
    pub(crate) fn check(
        &self,
        last: u64,
        log: &RequestLog<Device>,
        beat: u64,
        superblock: &Superblock,
    ) -> Checked {
        let wrong = self.triggers.wrongly_hastened();
        holds("checkpoint-comes-when-due", wrong.is_none())
            .show(|| ("the end of a bar without a checkpoint", wrong.unwrap_or_default()))
            .or(
                "a checkpoint is announced early for a beat that takes none, or takes one anyway",
            )?;
        equal("numbers-have-no-gaps", last, log.last())
            .or("the last request of the log is another than that of the model")?;
        equal("acknowledged-is-durable", last, log.durable())
            .or("requests were acknowledged that are not durable")?;
        equal("beat-follows-request", last, beat)
            .or("the machine is at another beat than the last request")?;
        equal("checkpoint-comes-when-due", self.held, superblock.working().state().beat)
            .or("the last checkpoint contains another request than the one that is due")?;
        equal(
            "checkpoint-releases-its-requests",
            self.room_max - (last - self.held),
            u64::from(log.room()),
        )
        .or("the log has released more or fewer requests than the checkpoint contains")
    }
}
