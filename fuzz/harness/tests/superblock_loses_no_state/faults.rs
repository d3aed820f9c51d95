//! Crashes of a checkpoint whose copies were damaged before, or that faults strike.

use downbeat::disk::{Armed, Fate, FaultKind, FaultLimits};
use downbeat_lsm::storage::Layout;

use crate::trial::{Figures, IOS_MAX, TORN, Trial, damage, every_crash, layout};

/// Tries every crash of a checkpoint when these copies were damaged before.
fn damaged(layout: Layout, copies: &[usize]) -> Figures {
    let mut trial = Trial::new(layout);
    for io in 0..IOS_MAX {
        trial.start();
        for copy in copies {
            damage(&mut trial.disk, *copy);
        }
        let goes_on = trial.checkpoint_until(io);
        every_crash(
            &mut trial,
            &TORN,
            |trial| &trial.disk,
            |trial, way| {
                trial.judge(|| {
                    format!("copies {copies:?} damaged, crash after I/O {io}, way {way}")
                });
            },
        );
        if !goes_on {
            break;
        }
    }
    trial.figures
}

#[test]
fn every_crash_with_up_to_half_of_the_copies_damaged_leaves_the_old_or_the_new_state() {
    for count in [2, 4] {
        let mut figures = Figures::default();
        for subset in 0..1_usize << count {
            let copies: Vec<usize> = (0..count).filter(|copy| subset >> copy & 1 == 1).collect();
            if copies.len() <= count / 2 {
                figures.add(&damaged(layout(count, 512), &copies));
            }
        }
        figures
            .report(&format!("{count} copies, at most half of them damaged before the checkpoint"));
    }
}

/// Tries every crash of a checkpoint that two faults strike, within the limits.
fn struck(layout: Layout, faults: [Armed; 2]) -> Figures {
    let mut trial = Trial::new(layout);
    let superblock = layout.superblock_copies() / 2;
    for io in 0..IOS_MAX {
        trial.start();
        trial.disk.set_limits(FaultLimits { superblock, grid: 0 });
        trial.disk.set_schedule(io);
        faults.into_iter().for_each(|fault| trial.disk.arm(fault));
        let goes_on = trial.checkpoint_until(io);
        every_crash(
            &mut trial,
            &[Fate::Survives, Fate::Vanishes, Fate::TornAfter(70)],
            |trial| &trial.disk,
            |trial, way| {
                trial.judge(|| format!("{faults:?}, crash after I/O {io}, way {way}"));
            },
        );
        if !goes_on {
            break;
        }
    }
    trial.figures
}

#[test]
fn every_crash_of_a_checkpoint_with_faults_within_the_limits_leaves_the_old_or_the_new_state() {
    let kinds = [
        FaultKind::Fails,
        FaultKind::Lost,
        FaultKind::MisdirectedWithin,
        FaultKind::Garbles,
        FaultKind::SpoilsReading,
    ];
    let armed = || {
        kinds.into_iter().flat_map(|kind| (1..=5).map(move |nth| Armed { kind, access: None, nth }))
    };
    for copies in [4, 6] {
        let mut figures = Figures::default();
        for first in armed() {
            for second in armed() {
                figures.add(&struck(layout(copies, 512), [first, second]));
            }
        }
        figures.report(&format!("{copies} copies, two faults within the limits"));
    }
}
