//! Restarts of the process while the power stays on, and crashes of the opening that follows, or
//! after it.

use downbeat::disk::{Armed, Fate, FaultKind, SimulatedDisk};
use downbeat_lsm::storage::{Access, Layout, Storage};

use crate::trial::{Figures, IOS_MAX, NEW, TORN, Trial, damage, every_crash, layout, state};

/// Restarts the process after an I/O of a checkpoint, or after a failure. The power stays on, so
/// the new process does not know what is durable. Tries every crash of the opening.
fn restarted(layout: Layout, fault: Option<Armed>, fates: &[Fate]) -> Figures {
    let mut trial = Trial::new(layout);
    for io in 0..IOS_MAX {
        let mut goes_on = true;
        // The schedule decides which writes in flight were done.
        for schedule in 0..4 {
            for opening_io in 0..IOS_MAX {
                trial.start();
                trial.disk.set_schedule(schedule);
                fault.into_iter().for_each(|fault| trial.disk.arm(fault));
                goes_on = run(&mut trial, io);
                trial.disk.disarm_all();
                trial.disk.restart();
                std::mem::swap(&mut trial.disk, &mut trial.opened);
                let opening_goes_on = trial.open_until(opening_io);
                std::mem::swap(&mut trial.disk, &mut trial.opened);
                every_crash(
                    &mut trial,
                    fates,
                    |trial| &trial.disk,
                    |trial, way| {
                        trial.judge(|| {
                        format!(
                            "restart after I/O {io}, crash after I/O {opening_io} of the opening, \
                             schedule {schedule}, way {way}"
                        )
                    });
                    },
                );
                if !opening_goes_on {
                    break;
                }
            }
        }
        if !goes_on {
            break;
        }
    }
    trial.figures
}

/// Restarts the process after an I/O of a checkpoint, or after a failure, while the power stays on,
/// and opens the store. Then tries every crash. After each, damages half of the copies, in every
/// possible choice: the same state must open again.
fn opened_after_restart(layout: Layout, fault: Option<Armed>) -> Figures {
    let mut trial = Trial::new(layout);
    let count = layout.superblock_copies();
    let halves = (0..1_usize << count).filter(|half| half.count_ones() as usize == count / 2);
    for io in 0..IOS_MAX {
        let mut goes_on = true;
        for schedule in 0..4 {
            trial.start();
            trial.disk.set_schedule(schedule);
            fault.into_iter().for_each(|fault| trial.disk.arm(fault));
            goes_on = run(&mut trial, io);
            trial.disk.disarm_all();
            trial.disk.restart();
            trial.superblock.reset();
            trial.superblock.open(&mut trial.disk).expect("nothing is damaged");
            let opened = *trial.superblock.working();
            every_crash(
                &mut trial,
                &TORN,
                |trial| &trial.disk,
                |trial, way| {
                    let mut image = SimulatedDisk::new(trial.layout);
                    image.copy_at_power_loss(&trial.left);
                    for half in halves.clone() {
                        trial.left.copy_at_power_loss(&image);
                        trial.left.restart();
                        for copy in (0..count).filter(|copy| half >> copy & 1 == 1) {
                            damage(&mut trial.left, copy);
                        }
                        trial.judge(|| format!("restart after I/O {io}, half {half:b}, way {way}"));
                        let working = trial.opener.working();
                        assert!(working.is_same(&opened), "restart after I/O {io}: {working:?}");
                    }
                },
            );
        }
        if !goes_on {
            break;
        }
    }
    trial.figures
}

#[test]
fn the_state_that_opens_after_a_restart_opens_after_any_crash() {
    for copies in [2, 4] {
        let mut figures = opened_after_restart(layout(copies, 512), None);
        for nth in 1..=2 {
            let fault = Armed { kind: FaultKind::Fails, access: Some(Access::Flush), nth };
            figures.add(&opened_after_restart(layout(copies, 512), Some(fault)));
        }
        figures.report(&format!("{copies} copies, opened after a restart or a failed flush"));
    }
}

/// Completes `ios` I/Os of checkpoint [`NEW`]. Returns whether the checkpoint has more.
fn run(trial: &mut Trial, ios: u64) -> bool {
    trial.superblock.checkpoint(&mut trial.disk, &state(NEW));
    (0..ios).all(|_| {
        let completion = trial.disk.step().expect("the superblock waits");
        trial.superblock.complete(&mut trial.disk, completion).is_none()
    })
}

#[test]
fn every_crash_of_an_opening_after_a_restart_leaves_the_old_or_the_new_state() {
    for copies in [2, 4] {
        let figures = restarted(layout(copies, 512), None, &TORN);
        figures.report(&format!("{copies} copies, crashes of the opening after a restart"));
    }
}

#[test]
fn every_crash_of_an_opening_after_a_failed_flush_leaves_the_old_or_the_new_state() {
    for copies in [2, 4] {
        let mut figures = Figures::default();
        for nth in 1..=2 {
            let fault = Armed { kind: FaultKind::Fails, access: Some(Access::Flush), nth };
            figures.add(&restarted(layout(copies, 512), Some(fault), &TORN));
        }
        figures.report(&format!("{copies} copies, crashes of the opening after a failed flush"));
    }
}
