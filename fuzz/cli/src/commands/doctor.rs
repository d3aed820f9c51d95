//! `downbeat doctor`: says which drivers work here, and what the others need.

use downbeat_campaign::doctor::{self, State};
use downbeat_protocol::project::Project;

use crate::{Ended, print};

pub(crate) fn run() -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let mut ended = Ended::Well;
    for diagnosis in doctor::examine(&project) {
        let state = match diagnosis.state {
            State::Works => "works",
            State::Prepares => "not yet",
            State::Fails => "FAILS",
        };
        let line = format!("{:<10} {state:<8} {}", diagnosis.name, diagnosis.why);
        print::line(line.trim_end())?;
        if diagnosis.state == State::Fails {
            ended = Ended::WithFinding;
        }
    }
    for remark in doctor::remarks(&project) {
        print::line(&format!("{:<10} {:<8} {remark}", "machine", "remark"))?;
    }
    Ok(ended)
}
