//! The world: an engine in a folder of its own, and its model.
//!
//! Rules that define what an input means:
//!
//! * An operation that the engine does not offer, or that is left out, does nothing.
//! * A snapshot belongs to the key space in which it was taken. All snapshots are dropped when
//!   another key space is selected, and before the engine is checked or closed.
//! * A crash or an error in place of a call does nothing if the header chose none, or if the engine
//!   promises nothing about crashes.
//! * A run writes at most [`BYTES`] bytes of values. After that, all values are short.

mod compare;
mod crash;
mod folder;
mod lifetime;
mod reads;
mod snapshots;
mod without;
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};

use downbeat::check::fail;
use downbeat::disk::FaultKind;
use downbeat::input::encoding::Header;
use downbeat::{Checked, Run, World};

use crate::durability::Call;
use crate::engine::{Engine, Error, NotOffered, Result, Settings};
use crate::events::Event;
use crate::keys::Form;
use crate::model::{Map, Model};
use crate::operations::{self, CRASHES, FORM, Operation};
use crate::values::Value;
use crash::Crashes;
use folder::Folder;

/// The maximum number of bytes of the values of a run.
const BYTES: usize = 4 << 20;

/// The length of the values that are written after [`BYTES`] bytes.
const SHORT: usize = 8;

/// The maximum number of snapshots at a time.
const SNAPSHOTS: usize = 4;

/// An engine and its model.
pub(crate) struct EngineWorld<E: Engine> {
    settings: Settings,
    form: Form,
    /// `None` before the run is opened, and while the engine is closed.
    engine: Option<E>,
    snapshots: Vec<(E::Snapshot, Map)>,
    folder: Option<Folder>,
    /// The record of the run; `None` if it has no crashes.
    crashes: Option<Crashes>,
    model: Model,
    /// The stamp of the last write.
    stamp: u64,
    /// The bytes of all values so far.
    written: usize,
}

impl<E: Engine> EngineWorld<E> {
    pub(crate) fn new(header: &Header) -> Self {
        EngineWorld {
            settings: operations::settings(header),
            form: Form::ALL[header.index(FORM)],
            engine: None,
            snapshots: Vec::new(),
            folder: None,
            crashes: None,
            model: Model::new(),
            stamp: 0,
            written: 0,
        }
    }

    fn engine(&mut self) -> &mut E {
        self.engine.as_mut().expect("the engine is open")
    }

    /// The bytes of a key.
    fn key(&self, key: downbeat::input::encoding::Key) -> Vec<u8> {
        self.form.key(key.literal(), &E::KEY_LENGTHS)
    }

    /// The value of the next write.
    fn value(&mut self, length: u32) -> Value {
        let length = if self.written > BYTES { SHORT } else { length as usize };
        self.stamp += 1;
        let value = Value::new(self.stamp, length, &E::VALUE_LENGTHS);
        self.written += value.length;
        value
    }
}

/// The answer of the engine: `None` if it does not offer the method. `check` and `what` name the
/// finding if the answer is an error.
fn offered<T>(
    answer: Result<T>,
    check: &'static str,
    what: &'static str,
    run: &mut Run,
) -> Checked<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is::<NotOffered>() => {
            Event::NotOffered.count(run);
            run.idle();
            Ok(None)
        }
        Err(error) => Err(refused(&error, check, what)),
    }
}

/// The answer of a method that every engine has.
fn required<T>(answer: Result<T>, check: &'static str, what: &'static str) -> Checked<T> {
    answer.map_err(|error| refused(&error, check, what))
}

fn refused(error: &Error, check: &'static str, what: &'static str) -> downbeat::Divergence {
    fail(check, "no error", format!("{error} ({error:?})")).saying(what)
}

impl<E: Engine> World for EngineWorld<E> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, run: &mut Run) -> Checked {
        let folder = Folder::new();
        if E::DURABILITY.is_some() {
            let swept = run.interference();
            let swept = swept.filter(|swept| E::REPORTS_ERRORS || swept.kind != FaultKind::Fails);
            self.crashes = Crashes::start(header.index(CRASHES), &folder, swept);
        }
        self.folder = Some(folder);
        self.open_engine()?;
        self.opened();
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        if without::is_left_out(operation) {
            run.idle();
            return Ok(());
        }
        match *operation {
            Operation::Crash { back, left, way } => {
                self.crash(back.get(), left.get(), way.get() == 1, run)
            }
            Operation::Fail { after, fault } => self.fail(after.get(), fault.get(), run),
            ref other => self.guarded(run, |world, run| world.apply_to_engine(other, run)),
        }
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.end_faults(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.whole(run)
    }

    fn finish(&mut self, run: &mut Run) -> Checked {
        self.reopen(run)?;
        self.all_spaces(run)?;
        self.close_engine()?;
        self.end_record(run)?;
        self.is_recorded()
    }

    fn describe(&self) -> Vec<String> {
        let map = self.model.map();
        let space = self.model.selected();
        vec![format!(
            "the model has {} keys in key space {space}; {} snapshots",
            map.len(),
            self.snapshots.len()
        )]
    }
}

impl<E: Engine> EngineWorld<E> {
    fn apply_to_engine(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        use crate::operations::Operation as O;
        match *operation {
            O::Put { key, size } => self.put(key.literal(), size.get(), run),
            O::Get { key } => self.get(key, run),
            O::Remove { key } => self.remove(key.literal(), run),
            O::Puts { key, count, stride, size } => {
                let mut keys = downbeat::run_of_keys(key.literal(), count.get(), stride.get());
                keys.try_for_each(|key| self.put(key, size.get(), run))
            }
            O::Removes { key, count, stride } => {
                let mut keys = downbeat::run_of_keys(key.literal(), count.get(), stride.get());
                keys.try_for_each(|key| self.remove(key, run))
            }
            O::Batch { key, count, stride, size, steps } => {
                let keys = downbeat::run_of_keys(key.literal(), count.get(), stride.get());
                self.batch(keys, size.get(), steps.get(), run)
            }
            O::Scan { low, high, bounds, turns, take } => {
                self.scan([low, high], bounds.get(), turns.get(), take.get(), run)
            }
            O::Prefix { key, turns, take } => self.prefix(key, turns.get(), take.get(), run),
            O::Walk { key, count, steps } => self.walk(key, count.get(), steps.get(), run),
            O::End { way } => self.end(way.get() == 1, run),
            O::Count => self.count(run),
            O::Whole => self.whole(run),
            O::Transact { key, count, stride, size, steps, way } => {
                let keys = downbeat::run_of_keys(key.literal(), count.get(), stride.get());
                self.transact(keys, size.get(), steps.get(), way.get() == 0, run)
            }
            O::Snapshot => self.snapshot(run),
            O::GetAt { which, key } => self.get_at(which.get(), key, run),
            O::ScanAt { which, low, high, bounds, turns, take } => {
                let range = ([low, high], bounds.get(), turns.get(), take.get());
                self.scan_at(which.get(), range, run)
            }
            O::Drop { which } => self.drop_snapshot(which.get(), run),
            O::Flush => {
                run.step();
                let answer = self.engine().flush();
                if offered(answer, "flush-succeeds", "a flush fails", run)?.is_some() {
                    self.succeeded(Call::Flush);
                }
                Ok(())
            }
            O::Compact => {
                run.step();
                if E::COMPACTS_ALONE {
                    self.snapshots.clear();
                }
                let answer = self.engine().compact();
                offered(answer, "compact-succeeds", "a compaction fails", run).map(drop)
            }
            O::Sync => {
                run.step();
                let answer = self.engine().sync();
                if offered(answer, "sync-succeeds", "a sync fails", run)?.is_some() {
                    self.succeeded(Call::Sync);
                }
                Ok(())
            }
            O::Check => {
                run.step();
                self.snapshots.clear();
                let answer = self.engine().check();
                offered(answer, "check-succeeds", "the engine's own check fails", run).map(drop)
            }
            O::Reopen => self.reopen(run),
            O::Clear => self.clear(run),
            O::RemoveRange { low, high, bounds } => {
                self.remove_range([low, high], bounds.get(), run)
            }
            O::Savepoint => self.savepoint(run),
            O::Restore => self.restore(run),
            O::Select { space } => self.select(space.get(), run),
            O::Delete { space } => self.delete(space.get(), run),
            O::Crash { .. } | O::Fail { .. } => unreachable!("these are not about the engine"),
        }
    }
}

/// A panic may leave an engine that panics again when it is dropped.
impl<E: Engine> Drop for EngineWorld<E> {
    fn drop(&mut self) {
        let (snapshots, engine) = (std::mem::take(&mut self.snapshots), self.engine.take());
        let _ = catch_unwind(AssertUnwindSafe(|| drop(snapshots)));
        let _ = catch_unwind(AssertUnwindSafe(|| drop(engine)));
    }
}

/// `count` steps that repeat the digits of a number, the first one first.
fn repeated(steps: u32, count: usize) -> Vec<u32> {
    let digits: Vec<u32> = steps.to_string().bytes().map(|digit| u32::from(digit - b'0')).collect();
    digits.into_iter().cycle().take(count).collect()
}
