//! Opens the store on a changed device, and compares the result with the model's reading of the
//! image.

use downbeat_lsm::block::{Place, Reason, checksum};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::record::Usage;
use downbeat_lsm::store::StoreError;
use downbeat_lsm::superblock::SuperblockError;

use super::events::Event;
use super::reads::{ALL, text};
use super::states;
use super::tested::{Sound, Tested};
use downbeat::check::{equal, fail, holds};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::format::root;
use downbeat_model::image::{At, Content, Fault, Parts, Reading, Wrong};

impl<R: Versioned> Tested<R> {
    /// Formats the device.
    pub(super) fn format(&mut self) -> Checked {
        self.device().restore(&[]);
        self.allow_opening();
        self.store
            .format_again(7)
            .map_err(|error| fail("formatting-succeeds", "a store", error))
            .map_err(|failed| failed.saying("a sound device cannot be formatted"))?;
        self.content = Content::EMPTY;
        self.sound = None;
        self.settled = true;
        self.failed = false;
        self.forged = false;
        self.extended = false;
        Ok(())
    }

    /// Reads the image of a device that the target has not changed since the store was opened. The
    /// image must be valid and contain everything that was made durable.
    fn read_sound(&self, run: &mut Run) -> Checked<Reading> {
        let reading = Reading::new(self.image(), &self.sizes).map_err(|wrong| {
            fail("checkpoint-opens", "an image that opens", wrong)
                .saying("a store has written a superblock that must be refused")
        })?;
        if self.content.merged && self.forged {
            Event::ReopenedForged.count(run);
        }
        if self.content.sound {
            let wrong = reading.wrong.first().or(reading.unmergeable.first()).copied();
            holds("written-image-is-sound", wrong.is_none())
                .show(|| {
                    ("no contradiction", wrong.map_or(String::new(), |wrong| wrong.to_string()))
                })
                .or("a store has written tables that contradict each other")?;
        }
        let is_known = self.content.sound || R::USAGE == Usage::General;
        if self.settled && is_known {
            for key in self.content.writes.keys() {
                let (Ok(due), Ok(got)) = (self.content.get(*key), reading.get(*key)) else {
                    continue;
                };
                let allowed = self.content.allows(self.sizes.usage, *key, due, got);
                holds("checkpoint-holds-its-records", allowed)
                    .show(|| (format!("{due:x?}"), format!("{got:x?}")))
                    .or("a checkpoint that was acknowledged lost a record")?;
            }
            if self.content.wrong().is_empty() && reading.wrong.is_empty() {
                let (usage, read) = (self.sizes.usage, reading.newest());
                let differs = self.content.first_difference(usage, ALL, read);
                holds("checkpoint-holds-no-more", differs.is_none())
                    .show(|| text(differs))
                    .or("a checkpoint that was acknowledged has other records")?;
            }
        }
        Ok(reading)
    }

    /// Prepares the first change of the device since the store was opened: keeps the bytes of the
    /// device, and finds its structures. Does nothing before later changes.
    pub(super) fn begin_change(&mut self, run: &mut Run) -> Checked {
        if self.sound.is_some() {
            return Ok(());
        }
        let reading = self.read_sound(run)?;
        self.parts = Parts::new(&reading, &self.sizes);
        let image = self.store.grid().storage().written().to_vec();
        self.copy = 0;
        self.sound =
            Some(Sound { image, content: Content::new(reading), sealed: false, restored: false });
        Ok(())
    }

    /// Opens the store again if its device was changed.
    pub(super) fn be_open(&mut self, run: &mut Run) -> Checked {
        if self.sound.is_some() { self.open(run) } else { Ok(()) }
    }

    /// Opens the store, and reads all of it. If the store must refuse the image, restores the bytes
    /// from before the change, and opens the store on them.
    pub(super) fn open(&mut self, run: &mut Run) -> Checked {
        let Some(sound) = self.sound.take() else {
            let reading = self.read_sound(run)?;
            return self.open_as(reading, run);
        };
        self.forged |= sound.sealed;
        let due = Reading::new(self.image(), &self.sizes);
        // Counted before the opening, which repairs damaged and old copies of the superblock.
        let holders = due.as_ref().map_or(0, |reading| {
            let copies = root::copies(self.image(), &self.sizes);
            root::holders(&copies, reading.opening.root.checksum)
        });
        self.allow_opening();
        let changed = if sound.sealed { Vec::new() } else { self.changed_blocks(&sound) };
        let before = checksum(self.image());
        let got = self.store.open_again();
        run.step();
        match (due, got) {
            (Ok(reading), Ok(())) => {
                let damaged = (self.sizes.copies - holders) as u64;
                equal("copies-are-mended", damaged, self.store.superblock().statistics().repaired)
                    .or("opening has not mended exactly the copies that are damaged or old")?;
                Event::Opened.count(run);
                Event::OpenedForged.count_if(sound.sealed, run);
                if !sound.sealed {
                    check_unsealed(&sound, &reading, &changed)?;
                }
                self.opened(&sound, reading, run)
            }
            (Err(wrong), Err(error)) => {
                Event::Refused.count(run);
                Event::RefusedForged.count_if(sound.sealed, run);
                run.state(states::Refused, wrong.fault as usize);
                run.remark(|| format!("{wrong}: {error}"));
                run.result(wrong.fault as u64);
                equal("refused-device-is-unchanged", before, checksum(self.image()))
                    .or("a device that is refused is written to")?;
                let told = !sound.sealed && !sound.restored;
                check_refusal(&error, wrong, told.then_some(changed.as_slice()))?;
                self.heal(&sound, run)
            }
            (Ok(_), Err(error)) => {
                // The model ignores the limit of a log's length, which is not part of the format.
                if self.extended && is_too_long(&error) {
                    return self.heal(&sound, run);
                }
                Err(fail("opening-accepts-what-is-valid", "an opened store", error)
                    .saying("an image that is valid does not open"))
            }
            (Err(wrong), Ok(())) => {
                Err(fail("opening-refuses-what-is-wrong", wrong, "an opened store")
                    .saying("an image that is wrong opens"))
            }
        }
    }

    /// Opens the store on a valid image, and reads all of it.
    fn open_as(&mut self, reading: Reading, run: &mut Run) -> Checked {
        self.allow_opening();
        run.step();
        self.store.open_again().map_err(|error| {
            fail("opening-accepts-what-is-valid", "an opened store", error)
                .saying("an image that is valid does not open")
        })?;
        self.content = Content::new(reading);
        self.settled = true;
        self.failed = false;
        self.verify()?;
        self.read_whole(run)
    }

    fn opened(&mut self, sound: &Sound, reading: Reading, run: &mut Run) -> Checked {
        let root = reading.opening.root;
        let before = sound.content.reading.as_ref().map(|reading| reading.opening.root.checksum);
        Event::OtherRoot.count_if(!sound.sealed && before != Some(root.checksum), run);
        if let Some(wrong) = reading.unmergeable.first() {
            run.state(states::Unmergeable, wrong.fault as usize - Fault::Snapshot as usize);
        }
        let levels = reading.runs.iter().fold(0, |bits, run| bits | 1 << run.table.level.min(3));
        run.state(states::Levels, levels);
        if sound.sealed {
            run.state(
                states::Sequence,
                match root.sequence {
                    sequence if sequence < 1 << 32 => 0,
                    sequence if sequence < 1 << 62 => 1,
                    _ => 2,
                },
            );
            let gap = (0..3).find(|level| levels >> level & 3 == 2);
            if let Some(level) = gap {
                run.state(states::AboveFull, level);
            }
        }
        run.result(root.sequence);
        self.content = Content::new(reading);
        self.settled = true;
        self.failed = false;
        Event::OpenedSound.count_if(sound.sealed && self.content.sound, run);
        self.verify()?;
        self.read_whole(run)
    }

    /// Restores the bytes of the device from before its change, and opens the store on them.
    fn heal(&mut self, sound: &Sound, run: &mut Run) -> Checked {
        Event::Healed.count(run);
        self.device().restore(&sound.image);
        let reading = Reading::new(self.image(), &self.sizes);
        let reading = reading.map_err(|wrong| {
            fail("opening-accepts-what-is-valid", "the image before its change", wrong)
                .saying("an image that was valid is not")
        })?;
        self.open_as(reading, run)
    }

    /// The addresses of the blocks that differ from those before the change.
    fn changed_blocks(&self, sound: &Sound) -> Vec<u64> {
        let image = self.store.grid().storage().written();
        let differs = |address: &u64| {
            let begin = self.sizes.block_at(*address);
            let of = |image: &[u8]| {
                let end = image.len().min(begin + self.sizes.block);
                image.get(begin..end).unwrap_or_default().to_vec()
            };
            of(image) != of(&sound.image)
        };
        let blocks = 1..=self.sizes.blocks;
        blocks
            .take_while(|block| self.sizes.block_at(*block) < image.len())
            .filter(differs)
            .collect()
    }

    /// Allows the operations of an opening or a formatting: the copies of the superblock are read,
    /// written in two halves and read back, and each block is read at most once.
    fn allow_opening(&mut self) {
        let most = 8 * (self.sizes.copies as u64 + 1) + self.sizes.blocks;
        self.device().allow(most);
    }
}

/// Checks an image that opened with stale checksums. If the same superblock opened as before the
/// change, the image has the same records, except where a changed block makes a read fail.
fn check_unsealed(sound: &Sound, reading: &Reading, changed: &[u64]) -> Checked {
    let Some(before) = sound.content.reading.as_ref() else { return Ok(()) };
    if sound.restored || before.opening.root.checksum != reading.opening.root.checksum {
        return Ok(());
    }
    for key in before.keys() {
        let (due, got) = (before.get(key), reading.get(key));
        let is_right = match (&due, &got) {
            // The read failed before this change, which may have undone earlier damage.
            (Err(_), _) => true,
            (Ok(_), Err(wrong)) => {
                matches!(wrong.at, At::Block(block) if changed.contains(&block))
            }
            (due, got) => due == got,
        };
        holds("damage-changes-no-record", is_right)
            .show(|| (format!("{due:?}"), format!("{got:?}")))
            .or("damage with stale checksums changes a record")?;
    }
    Ok(())
}

/// Checks that the error of an opening is a corruption at the place and for the reason of the
/// fault, or that it reports other options and the image was formatted with other options. If no
/// checksum was made valid and nothing was restored, `changed` contains the changed blocks, and a
/// corrupt block must be one of them.
fn check_refusal(error: &StoreError, wrong: Wrong, changed: Option<&[u64]>) -> Checked {
    let is_due = match error {
        // The model ignores the limit of a log's length, which the core checks before the log.
        error if is_too_long(error) => true,
        StoreError::OtherOptions => wrong.fault == Fault::OtherOptions,
        StoreError::FewerBlocks { .. } | StoreError::TooFewMoreBlocks { .. } => {
            wrong.fault == Fault::OtherBlocks
        }
        StoreError::Superblock(SuperblockError::Corruption(corruption))
        | StoreError::Grid(GridError::Corruption(corruption)) => {
            let at = match corruption.place {
                Place::Block(address) => At::Block(address),
                Place::Superblock | Place::Tree(_) => At::Superblock,
            };
            let is_changed = match (at, changed) {
                (At::Block(block), Some(changed)) => changed.contains(&block),
                _ => true,
            };
            is_changed && at == wrong.at && is_reason_of(corruption.reason, wrong.fault)
        }
        _ => false,
    };
    holds("refusal-names-what-is-wrong", is_due)
        .show(|| (wrong, error))
        .or("opening is refused, but not for what is wrong")
}

/// Whether the core may give this reason for a fault. Reasons with a variant of their own are
/// compared. The text of [`Reason::Meaning`] is not.
pub(super) fn is_reason_of(reason: Reason, fault: Fault) -> bool {
    match fault {
        Fault::NotFormatted => reason == Reason::NotFormatted,
        Fault::QuorumLost => reason == Reason::QuorumLost,
        Fault::Fork => reason == Reason::Fork,
        Fault::NotConnected => reason == Reason::ParentNotConnected,
        Fault::Layout => reason == Reason::Layout,
        Fault::Size => reason == Reason::Size,
        Fault::Checksum => reason == Reason::Checksum,
        Fault::OtherBlock => reason == Reason::OtherBlock,
        Fault::SuperblockVersion | Fault::BlockVersion => reason == Reason::Version,
        Fault::BlockAddress => reason == Reason::Address,
        Fault::Kind => reason == Reason::Kind,
        Fault::SuperblockZeros | Fault::Zeros => reason == Reason::Padding,
        // The header of a block may have the wrong kind, bytes that are not zero, or a wrong
        // meaning.
        _ => matches!(reason, Reason::Meaning(_) | Reason::Kind | Reason::Padding),
    }
}

/// Whether the store refused the image because the manifest log is too long.
fn is_too_long(error: &StoreError) -> bool {
    error.to_string().contains("the manifest log is longer than its limit")
}
