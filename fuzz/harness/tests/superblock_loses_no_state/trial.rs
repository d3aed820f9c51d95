//! A trial: a superblock on a disk that crashes, and what opens afterwards.

use downbeat::disk::{Armed, Damage, Fate, FaultKind, SimulatedDisk};
use downbeat_lsm::block::BlockReference;
use downbeat_lsm::storage::{Layout, LayoutOptions, Storage};
use downbeat_lsm::superblock::{
    ChangingOptions, CheckpointState, ManifestReferences, Superblock, SuperblockError, Trailer,
};

use crate::ways::Ways;

pub(crate) const STORE: u128 = 0xd0;
pub(crate) const OLD: u64 = 7;
pub(crate) const NEW: u64 = 9;

/// Every checkpoint and every opening has fewer I/Os than this.
pub(crate) const IOS_MAX: u64 = 200;

pub(crate) fn layout(superblock_copies: usize, sector_size: usize) -> Layout {
    let options =
        LayoutOptions { sector_size, block_size: 1024, superblock_copies, block_count: 1 };
    Layout::new(options).expect("the layout is valid")
}

/// The state for a beat. The states for two different beats differ in every field.
pub(crate) fn state(beat: u64) -> CheckpointState {
    let block = |number: u64| BlockReference {
        checksum: u128::from(beat) << 64 | u128::from(number),
        address: beat * 8 + number,
    };
    let trailer = |number| Trailer { last: block(number), size: beat * 8 + number };
    let manifest =
        ManifestReferences { oldest: block(3), newest: block(4), block_count: 2 + beat as u32 };
    let options = ChangingOptions { block_count: 1 + beat, checkpoint_interval: 1 + beat as u32 };
    CheckpointState { beat, acquired: trailer(1), released: trailer(2), manifest, options }
}

/// The devices and figures of a trial.
pub(crate) struct Trial {
    pub(crate) layout: Layout,
    pub(crate) disk: SimulatedDisk,
    pub(crate) opened: SimulatedDisk,
    pub(crate) left: SimulatedDisk,
    pub(crate) superblock: Superblock,
    pub(crate) opener: Superblock,
    pub(crate) figures: Figures,
}

#[derive(Default)]
pub(crate) struct Figures {
    /// The number of crash points, each with every choice of fates.
    points: u64,
    images: u64,
    old: u64,
    new: u64,
    lost: u64,
    example: Option<String>,
}

impl Figures {
    pub(crate) fn report(&self, what: &str) {
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

    pub(crate) fn add(&mut self, other: &Figures) {
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
pub(crate) enum Stopped {
    Ended,
    PowerLost,
    Failed(SuperblockError),
}

impl Trial {
    pub(crate) fn new(layout: Layout) -> Self {
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
    pub(crate) fn start(&mut self) {
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
    pub(crate) fn checkpoint_until(&mut self, io: u64) -> bool {
        self.superblock.checkpoint(&mut self.disk, &state(NEW));
        self.disk.arm(Armed { kind: FaultKind::PowerLoss, access: None, nth: io });
        self.finish() == Stopped::PowerLost
    }

    /// Opens the superblock on `opened`, and loses power after I/O number `io` of the opening.
    /// Returns whether power was lost before the opening ended.
    pub(crate) fn open_until(&mut self, io: u64) -> bool {
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
    pub(crate) fn judge(&mut self, describe: impl FnOnce() -> String) {
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
pub(crate) fn every_crash(
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

pub(crate) const WHOLE: [Fate; 2] = [Fate::Survives, Fate::Vanishes];

/// A sector survives, vanishes, or is torn at byte 70, in which two superblocks differ: only the
/// bytes before byte 70 reach the device, or only the bytes from it on.
pub(crate) const TORN: [Fate; 4] =
    [Fate::Survives, Fate::Vanishes, Fate::TornAfter(70), Fate::TornBefore(70)];

pub(crate) fn damage(disk: &mut SimulatedDisk, copy: usize) {
    let sector = disk.image().sector_of(disk.layout().superblock_copy(copy).offset);
    disk.image_mut().damage(sector, Damage::Flipped(1000));
}
