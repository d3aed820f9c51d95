//! The process that judges: reads inputs, runs each on a new world, says what came of it.
//!
//! Trap: whatever the system under test prints goes to standard error, or it would be taken for a
//! reply.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter};
use std::rc::Rc;

use anyhow::{Context, Result};
use downbeat::AnyTarget;
use downbeat::drivers::CANARY_VARIABLE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::protocol::{self, Reply};

/// Judges inputs from standard input until there are no more, with `memory` bytes to do it in.
///
/// # Errors
///
/// The process cannot be confined, or nobody hears its replies.
pub fn serve(target: &dyn AnyTarget, memory: u64) -> Result<()> {
    confine(memory).context("cannot confine a process that judges")?;
    let stdout = rustix::io::dup(io::stdout()).context("cannot copy standard output")?;
    rustix::stdio::dup2_stdout(io::stderr()).context("cannot turn standard output away")?;
    let stdout = Rc::new(RefCell::new(BufWriter::new(File::from(stdout))));
    let mut stdin = io::stdin().lock();

    let mut runner = target.runner();
    runner.set_canary(std::env::var_os(CANARY_VARIABLE).is_some());
    let heard = Rc::clone(&stdout);
    runner.set_watcher(Box::new(move |explanation| {
        let [before @ .., now] = explanation else { return };
        let reply = match now.did.last() {
            None => {
                let (before, operation) = (before.last().cloned(), now.operation.clone());
                Reply::Began { before, operation }
            }
            Some(plain) => Reply::Does(plain.clone()),
        };
        // If nobody hears it, the last reply says so.
        let _ = protocol::reply(&mut *heard.borrow_mut(), &reply);
    }));
    let mut input = Vec::new();
    while let Some(explain) = protocol::take(&mut stdin, &mut input)? {
        runner.renew();
        let verdict = runner.judge(&input, explain);
        let last = verdict.run.explanation().last().cloned();
        let failure = verdict.failure.map(|failure| *failure);
        protocol::reply(&mut *stdout.borrow_mut(), &Reply::Judged { failure, last })?;
    }
    Ok(())
}

/// Bounds the memory, leaves no core behind, and ends the process with the one that started it.
fn confine(memory: u64) -> io::Result<()> {
    bound_memory(memory)?;
    setrlimit(Resource::Core, limit(0))?;
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

/// Bounds what this process may take of memory, from now on: `bytes` of data, or less where less is set
/// already. What asks for more aborts.
///
/// # Errors
///
/// The system does not let it.
pub fn bound_memory(bytes: u64) -> io::Result<()> {
    // Of the address space a limit would be met by mappings that nobody touches.
    let bytes = getrlimit(Resource::Data).maximum.map_or(bytes, |most| most.min(bytes));
    setrlimit(Resource::Data, limit(bytes))?;
    Ok(())
}

fn limit(bytes: u64) -> Rlimit {
    Rlimit { current: Some(bytes), maximum: Some(bytes) }
}
