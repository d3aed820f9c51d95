//! Tries every crash of a checkpoint: whatever the crash leaves on the device, the superblock opens
//! with the old state or the new one.
//!
//! A crash is a point and a choice of fates. The point is the number of completed I/Os of the
//! checkpoint. Each version of a sector that is not durable has a fate, also if its write is in
//! flight: the version survives, vanishes or is torn. Every point is tried with every choice of
//! fates.
//!
//! Other tests also crash the opening, at each of its I/Os and with every choice of fates. The
//! opening follows either one of a sample of the crashes of a checkpoint, or a restart of the
//! process while the power stays on. The last tests start with damaged copies, or arm faults.
//!
//! `ci/hold/superblock-loses-no-state` runs this program and reads the figures that it prints.

mod ways;

use downbeat::disk::{Armed, Damage, Fate, FaultKind, FaultLimits, SimulatedDisk};
use downbeat_lsm::block::BlockReference;
use downbeat_lsm::storage::{Access, Layout, LayoutOptions, Storage};
use downbeat_lsm::superblock::{
    CheckpointState, ManifestReferences, Superblock, SuperblockError, Trailer,
};

use ways::Ways;

const STORE: u128 = 0xd0;
const OLD: u64 = 7;
const NEW: u64 = 9;

/// Every checkpoint and every opening has fewer I/Os than this.
const IOS_MAX: u64 = 200;

fn layout(superblock_copies: usize, sector_size: usize) -> Layout {
    let options =
        LayoutOptions { sector_size, block_size: 1024, superblock_copies, block_count: 1 };
    Layout::new(options).expect("the layout is valid")
}

/// The state for a beat. The states for two different beats differ in every field.
fn state(beat: u64) -> CheckpointState {
    let block = |number: u64| BlockReference {
        checksum: u128::from(beat) << 64 | u128::from(number),
        address: beat * 8 + number,
    };
    let trailer = |number| Trailer { last: block(number), size: beat * 8 + number };
    let manifest =
        ManifestReferences { oldest: block(3), newest: block(4), block_count: 2 + beat as u32 };
    CheckpointState { beat, acquired: trailer(1), released: trailer(2), manifest }
}

/// The devices and figures of a trial.
struct Trial {
    layout: Layout,
    disk: SimulatedDisk,
    opened: SimulatedDisk,
    left: SimulatedDisk,
    superblock: Superblock,
    opener: Superblock,
    figures: Figures,
}

#[derive(Default)]
struct Figures {
    /// The number of crash points, each with every choice of fates.
    points: u64,
    images: u64,
    old: u64,
    new: u64,
    lost: u64,
    example: Option<String>,
}

impl Figures {
    fn report(&self, what: &str) {
        let Self { points, images, old, new, lost, example } = self;
        println!(
            "{what}: {points} crash points, {images} images, {old} opened with the old state, \
             {new} with the new state, {lost} lost",
        );
        assert_eq!(*lost, 0, "{what}: {example:?}");
        assert!(
            *old > 0 && *new > 0,
            "{what}: some crashes must leave the old state, and some the new one"
        );
    }

    fn add(&mut self, other: &Figures) {
        self.points += other.points;
        self.images += other.images;
        self.old += other.old;
        self.new += other.new;
        self.lost += other.lost;
        self.example = self.example.take().or_else(|| other.example.clone());
    }
}

/// How a checkpoint or an opening stopped.
#[derive(Debug, PartialEq, Eq)]
enum Stopped {
    Ended,
    PowerLost,
    Failed(SuperblockError),
}

impl Trial {
    fn new(layout: Layout) -> Self {
        Self {
            layout,
            disk: SimulatedDisk::new(layout),
            opened: SimulatedDisk::new(layout),
            left: SimulatedDisk::new(layout),
            superblock: Superblock::new(&layout),
            opener: Superblock::new(&layout),
            figures: Figures::default(),
        }
    }

    /// Starts with a store that was formatted and is at checkpoint [`OLD`], with all copies intact
    /// and durable.
    fn start(&mut self) {
        let Self { layout, disk, superblock, .. } = self;
        disk.reset(*layout);
        superblock.reset();
        superblock.format(disk, STORE, &state(0)).expect("nothing fails");
        superblock.checkpoint(disk, &state(OLD));
        assert_eq!(self.finish(), Stopped::Ended);
        self.disk.settle();
    }

    /// Continues the checkpoint until it ends or power is lost.
    fn finish(&mut self) -> Stopped {
        for _ in 0..IOS_MAX {
            let Some(completion) = self.disk.step() else { return Stopped::PowerLost };
            match self.superblock.complete(&mut self.disk, completion) {
                None => {}
                Some(Ok(())) => return Stopped::Ended,
                Some(Err(error)) => return Stopped::Failed(error),
            }
        }
        panic!("a checkpoint must end");
    }

    /// Begins checkpoint [`NEW`], and loses power after I/O number `io`. Returns whether power was
    /// lost before the checkpoint ended.
    fn checkpoint_until(&mut self, io: u64) -> bool {
        self.superblock.checkpoint(&mut self.disk, &state(NEW));
        self.disk.arm(Armed { kind: FaultKind::PowerLoss, access: None, nth: io });
        self.finish() == Stopped::PowerLost
    }

    /// Opens the superblock on `opened`, and loses power after I/O number `io` of the opening.
    /// Returns whether power was lost before the opening ended.
    fn open_until(&mut self, io: u64) -> bool {
        self.opener.reset();
        self.opened.arm(Armed { kind: FaultKind::PowerLoss, access: None, nth: io });
        let opened = self.opener.open(&mut self.opened);
        self.opened.is_down() && {
            // Power may be lost with the last I/O, after which nothing is left to do.
            assert!(matches!(opened, Ok(()) | Err(SuperblockError::Gone)), "{opened:?}");
            opened.is_err()
        }
    }

    /// Opens the superblock on `left`, after a crash. Its state must be the old or the new state.
    fn judge(&mut self, describe: impl FnOnce() -> String) {
        self.figures.images += 1;
        self.opener.reset();
        let opened = self.opener.open(&mut self.left).map(|()| self.opener.working().state());
        match opened {
            Ok(opened) if opened == state(OLD) => self.figures.old += 1,
            Ok(opened) if opened == state(NEW) => self.figures.new += 1,
            other => {
                self.figures.lost += 1;
                self.figures.example.get_or_insert_with(|| format!("{}: {other:?}", describe()));
            }
        }
    }
}

/// Tries every crash of the disk that `from` returns. For each, sets `left` to a copy of the disk
/// after the crash, and calls `judge` with the number of the crash.
fn every_crash(
    trial: &mut Trial,
    fates: &[Fate],
    from: fn(&Trial) -> &SimulatedDisk,
    mut judge: impl FnMut(&mut Trial, u64),
) {
    trial.figures.points += 1;
    let mut ways = Ways::new(fates);
    loop {
        let mut left = std::mem::replace(&mut trial.left, SimulatedDisk::new(trial.layout));
        left.copy_at_power_loss(from(trial));
        left.crash_with(&mut |_| true, &mut |_| ways.fate());
        left.restart();
        trial.left = left;
        judge(trial, ways.tried());
        if !ways.advance() {
            break;
        }
    }
}

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

const WHOLE: [Fate; 2] = [Fate::Survives, Fate::Vanishes];

/// A sector survives, vanishes, or is torn at byte 70, in which two superblocks differ: only the
/// bytes before byte 70 reach the device, or only the bytes from it on.
const TORN: [Fate; 4] = [Fate::Survives, Fate::Vanishes, Fate::TornAfter(70), Fate::TornBefore(70)];

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

fn damage(disk: &mut SimulatedDisk, copy: usize) {
    let sector = disk.image().sector_of(disk.layout().superblock_copy(copy).offset);
    disk.image_mut().damage(sector, Damage::Flipped(1000));
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
