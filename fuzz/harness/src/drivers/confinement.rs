//! Bounds on a process that runs inputs: an input may ask for any amount of memory.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Bounds the memory of this process, leaves no core dump behind, and ends the process with its parent.
///
/// # Errors
///
/// Returns an error if the system refuses.
pub(super) fn confine(bytes: u64) -> io::Result<()> {
    bound_memory(bytes)?;
    setrlimit(Resource::Core, limit(0))?;
    end_with_parent()
}

/// Bounds the data of this process from now on: `bytes`, or less where a lower limit is set already.
/// An allocation beyond it aborts.
///
/// # Errors
///
/// Returns an error if the system refuses.
pub(super) fn bound_memory(bytes: u64) -> io::Result<()> {
    // A limit on the address space would count mappings that nothing touches.
    let bytes = getrlimit(Resource::Data).maximum.map_or(bytes, |most| most.min(bytes));
    setrlimit(Resource::Data, limit(bytes))?;
    Ok(())
}

/// Ends this process when its parent ends, however that happens.
///
/// # Errors
///
/// Returns an error if the system refuses.
pub(super) fn end_with_parent() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

fn limit(bytes: u64) -> Rlimit {
    Rlimit { current: Some(bytes), maximum: Some(bytes) }
}
