//! Crashes of a checkpoint, and of the opening after such a crash.

use downbeat::disk::{Fate, SimulatedDisk};
use downbeat_lsm::storage::Layout;

use crate::trial::{Figures, IOS_MAX, TORN, Trial, WHOLE, every_crash, layout};

/// Tries every crash of a checkpoint.
fn checkpoint(layout: Layout, fates: &[Fate]) -> Figures {
    let mut trial = Trial::new(layout);
    for io in 0..IOS_MAX {
        trial.start();
        let goes_on = trial.checkpoint_until(io);
        every_crash(
            &mut trial,
            fates,
            |trial| &trial.disk,
            |trial, way| {
                trial.judge(|| format!("crash after I/O {io} of the checkpoint, way {way}"));
            },
        );
        if !goes_on {
            break;
        }
    }
    trial.figures
}

#[test]
fn every_crash_of_a_checkpoint_leaves_the_old_or_the_new_state() {
    for copies in [2, 4] {
        let mut figures = Figures::default();
        // Every subset of the sectors of a copy, which has one, two, four or eight sectors.
        for sector_size in [512, 256, 128, 64] {
            figures.add(&checkpoint(layout(copies, sector_size), &WHOLE));
        }
        figures.report(&format!("{copies} copies, every subset of sectors"));
        let mut figures = Figures::default();
        for sector_size in [512, 256, 128] {
            figures.add(&checkpoint(layout(copies, sector_size), &TORN));
        }
        // A tear at every eighth byte.
        let places = (1..64).flat_map(|at| [Fate::TornAfter(8 * at), Fate::TornBefore(8 * at)]);
        let fates: Vec<Fate> = WHOLE.into_iter().chain(places).collect();
        figures.add(&checkpoint(layout(copies, 512), &fates));
        figures.report(&format!("{copies} copies, tears"));
    }
}

/// Selects one of every `one_of` crashes of a checkpoint, and tries every crash of the opening
/// after it.
fn opening(layout: Layout, one_of: u64, fates: &[Fate]) -> Figures {
    let mut trial = Trial::new(layout);
    for io in 0..IOS_MAX {
        trial.start();
        let goes_on = trial.checkpoint_until(io);
        let mut kept = Vec::new();
        every_crash(
            &mut trial,
            &WHOLE,
            |trial| &trial.disk,
            |trial, way| {
                if (way + io) % one_of == 0 {
                    let mut disk = SimulatedDisk::new(trial.layout);
                    disk.copy_at_power_loss(&trial.left);
                    kept.push(disk);
                }
            },
        );
        for image in kept {
            for opening_io in 0..IOS_MAX {
                trial.opened.copy_at_power_loss(&image);
                trial.opened.restart();
                let goes_on = trial.open_until(opening_io);
                every_crash(
                    &mut trial,
                    fates,
                    |trial| &trial.opened,
                    |trial, way| {
                        trial.judge(|| {
                        format!("crash after I/O {io}, then after I/O {opening_io} of the opening, way {way}")
                    });
                    },
                );
                if !goes_on {
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

#[test]
fn every_crash_of_an_opening_after_a_crash_leaves_the_old_or_the_new_state() {
    for copies in [2, 4] {
        let mut figures = Figures::default();
        figures.add(&opening(layout(copies, 256), 3, &WHOLE));
        figures.add(&opening(layout(copies, 512), 1, &TORN));
        figures.report(&format!("{copies} copies, crashes of the opening after a crash"));
    }
}
