//! Damage of the log: which entries are damaged, and which damage must be reported. Also the log of
//! another service, and a request of an unknown operation.

use std::fmt;

use downbeat_lsm::request_log::{LostRequests, RequestLog, RequestLogError, RequestLogOptions};
use downbeat_lsm::state_machine::ServiceError;
use downbeat_lsm::storage::{Access, Span};

use super::events::Event;
use super::recovery::Losses;
use super::tested::Tested;
use crate::two_disks::TwoDisks as _;
use crate::two_disks::clock::Clock;
use crate::two_disks::device::{Device, LABEL_COPIES};
use downbeat::check::{fail, holds, same};
use downbeat::disk::{Damage, FaultKind, FaultLimits};
use downbeat::{Checked, Run};
use downbeat_model::state_machine::Entry;

/// What an operation does to an entry, by number.
const KINDS: [FaultKind; 4] =
    [FaultKind::Flips, FaultKind::Zeroes, FaultKind::Garbles, FaultKind::SpoilsReading];

/// The entries of the log that read otherwise than they were written.
#[derive(Debug, Default)]
pub(super) struct Broken(Vec<u64>);

impl Broken {
    /// Adds other damaged entries.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.extend(&other.0);
        self.0.sort_unstable();
        self.0.dedup();
    }

    /// Those of the requests up to this one, inclusive.
    pub(super) fn up_to(self, last: u64) -> Self {
        Self(self.0.into_iter().filter(|broken| *broken <= last).collect())
    }

    pub(super) fn has(&self, op: u64) -> bool {
        self.0.contains(&op)
    }

    /// The first damaged entry after this request.
    pub(super) fn first_after(&self, op: u64) -> Option<u64> {
        self.0.iter().copied().find(|broken| *broken > op)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "damaged entries: {:?}", self.0)
    }
}

/// Whether the first `used` bytes of a span of the disk are unreadable, or read otherwise than they
/// were written.
fn reads_otherwise(device: &Device, span: Span, used: usize) -> bool {
    let (mut got, mut written) = (vec![0; span.length], vec![0; span.length]);
    let image = device.disk.image();
    image.read_undamaged(span.offset, &mut written);
    image.read(span.offset, &mut got).is_err() || got[..used] != written[..used]
}

impl Tested {
    /// The damaged entries of the log.
    pub(super) fn broken(&self) -> Broken {
        if self.log_disk().image().damages().is_empty() {
            return Broken::default();
        }
        let entries = self.ring.entries().iter();
        Broken(entries.filter(|entry| self.is_broken(entry)).map(|entry| entry.op).collect())
    }

    /// Of these entries, those that opening the log has erased. Repairs do not bring them back.
    pub(super) fn erased(&self, broken: &Broken) -> Broken {
        let device = self.service.log_of_requests().storage();
        let mut header = vec![0; device.disk.layout().sector_size()];
        let mut is_erased = |entry: &Entry| {
            let span = device.on_disk(Span { offset: entry.offset, length: header.len() });
            device.disk.image().read_undamaged(span.offset, &mut header);
            header.iter().all(|byte| *byte == 0)
        };
        let entries = self.ring.entries().iter().filter(|entry| broken.0.contains(&entry.op));
        Broken(entries.filter(|entry| is_erased(entry)).map(|entry| entry.op).collect())
    }

    /// The entries of which sectors are unreadable, and nothing else is wrong.
    pub(super) fn unreadable(&self) -> Broken {
        let device = self.service.log_of_requests().storage();
        let image = device.disk.image();
        let is_unreadable = |entry: &&Entry| {
            let span = Span { offset: entry.offset, length: entry.size as usize };
            let span = device.on_disk(span);
            let mut damages = image.damages().iter().filter(|(sector, _)| {
                let offset = image.offset_of(*sector);
                span.offset <= offset && offset < span.end()
            });
            let is_some = damages.clone().next().is_some();
            is_some && damages.all(|(_, damage)| *damage == Damage::Unreadable)
        };
        Broken(self.ring.entries().iter().filter(is_unreadable).map(|entry| entry.op).collect())
    }

    /// The entries with one of these sectors of the disk.
    fn entries_in(&self, sectors: &[u64]) -> Broken {
        let device = self.service.log_of_requests().storage();
        let has = |entry: &&Entry| {
            let span = Span { offset: entry.offset, length: entry.size as usize };
            let span = device.on_disk(span);
            sectors.iter().any(|offset| (span.offset..span.end()).contains(offset))
        };
        Broken(self.ring.entries().iter().filter(has).map(|entry| entry.op).collect())
    }

    /// Whether an entry that was released is still whole: no later one was written over it, and it
    /// is not damaged.
    pub(super) fn is_whole(&self, entry: &Entry) -> bool {
        let device = self.service.log_of_requests().storage();
        let span = Span { offset: entry.offset, length: device.disk.layout().sector_size() };
        let mut header = vec![0; span.length];
        let read = device.disk.image().read(device.on_disk(span).offset, &mut header);
        let is_there = header[32..40] == entry.op.to_le_bytes() && header[60..64] == *b"DBRL";
        read.is_ok() && is_there && !self.is_broken(entry)
    }

    /// Whether requests were given up that were durable before this checkpoint was taken. The log
    /// then opens only without them, until others have their numbers.
    pub(super) fn lacks_requests(&self, checkpoint: u64) -> bool {
        self.course.progress.taken_at(checkpoint) > self.requests.durable()
    }

    /// Checks what an error says about the requests that the log has lost. The machine opened at
    /// this checkpoint.
    pub(super) fn check_lost(
        &self,
        lost: &LostRequests,
        checkpoint: u64,
        losses: &Losses,
    ) -> Checked {
        let LostRequests { first, last, intact } = *lost;
        let skipped = self.skipped_sectors();
        // An entry with a sector that was unreadable for a moment counts as damaged this time.
        let mut broken = self.entries_in(&skipped);
        broken.add(&losses.broken);
        let damaged = broken.first_after(checkpoint);
        let durable = self.requests.durable();
        let missing = self.lacks_requests(checkpoint).then_some(durable + 1);
        // Requests that were not flushed may be there, so later ones may be missing.
        let is_missing = missing.is_some_and(|missing| missing <= first);
        let entries = || self.ring.entries().iter().filter(|it| !broken.has(it.op));
        let images = self.log_disk().image().damages();
        let has_unreadable =
            !skipped.is_empty() || images.iter().any(|(_, damage)| *damage == Damage::Unreadable);
        // Behind the entries, an unreadable sector may have the next one.
        let may_hide = last < first && has_unreadable && damaged.is_none_or(|op| first <= op);
        // Entries that were given up are there again, and may say that others were durable.
        let has_returned = self.erasing_was_lost();
        let is_true = damaged == Some(first) || is_missing || may_hide || has_returned;
        holds("damage-is-reported-where-it-is", is_true)
            .show(|| (format!("damage of {damaged:?}, {missing:?} missing"), format!("{lost:?}")))
            .or("a log is refused for damage that it does not have")?;
        let taken_at = self.course.progress.taken_at(checkpoint);
        let known = entries().filter(|it| it.op <= durable).map(|it| it.durable);
        let known = known.fold(taken_at.max(first - 1), u64::max);
        // A call that failed may have made more requests durable.
        let most = self.ring.entries().iter().map(|it| it.durable);
        let most = most.fold(durable.max(known), u64::max);
        // An opening that failed may have erased what is given up.
        let known = if losses.given_up.is_some() { first - 1 } else { known };
        let is_unsure = losses.damaged_when_read || has_returned;
        let is_known = is_unsure || (known..=most).contains(&last);
        holds("damage-has-its-extent", is_known)
            .show(|| (format!("{known} to {most}"), last))
            .or("a log says that more or fewer requests are lost than it can know")?;
        // A crash may have lost entries that were not flushed.
        let count = |most: u64| {
            entries().filter(|it| first <= it.op && it.op <= last.min(most)).count() as u64
        };
        let least = if losses.given_up.is_some() { 0 } else { count(durable) };
        let counts = least..=count(last);
        holds("intact-are-counted", is_unsure || counts.contains(&intact))
            .show(|| (format!("{counts:?}"), intact))
            .or("a log counts the entries behind damage wrongly")
    }

    /// Whether the disk lost a write that erased a sector of the log, so that what was there is
    /// there again.
    fn erasing_was_lost(&self) -> bool {
        let image = self.log_disk().image();
        let mut written = vec![0; self.log_disk().layout().sector_size()];
        image.damages().iter().any(|(sector, damage)| {
            image.read_undamaged(image.offset_of(*sector), &mut written);
            matches!(damage, Damage::Replaced(_)) && written.iter().all(|byte| *byte == 0)
        })
    }

    fn is_broken(&self, entry: &Entry) -> bool {
        let device = self.service.log_of_requests().storage();
        let span = Span { offset: entry.offset, length: entry.size as usize };
        reads_otherwise(device, device.on_disk(span), entry.used)
    }

    /// Whether no copy of the log's label reads as it was written.
    pub(super) fn label_is_broken(&self) -> bool {
        let device = self.service.log_of_requests().storage();
        let Span { offset, length } = device.label();
        let length = length / LABEL_COPIES;
        (0..LABEL_COPIES).all(|copy| {
            let span = Span { offset: offset + (copy * length) as u64, length };
            reads_otherwise(device, span, length)
        })
    }

    /// Whether a read of the log gave damaged bytes since the service was opened.
    pub(super) fn log_was_read_damaged(&self) -> bool {
        let mishaps = self.log_disk().mishaps().iter().rev();
        let mut since = mishaps.take_while(|mishap| mishap.io > self.course.opened.1);
        since.any(|mishap| mishap.access == Access::Read && !mishap.failed)
    }

    /// Whether the log may end before this request, because its entry is damaged and no sound entry
    /// and no checkpoint says that it was durable.
    pub(super) fn may_be_cut_at(&self, op: u64, checkpoint: u64, losses: &Losses) -> bool {
        let Losses { broken, damaged_when_read, unreadable, .. } = losses;
        // A fault of a read may have damaged a sector that was unreadable before.
        if unreadable.has(op) && !damaged_when_read {
            return false;
        }
        let is_damaged = *damaged_when_read || broken.first_after(checkpoint) == Some(op);
        let taken_at = self.course.progress.taken_at(checkpoint);
        // Other entries may be torn.
        let durable = self.requests.durable();
        let mut sound = self
            .ring
            .entries()
            .iter()
            .filter(|entry| entry.op <= durable && !broken.0.contains(&entry.op));
        is_damaged && taken_at < op && !sound.any(|entry| entry.durable >= op)
    }

    /// Damages the entry at a place of the log, and opens the service.
    pub(super) fn damage(&mut self, place: usize, kind: u32, anew: bool, run: &mut Run) -> Checked {
        if !self.spoil(place, kind, anew, run) {
            return Ok(());
        }
        Event::Damaged.count(run);
        self.reopen(run)
    }

    /// Damages the entry at a place of the log, and opens the service without the requests that are
    /// lost.
    pub(super) fn give_up(
        &mut self,
        place: usize,
        kind: u32,
        anew: bool,
        run: &mut Run,
    ) -> Checked {
        if !self.spoil(place, kind, anew, run) {
            return Ok(());
        }
        self.reopen_giving_up(run)
    }

    /// Damages the entry at a place of the log, if there is one.
    fn spoil(&mut self, place: usize, kind: u32, anew: bool, run: &mut Run) -> bool {
        let Some(entry) = self.ring.entries().get(place).copied() else {
            run.idle();
            return false;
        };
        self.has_faults = true;
        let device = self.service.log_of_requests().storage();
        let span = device.on_disk(Span { offset: entry.offset, length: entry.size as usize });
        let disk = &mut self.disks_mut()[1];
        let limits = disk.limits();
        disk.set_limits(FaultLimits::BEYOND);
        disk.damage(span, KINDS[kind as usize % KINDS.len()]);
        disk.set_limits(limits);
        run.remark(|| format!("request {} is damaged", entry.op));
        self.course.anew = anew;
        true
    }

    /// Opens the service with the log of another one, with a log of its own number but other sizes,
    /// and with a device without a log. Then opens it again with its own log.
    pub(super) fn swap(&mut self, count: u32, run: &mut Run) -> Checked {
        if !self.is_sound() {
            run.idle();
            return Ok(());
        }
        run.step();
        Event::Swapped.count(run);
        let own = self.course.number();
        let size = downbeat_lsm::storage::Storage::size(self.service.log_of_requests().storage());
        let sector_size = self.log_disk().layout().sector_size();
        let device = || Device::of_log(size, sector_size, &Clock::default());
        let options = RequestLogOptions { request_size_max: 24, requests_max: 16 };
        let made = |number| -> Result<Device, RequestLogError> {
            let log = RequestLog::new(device(), &options, number);
            let mut log = log.expect("a request is smaller than those of the target");
            log.storage_mut().allow_unwritten_reads();
            log.format()?;
            for _ in 0..count {
                log.append(&[1; 24])?;
            }
            log.flush()?;
            Ok(log.into_storage())
        };
        let number = own + 1;
        let others = [
            (made(number).expect("nothing fails"), RequestLogError::OtherLog { number }),
            (made(own).expect("nothing fails"), RequestLogError::OtherOptions),
            (device(), RequestLogError::NotFormatted),
        ];
        for (mut other, error) in others {
            other.allow_unwritten_reads();
            std::mem::swap(&mut other.disk, self.disks_mut()[1]);
            let opened = self.service.open_again(|_, _| {}).map(drop);
            std::mem::swap(&mut other.disk, self.disks_mut()[1]);
            same("other-log-is-refused", Err(ServiceError::Log(error)), opened)
                .or("a service opens with a log that is not its own")?;
        }
        self.reopen(run)
    }

    /// Puts a request of an unknown operation into the log, and opens the service. Removes the
    /// request, and opens the service again.
    pub(super) fn unknown(&mut self, number: u8, run: &mut Run) -> Checked {
        if !self.is_sound() || self.lacks_requests(self.course.progress.held()) {
            run.idle();
            return Ok(());
        }
        run.step();
        Event::Unknown.count(run);
        let mut bytes = [0; 24];
        bytes[16] = number;
        let (_, log) = self.service.parts_mut();
        let appended = log.append(&bytes).and_then(|_| log.flush());
        if let Err(error) = appended {
            return Err(fail("nothing-fails", "success", error)
                .saying("a log takes no request, and its disk does not explain it"));
        }
        let mut ring = self.ring.clone();
        ring.push(self.requests.last() + 1, 0, self.requests.last());
        let offset = ring.entries().back().map_or(0, |entry| entry.offset);
        let opened = self.service.open_again(|_, _| {}).map(drop);
        let refused = Err(ServiceError::UnknownOperation { number });
        same("unknown-is-refused", refused, opened)
            .or("a service executes a request of an operation that it does not have")?;
        let device = self.service.log_of_requests().storage();
        let length = device.disk.layout().sector_size();
        let span = device.on_disk(Span { offset, length });
        let image = self.disks_mut()[1].image_mut();
        image.write(span.offset, &vec![0; length]);
        image.flush();
        self.reopen(run)
    }
}
