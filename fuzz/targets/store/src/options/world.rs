//! The world: what each operation does.

use super::blame::Blames;
use super::events::Event;
use downbeat::check::{fail, holds};
use downbeat::input::encoding::Header;
use downbeat::records::Versioned;
use downbeat::{Checked, Run, World};
use downbeat_lsm::record::Key as _;
use downbeat_model::options::judge::Blame;
use downbeat_model::options::{Field, Operation, Operation::*, StoreNumbers};
use std::marker::PhantomData;

/// The world: the options of a store with records of type `R`, which the operations change.
#[derive(Debug)]
pub(super) struct Judged<R: Versioned> {
    /// The options of the store. They are valid between operations.
    pub(super) numbers: StoreNumbers,
    record: PhantomData<R>,
}

impl<R: Versioned> Judged<R> {
    pub(super) fn new() -> Self {
        Judged { numbers: Self::tiny(), record: PhantomData }
    }

    fn tiny() -> StoreNumbers {
        StoreNumbers::tiny(size_of::<R>() as u64, R::Key::SIZE as u64)
    }
}

impl<R: Versioned> World for Judged<R> {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, _run: &mut Run) -> Checked {
        self.numbers = Self::tiny();
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        run.step();
        match *operation {
            Store { option, to } => {
                let field = Field::ALL[option.get() as usize];
                self.change(&[(field, to.get())], run).map(drop)
            }
            StoreTwo { one, to, other, too } => {
                let [one, other] = [one, other].map(|option| Field::ALL[option.get() as usize]);
                self.change(&[(one, to.get()), (other, too.get())], run).map(drop)
            }
            Use { count } => self.use_store(count.get(), run),
            Device { less, sector } => self.device(less.get(), sector.get(), run),
            OpenOther { option, to } => {
                self.open_other(Field::ALL[option.get() as usize], to.get(), run)
            }
            Reset => {
                self.numbers = Self::tiny();
                Ok(())
            }
            _ => self.part(operation, run),
        }
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.use_store(8, run)
    }

    fn describe(&self) -> Vec<String> {
        let options = Field::ALL.map(|field| format!("{field:?} {}", self.numbers.get(field)));
        vec![options.join(", ")]
    }
}

/// Compares a judgement of the core with that of the model. Returns whether the options are valid.
pub(super) fn compare<E: Blames>(due: &Blame, got: Result<(), E>, run: &mut Run) -> Checked<bool> {
    let Err(error) = got else {
        return match due.first() {
            None => Ok(true),
            Some(_) => Err(fail(
                "options-are-refused",
                format!("an error about one of {due:?}"),
                "success",
            )
            .saying("options that are invalid are accepted")),
        };
    };
    let text = error.to_string();
    run.remark(|| text.clone());
    let option = error.option();
    run.result(option.len() as u64);
    if due.is_empty() {
        return Err(fail("options-are-accepted", "success", text)
            .saying("options that are valid are refused"));
    }
    holds("reason-is-due", due.contains(&option))
        .show(|| (format!("an error about one of {due:?}"), &text))
        .or("options are refused because of an option that is valid")?;
    holds("reason-names-its-option", text.contains(option))
        .show(|| (option, &text))
        .or("the message of an error does not name the option")?;
    Ok(false)
}

/// Counts the judgement of a part.
pub(super) fn count_part(valid: bool, run: &mut Run) {
    if valid { Event::PartAccepted } else { Event::PartRefused }.count(run);
}
