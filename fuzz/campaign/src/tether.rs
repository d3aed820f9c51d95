//! Makes drivers end with this program, even if it is killed.
//!
//! A driver is started through this program. The child process asks the system to kill it when its
//! parent ends, and then replaces itself by the driver. The request stays in effect. If a driver
//! starts the program of a target, that program watches its parent itself (`downbeat::drivers`).

use std::os::unix::process::{CommandExt, parent_id};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The variable that makes this program become the driver. Its value is the id of the parent
/// process.
const VARIABLE: &str = "DOWNBEAT_TETHER";

/// Returns a command that runs `command` and ends with this process.
///
/// # Errors
///
/// Returns an error if the path of this program is unknown.
pub(crate) fn tether(command: &Command) -> Result<Command> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let mut tethered = Command::new(program);
    tethered.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => tethered.env(name, value),
            None => tethered.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        tethered.current_dir(folder);
    }
    tethered.env(VARIABLE, std::process::id().to_string());
    Ok(tethered)
}

/// Replaces this process by the command in its arguments, if `tether` made the command that started
/// this process. Otherwise returns without effect.
///
/// # Errors
///
/// Returns an error if the command cannot be started.
pub fn become_command_if_asked() -> Result<()> {
    let Ok(parent) = std::env::var(VARIABLE) else { return Ok(()) };
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .context("cannot tie a driver to this program")?;
    // The parent may have ended before the request to the system.
    if parent_id().to_string() != parent {
        bail!("the program that started this driver has ended");
    }
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().context("the command of the driver is missing")?;
    let mut command = Command::new(&program);
    let error = command.args(arguments).env_remove(VARIABLE).exec();
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}
