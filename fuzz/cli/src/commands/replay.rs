//! `downbeat replay`: runs inputs and prints each operation with its result.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::{bail, ensure};
use downbeat_campaign::driver::HANG;
use downbeat_campaign::finding::report::{operation_line, thousands};
use downbeat_campaign::judge::{Judge, Verdict};
use downbeat_campaign::{Program, divergence, inputs};
use downbeat_protocol::message::Interference;

use crate::arguments::ReplayArguments;
use crate::{Ended, ask, interrupt, print};

pub(crate) fn run(arguments: &ReplayArguments) -> anyhow::Result<Ended> {
    let target = arguments.target;
    let interference = (arguments.crash_at.map(Interference::CrashAt))
        .or(arguments.fail_at.map(Interference::FailAt));
    if interference.is_some() {
        ensure!(
            target.has_device,
            "target {} has no device; leave out --crash-at and --fail-at",
            target.name
        );
    }
    let program = ask::program(target)?;
    let stop = interrupt::watch()?;
    let mut judge = Judge::reusing(&program);
    judge.set_interference(interference);
    if let Some(other) = &arguments.against {
        let [input] = &arguments.inputs[..] else {
            bail!("--against compares two inputs; name one input besides it")
        };
        return compare(&program, &mut judge, [input, other], stop);
    }
    let mut failures = 0;
    for path in &arguments.inputs {
        for file in inputs::files_or_refuse(path)? {
            let bytes = inputs::read(&program, &file)?;
            let name = file.display().to_string();
            if !arguments.quiet {
                for line in program.show_settings(&bytes)?.lines() {
                    print::line(&format!("  {line}"))?;
                }
            }
            failures += u32::from(replay(&mut judge, &bytes, &name, !arguments.quiet, stop)?);
        }
    }
    Ok(if failures == 0 { Ended::Well } else { Ended::WithFinding })
}

/// Prints the first difference between the runs of two inputs.
fn compare(
    program: &Program,
    judge: &mut Judge<'_>,
    paths: [&Path; 2],
    stop: &AtomicBool,
) -> anyhow::Result<Ended> {
    let mut settings = Vec::new();
    let mut histories = Vec::new();
    for path in paths {
        let bytes = inputs::read(program, path)?;
        settings.push(program.show_settings(&bytes)?);
        histories.push(judge.judge(&bytes, true, HANG, stop)?.history);
    }
    if settings[0] != settings[1] {
        for (mark, settings) in ["-", "+"].iter().zip(&settings) {
            for line in settings.lines() {
                print::line(&format!("{mark} {line}"))?;
            }
        }
    }
    let lines = divergence::lines(&histories[0], &histories[1]);
    let Some(lines) = lines else {
        print::line(&format!("the runs do not differ: {} operations", histories[0].len()))?;
        return Ok(Ended::Well);
    };
    lines.iter().try_for_each(|line| print::line(line))?;
    Ok(Ended::WithFinding)
}

/// Replays an input and returns whether it fails. With `explain`, prints each operation.
fn replay(
    judge: &mut Judge<'_>,
    bytes: &[u8],
    name: &str,
    explain: bool,
    stop: &AtomicBool,
) -> anyhow::Result<bool> {
    let judged = judge.judge(bytes, explain, HANG, stop)?;
    for (index, explained) in judged.history.iter().enumerate() {
        print::line(&operation_line(index as u64 + 1, explained))?;
    }
    match (&judged.verdict, judged.tally) {
        (Verdict::Fails(failure), _) => {
            print::line(&format!("{name}: FAILS: {failure}; identity {}", failure.identity))?;
            Ok(true)
        }
        (Verdict::Passes, Some(tally)) => {
            print::line(&format!(
                "{name}: ok, {} ops, {} steps",
                thousands(tally.operations),
                thousands(tally.steps)
            ))?;
            Ok(false)
        }
        _ => anyhow::bail!("interrupted"),
    }
}
