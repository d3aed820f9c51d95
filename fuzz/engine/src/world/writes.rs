//! Operations that write.

use std::collections::BTreeSet;

use downbeat::input::encoding::Key;
use downbeat::{Checked, Run};

use super::{EngineWorld, compare, offered, repeated, required};
use crate::commits::Changed;
use crate::durability::Call;
use crate::engine::{Engine, Result, Step, Write};
use crate::events::Event;
use crate::keys;
use crate::model::Map;
use crate::scan::{Scan, Turns};
use crate::values::Value;

/// A key and, if it is put, its value and the bytes of the value.
type Keyed = (Vec<u8>, Option<(Value, Vec<u8>)>);

/// What a write changes.
fn changed((key, value): &Keyed) -> (Vec<u8>, Option<Value>) {
    (key.clone(), value.as_ref().map(|(value, _)| *value))
}

impl<E: Engine> EngineWorld<E> {
    pub(super) fn put(&mut self, number: u64, size: u32, run: &mut Run) -> Checked {
        let value = self.value(size);
        self.write(number, Some(value), run)
    }

    pub(super) fn remove(&mut self, number: u64, run: &mut Run) -> Checked {
        self.write(number, None, run)
    }

    /// Writes a key in a batch of its own.
    fn write(&mut self, number: u64, value: Option<Value>, run: &mut Run) -> Checked {
        let key = self.form.key(number, &E::KEY_LENGTHS);
        run.step();
        run.remark(|| match value {
            Some(value) => format!("{} = #{}", keys::show(&key), value.stamp),
            None => keys::show(&key),
        });
        if value.is_some() {
            run.keys.wrote(number);
        }
        let bytes = value.map(|value| value.bytes());
        let write = match &bytes {
            Some(bytes) => Write::Put(&key, bytes),
            None => Write::Remove(&key),
        };
        let space = self.model.selected();
        self.begins(|_| Changed::Keys(space, vec![(key.clone(), value)]));
        required(self.engine().apply(&[write]), "write-succeeds", "a write fails")?;
        self.succeeded(Call::Write);
        self.model.map_mut().write(&key, value);
        Ok(())
    }

    /// The writes of a batch or a transaction: for each step, the key and the value, if it is put.
    fn values_of(
        &mut self,
        numbers: impl Iterator<Item = u64>,
        size: u32,
        steps: &[u32],
        run: &mut Run,
    ) -> Vec<Keyed> {
        let made = numbers.zip(steps).map(|(number, step)| {
            let key = self.form.key(number, &E::KEY_LENGTHS);
            let value = (*step == 1).then(|| {
                run.keys.wrote(number);
                let value = self.value(size);
                (value, value.bytes())
            });
            (key, value)
        });
        made.collect()
    }

    pub(super) fn batch(
        &mut self,
        numbers: impl Iterator<Item = u64>,
        size: u32,
        steps: u32,
        run: &mut Run,
    ) -> Checked {
        let steps = repeated(steps, 64);
        let writes = self.values_of(numbers, size, &steps, run);
        let different: BTreeSet<&[u8]> = writes.iter().map(|(key, _)| &**key).collect();
        Event::Batch.count_if(different.len() < writes.len(), run);
        let batch: Vec<Write<'_>> = writes
            .iter()
            .map(|(key, value)| match value {
                Some((_, bytes)) => Write::Put(key, bytes),
                None => Write::Remove(key),
            })
            .collect();
        run.step();
        let space = self.model.selected();
        self.begins(|_| Changed::Keys(space, writes.iter().map(changed).collect()));
        required(self.engine().apply(&batch), "write-succeeds", "a write fails")?;
        self.succeeded(Call::Write);
        for (key, value) in &writes {
            self.model.map_mut().write(key, value.as_ref().map(|(value, _)| *value));
        }
        Ok(())
    }

    pub(super) fn transact(
        &mut self,
        numbers: impl Iterator<Item = u64>,
        size: u32,
        steps: u32,
        commit: bool,
        run: &mut Run,
    ) -> Checked {
        let mut kinds = repeated(steps, 64);
        if !self.model.has_kept() {
            kinds.iter_mut().filter(|kind| **kind == 6).for_each(|kind| *kind = 3);
        }
        let made = self.values_of(numbers, size, &kinds, run);
        let backward =
            Scan::new(Scan::ALL.bounds().0, Scan::ALL.bounds().1, Turns::Backward, usize::MAX);
        let steps: Vec<Step<'_>> = made
            .iter()
            .zip(&kinds)
            .map(|((key, value), kind)| match (kind, value) {
                (1, Some((_, bytes))) => Step::Write(Write::Put(key, bytes)),
                (2, _) => Step::Write(Write::Remove(key)),
                (3, _) => Step::Get(key),
                (4, _) => Step::Scan(Scan::ALL),
                (5, _) => Step::Scan(backward.clone()),
                _ => Step::Restore,
            })
            .collect();
        run.step();
        if commit {
            self.begins(|world| world.changed_by(&made, &steps));
        }
        let answer = self.engine().transact(&steps, commit);
        let (check, what) = ("transaction-succeeds", "a transaction fails");
        let answers = match commit {
            true => self.written(answer, check, what, run)?,
            false => offered(answer, check, what, run)?,
        };
        let Some(answers) = answers else { return Ok(()) };
        Event::RolledBack.count_if(!commit, run);
        let mut map = self.model.map().clone();
        let mut restored = false;
        let mut answers = answers.into_iter();
        for (step, (key, value)) in steps.iter().zip(&made) {
            let expected = match step {
                Step::Write(_) => {
                    map.write(key, value.as_ref().map(|(value, _)| *value));
                    continue;
                }
                Step::Get(key) => map.get(key).map(|value| (*key, value)).into_iter().collect(),
                Step::Scan(scan) => map.scan(scan),
                Step::Restore => {
                    map.clone_from(self.model.kept());
                    restored = true;
                    continue;
                }
            };
            let got = answers.next().unwrap_or_default();
            let what = "a transaction reads something else than it wrote and found";
            compare::pairs("transaction-equals-model", what, &expected, &got, run)?;
        }
        if commit {
            if restored {
                self.model.restore();
            }
            *self.model.map_mut() = map;
            if restored {
                return self.restored(run);
            }
        }
        Ok(())
    }

    /// What a transaction of these steps changes.
    fn changed_by(&self, made: &[Keyed], steps: &[Step<'_>]) -> Changed {
        let space = self.model.selected();
        let restores = steps.iter().rposition(|step| matches!(step, Step::Restore));
        let written = steps.iter().zip(made).skip(restores.map_or(0, |place| place + 1));
        let written = written.filter(|(step, _)| matches!(step, Step::Write(_)));
        let keys: Vec<_> = written.map(|(_, made)| changed(made)).collect();
        if restores.is_none() {
            return Changed::Keys(space, keys);
        }
        let mut spaces = self.model.kept_spaces().clone();
        keys.iter().for_each(|(key, value)| spaces[space].write(key, *value));
        Changed::Spaces(spaces.into_iter().enumerate().collect())
    }

    /// The answer of a method that writes, which [`EngineWorld::begins`] announced.
    pub(super) fn written<T>(
        &mut self,
        answer: Result<T>,
        check: &'static str,
        what: &'static str,
        run: &mut Run,
    ) -> Checked<Option<T>> {
        let answer = offered(answer, check, what, run)?;
        match answer {
            Some(_) => self.succeeded(Call::Write),
            None => self.never_began(),
        }
        Ok(answer)
    }

    pub(super) fn clear(&mut self, run: &mut Run) -> Checked {
        run.step();
        let space = self.model.selected();
        self.begins(|_| Changed::Spaces(vec![(space, Map::default())]));
        let answer = self.engine().clear();
        if self.written(answer, "clear-succeeds", "removing every key fails", run)?.is_some() {
            self.model.map_mut().clear();
            let what = "pairs are left after every key was removed";
            self.scan_all("clear-equals-model", what, run)?;
        }
        Ok(())
    }

    pub(super) fn remove_range(&mut self, keys: [Key; 2], bounds: u32, run: &mut Run) -> Checked {
        let range = self.scan_of(keys, bounds, 0, 0, run);
        let range = range.borrow();
        run.step();
        self.begins(|world| {
            let mut map = world.model.map().clone();
            map.remove_range(&range);
            Changed::Spaces(vec![(world.model.selected(), map)])
        });
        let answer = self.engine().remove_range(&range);
        if self.written(answer, "remove-range-succeeds", "removing a range fails", run)?.is_some() {
            self.model.map_mut().remove_range(&range);
            let what = "the pairs after a range was removed are other ones";
            self.scan_all("remove-range-equals-model", what, run)?;
        }
        Ok(())
    }
}
