//! Crashes, and errors in place of calls that change files.
//!
//! The calls are recorded from the start of a run. A crash makes an image of the folder, opens the
//! engine in it, and compares what it holds with the states that the engine's promises allow.
//!
//! After an error struck, an operation may fail, and the outcome of its write is unknown. Then the
//! run goes on after a crash: the process of an engine that saw an error should end, too. An
//! operation that succeeds is held to its promise, whatever struck.
//!
//! A sweep adds a crash after one call, or an error in place of one, to those of the input. The
//! calls of a run are counted across its crashes.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use downbeat::check::{fail, holds};
use downbeat::disk::{Armed, FaultKind};
use downbeat::{Checked, Run};
use downbeat_recorder::{Crash, Fault, Recording, Rules};

use super::EngineWorld;
use super::folder::Folder;
use crate::commits::{Changed, Commits, Held};
use crate::durability::Call;
use crate::engine::{Engine, NotOffered, Result};
use crate::events::Event;
use crate::operations::CALLS;
use crate::scan::Scan;

/// The maximum number of images of a run.
const IMAGES: usize = 12;

/// The record of a run with crashes.
#[derive(Debug)]
pub(super) struct Crashes {
    recording: Recording,
    rules: Rules,
    commits: Commits,
    /// A crash is not before so many calls: an engine need not survive a crash while it is made.
    from: u64,
    images: usize,
    /// Whether an error struck since the engine was opened after a crash.
    faulty: bool,
    /// What a sweep adds.
    swept: Option<Armed>,
    /// The number of calls in the records before this one.
    before: u64,
}

/// Which calls a crash loses, and what it leaves.
#[derive(Clone, Copy, Debug)]
struct Loss {
    back: u64,
    left: u64,
}

impl Crashes {
    /// Starts the record of a run whose header chose `crashes`. `None` if it chose none.
    pub(super) fn start(crashes: usize, folder: &Folder, swept: Option<Armed>) -> Option<Self> {
        let rules = [None, Some(Rules::Posix), Some(Rules::Ext4Ordered)][crashes]?;
        let commits = Commits::new();
        Some(Crashes {
            recording: record(folder),
            rules,
            commits,
            from: 0,
            images: 0,
            faulty: false,
            swept,
            before: 0,
        })
    }

    /// Arms the error that a sweep adds, if its call is a later one of this record. An engine need
    /// not open if a call fails meanwhile.
    fn arm_swept(&self) {
        if let Some(Armed { kind: FaultKind::Fails, nth, .. }) = self.swept
            && let Some(after) = nth.checked_sub(self.before + self.recording.calls() + 1)
        {
            self.recording.arm(after, Fault::ALL[0]);
        }
    }

    /// The call of this record after which a sweep crashes.
    fn swept_crash(&self) -> Option<u64> {
        let Some(Armed { kind: FaultKind::PowerLoss, nth, .. }) = self.swept else { return None };
        let at = nth.checked_sub(self.before)?;
        (1..=self.recording.calls()).contains(&at).then_some(at)
    }
}

fn record(folder: &Folder) -> Recording {
    Recording::start(folder.path()).unwrap_or_else(|error| panic!("no record: {error}"))
}

impl<E: Engine> EngineWorld<E> {
    /// Notes that the engine was opened for the first time.
    pub(super) fn opened(&mut self) {
        if let Some(crashes) = &mut self.crashes {
            crashes.from = crashes.recording.calls();
            crashes.arm_swept();
        }
    }

    /// Notes that a write is about to begin.
    pub(super) fn begins(&mut self, changed: impl FnOnce(&Self) -> Changed) {
        if self.crashes.is_none() {
            return;
        }
        let changed = changed(self);
        if let Some(crashes) = &mut self.crashes {
            crashes.commits.began(crashes.recording.calls(), changed);
        }
    }

    /// Notes that the write that began last was not made.
    pub(super) fn never_began(&mut self) {
        if let Some(crashes) = &mut self.crashes {
            crashes.commits.never_began();
        }
    }

    /// Notes that a call succeeded.
    pub(super) fn succeeded(&mut self, call: Call) {
        let Some(durability) = E::DURABILITY else { return };
        if let Some(crashes) = &mut self.crashes
            && durability.after.contains(&call)
        {
            let calls = crashes.recording.calls();
            // A sweep may crash after any call.
            let keep_from = if crashes.swept.is_some() { 0 } else { calls.saturating_sub(CALLS) };
            crashes.commits.became_durable(calls, keep_from);
        }
    }

    /// Crashes after all but the last `back` calls.
    pub(super) fn crash(&mut self, back: u32, left: u32, goes_on: bool, run: &mut Run) -> Checked {
        match &mut self.crashes {
            Some(crashes) if crashes.images < IMAGES => crashes.images += 1,
            _ => {
                run.idle();
                return Ok(());
            }
        }
        Event::Crash.count(run);
        self.lose(Loss { back: back.into(), left: left.into() }, goes_on, run)
    }

    /// Ends the record: counts its calls, and crashes where a sweep does.
    pub(super) fn end_record(&mut self, run: &mut Run) -> Checked {
        /// What the crash leaves of what was not synced: nothing, everything, half.
        const LEFT: [u64; 3] = [0, 1, 5];
        let Some(crashes) = &self.crashes else { return Ok(()) };
        let calls = crashes.recording.calls();
        let swept = crashes.swept_crash();
        run.device_operations(calls);
        if let Some(at) = swept {
            LEFT.into_iter()
                .try_for_each(|left| self.lose(Loss { back: calls - at, left }, false, run))?;
        }
        Ok(())
    }

    fn lose(&mut self, loss: Loss, goes_on: bool, run: &mut Run) -> Checked {
        if goes_on {
            self.end_record(run)?;
        }
        run.step();
        let crashes = self.crashes.as_mut().expect("the run is recorded");
        let calls = crashes.recording.calls();
        let at = calls.saturating_sub(loss.back).max(crashes.from.min(calls));
        // The remainder says how much is left.
        let crash = Crash { rules: crashes.rules, seed: loss.left + 6 * (run.luck(0) >> 8) };
        run.remark(|| format!("after call {at} of {calls}"));
        let folder = Folder::new();
        let image = crashes.recording.image(at, crash);
        image.write(folder.path()).unwrap_or_else(|error| panic!("no image: {error}"));
        let recording = goes_on.then(|| record(&folder));
        let opened = E::open(folder.path(), &self.settings)
            .and_then(|mut engine| held(&mut engine).map(|held| (engine, held)));
        let crashes = self.crashes.as_mut().expect("the run is recorded");
        let seen = match &opened {
            Ok((_, held)) => crashes.commits.find(at, held).map_err(|difference| {
                let expected = match difference.allowed {
                    1 => difference.expected,
                    states => format!("{}, or another of {states} states", difference.expected),
                };
                let what = "what an engine holds after a crash is none of the states it allows";
                fail("crash-leaves-what-was-durable", expected, difference.got).saying(what)
            }),
            Err(error) => {
                let what = "the engine cannot be opened and read after a crash";
                Err(fail("crash-opens", "no error", format!("{error} ({error:?})")).saying(what))
            }
        };
        let count = match seen {
            Ok(count) => count,
            Err(mut divergence) => {
                // An image is wrong if some calls are not in the record.
                self.is_recorded()?;
                let crash = format!("the crash is after call {at} of {calls}: {crash:?}");
                divergence.state.push(crash);
                return Err(divergence);
            }
        };
        let (engine, _) = opened.unwrap_or_else(|_| unreachable!("an error is a divergence"));
        Event::CrashLost.count_if(crashes.commits.loses(count), run);
        if let Some(recording) = recording {
            Event::CrashWent.count(run);
            self.snapshots.clear();
            let crashes = self.crashes.as_mut().expect("the run is recorded");
            let state = crashes.commits.crashed(at, count);
            self.model.crash(state);
            discard(self.engine.replace(engine));
            crashes.before += calls;
            (crashes.recording, crashes.from, crashes.faulty) = (recording, 0, false);
            crashes.arm_swept();
            self.folder = Some(folder);
            self.engine().select(0).or_else(unless_offered).map_err(|error| {
                super::refused(&error, "select-succeeds", "a key space cannot be selected")
            })?;
        }
        Ok(())
    }

    /// Arms an error.
    pub(super) fn fail(&mut self, after: u32, fault: u32, run: &mut Run) -> Checked {
        let Some(crashes) = self.crashes.as_mut().filter(|_| E::REPORTS_ERRORS) else {
            run.idle();
            return Ok(());
        };
        crashes.recording.arm(after.into(), Fault::ALL[fault as usize]);
        Ok(())
    }

    /// Does something with an engine whose calls may fail.
    pub(super) fn guarded(
        &mut self,
        run: &mut Run,
        act: impl FnOnce(&mut Self, &mut Run) -> Checked,
    ) -> Checked {
        let Some(crashes) = &self.crashes else { return act(self, run) };
        let before = crashes.recording.struck();
        let outcome = catch_unwind(AssertUnwindSafe(|| act(self, run)));
        let Some(crashes) = &mut self.crashes else { return Ok(()) };
        if crashes.recording.struck() > before {
            Event::Fault.count(run);
            crashes.faulty = true;
        }
        let failed = match &outcome {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(divergence)) => divergence.check.ends_with("-succeeds"),
            Err(_) => true,
        };
        if !crashes.faulty || !failed {
            return outcome.unwrap_or_else(|panic| resume_unwind(panic));
        }
        Event::FaultSeen.count(run);
        run.remark(|| "fails after the error; the run goes on after a crash".to_owned());
        crashes.recording.disarm();
        self.lose(Loss { back: 0, left: 1 }, true, run)
    }

    /// Ends the errors of a run. An engine that may have seen one crashes.
    pub(super) fn end_faults(&mut self, run: &mut Run) -> Checked {
        let Some(crashes) = &mut self.crashes else { return Ok(()) };
        crashes.recording.disarm();
        if !crashes.faulty {
            return Ok(());
        }
        self.lose(Loss { back: 0, left: 1 }, true, run)
    }

    /// Checks that all changes of the folder are in the record.
    pub(super) fn is_recorded(&self) -> Checked {
        let Some(crashes) = &self.crashes else { return Ok(()) };
        let lines = crashes.recording.unrecorded();
        let lines = lines.unwrap_or_else(|error| panic!("the folder cannot be read: {error}"));
        let shown = || ("every call".to_owned(), lines.first().cloned().unwrap_or_default());
        holds("calls-are-recorded", lines.is_empty())
            .show(shown)
            .or("the engine changes files by calls that cannot be recorded, such as system calls")
    }
}

/// Everything that an engine holds.
fn held<E: Engine>(engine: &mut E) -> Result<Held> {
    let mut held = Held::default();
    for (space, pairs) in held.iter_mut().enumerate().rev() {
        match engine.select(space as u32) {
            Ok(()) => {}
            // An engine without key spaces has only the first one.
            Err(error) if error.is::<NotOffered>() && space > 0 => continue,
            Err(error) if error.is::<NotOffered>() => {}
            Err(error) => return Err(error),
        }
        *pairs = engine.scan(&Scan::ALL)?;
    }
    Ok(held)
}

fn unless_offered(error: crate::Error) -> Result<()> {
    if error.is::<NotOffered>() { Ok(()) } else { Err(error) }
}

/// Drops an engine that may have seen an error.
fn discard<E>(engine: Option<E>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(engine)));
}
