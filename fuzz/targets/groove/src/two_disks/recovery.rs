//! Formatting, and recovery after the end of a process.
//!
//! While a service is formatted or opened, the next crash may come, and I/Os may fail. It is then
//! formatted or opened again.

use downbeat_lsm::state_machine::Opened;

use super::clock::Crash;
use super::course::OPENING;
use super::{Failed, Moment, TwoDisks};
use downbeat::check::equal;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::faults::several_reads_failed;
use downbeat_storage_targets::store::hang;

/// Formats the disks, which are not damaged.
pub(crate) fn format(host: &mut impl TwoDisks, run: &mut Run) -> Checked {
    for _ in 0..2 + host.armed() {
        host.opening_begins();
        let course = host.course_mut();
        course.formatted += 1;
        let number = course.number();
        let Err(error) = host.format_service(number) else {
            let course = host.course_mut();
            course.progress.reopen(0);
            course.failed = Failed::No;
            host.disks_mut()[0].settle();
            return host.was_formatted();
        };
        host.refused(&error, run)?;
        host.restart();
    }
    Err(hang("a service that does not open".to_owned()).saying("the disks cannot be formatted"))
}

/// Formats the disks again, after the operations of the old service are dropped and the damage is
/// removed.
pub(crate) fn format_again(host: &mut impl TwoDisks, run: &mut Run) -> Checked {
    for disk in host.disks_mut() {
        disk.restart();
        disk.image_mut().repair_all();
    }
    format(host, run)
}

/// Ends the process, and opens the service up to `attempts` times. `open` makes an attempt, whose
/// number from 0 it gets, and returns whether the service is open.
pub(crate) fn recover<H: TwoDisks>(
    host: &mut H,
    attempts: usize,
    run: &mut Run,
    mut open: impl FnMut(&mut H, usize, &mut Run) -> Checked<bool>,
) -> Checked {
    run.step();
    for attempt in 0..attempts {
        process_ends(host, run);
        host.opening_begins();
        host.course_mut().phase = OPENING;
        let is_open = open(host, attempt, run)?;
        let (machine, log) = host.course().opened;
        let disks = [(host.machine_disk(), machine), (host.log_disk(), log)];
        if disks.into_iter().any(|(disk, opened)| several_reads_failed(disk, opened)) {
            host.happens(Moment::ReadsFailed, run);
        }
        if is_open {
            return Ok(());
        }
    }
    Err(hang("a service that does not open".to_owned()).saying("a service does not open"))
}

/// Ends the process: notes a crash, and restarts the disks.
fn process_ends(host: &mut impl TwoDisks, run: &mut Run) {
    host.harvest(run);
    let course = host.course();
    let (anew, phase, after) = (course.anew, course.phase, course.clock.last());
    match course.clock.crashed() {
        Some(Crash::Power) => host.happens(Moment::Crash(after, phase), run),
        Some(Crash::Process) => host.happens(Moment::Killed, run),
        None => {}
    }
    if anew {
        host.happens(Moment::OpenedAnew, run);
    }
    host.restart();
}

/// Checks the number of a service that was opened, and when its checkpoint was taken.
pub(crate) fn check_opened<H: TwoDisks>(host: &H, opened: &Opened) -> Checked {
    check_number(host, opened.number)?;
    let taken_at = host.course().progress.taken_at(opened.checkpoint);
    equal("checkpoint-was-taken-a-bar-later", taken_at, opened.taken_at)
        .or("a checkpoint was taken at another request than the end of the bar after it")
}

/// Checks that a service has the number with which it was formatted.
pub(crate) fn check_number<H: TwoDisks>(host: &H, number: u64) -> Checked {
    equal(H::HAS_ITS_NUMBER, host.course().number(), number)
        .or("a service has another number than the one with which it was formatted")
}

/// Notes that a service opened at a checkpoint, with the requests up to `last`.
pub(crate) fn was_opened(
    host: &mut impl TwoDisks,
    checkpoint: u64,
    last: u64,
    run: &mut Run,
) -> Checked {
    let (given, acknowledged) = host.given();
    let progress = &host.course().progress;
    let (held, replay) = (progress.held(), last - checkpoint);
    let eighths = 8 * replay / progress.room_max();
    host.happens(Moment::Replayed(replay, eighths), run);
    if last > acknowledged {
        host.happens(Moment::SomeSurvived, run);
    }
    if given > acknowledged && last < given {
        host.happens(Moment::TailCut, run);
    }
    if checkpoint != held {
        host.happens(Moment::OpenedUnderWay, run);
    }
    host.was_opened(checkpoint, last);
    let course = host.course_mut();
    course.progress.reopen(checkpoint);
    course.failed = Failed::No;
    ran_beats(host, last, run);
    run.result(last);
    host.check_service()
}

/// Notes that beats were run, up to `last`.
pub(crate) fn ran_beats(host: &mut impl TwoDisks, last: u64, run: &mut Run) {
    let early = host.early_checkpoints();
    if host.course_mut().progress.hasten(early.into_iter()) {
        host.happens(Moment::Early, run);
    }
    while host.course().progress.beats() < last {
        let taken = host.course_mut().progress.beat();
        if let Some(held) = taken {
            run.result(held);
            host.happens(Moment::Checkpoint, run);
        }
        host.ran_beat(taken);
    }
}
