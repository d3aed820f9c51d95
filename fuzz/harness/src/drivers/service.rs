//! The service: answers the requests of `downbeat` about a target, until standard input ends.

use std::io::{self, BufRead, BufReader};

use crate::AnyTarget;
use crate::disk::{Armed, FaultKind};
use crate::explained::Explained;
use crate::generator::{Length, Profile, random_input};
use crate::protocol::CANARY_VARIABLE;
use crate::protocol::message::{Interference, Ran, Reply, Request, RunRequest, Tried, reply, take};
use crate::runner::Runner;
use crate::shrinker::{Alike, Over, Trials};

/// Serves requests about `target`.
///
/// # Errors
///
/// If a request cannot be read, or a reply cannot be written.
pub(super) fn serve(target: &'static dyn AnyTarget) -> io::Result<()> {
    let mut input = BufReader::new(io::stdin());
    let mut service = Service { target, runner: runner(target) };
    let mut bytes = Vec::new();
    while let Some(request) = take(&mut input, &mut bytes)? {
        let answer = match request {
            Request::Shrink => service.shrink(&bytes, &mut input),
            request => service.answer(&request, &bytes),
        };
        reply(&mut io::stdout().lock(), &answer)?;
    }
    Ok(())
}

/// Creates a runner that reports each operation as it begins.
fn runner(target: &dyn AnyTarget) -> Box<dyn Runner> {
    let mut runner = target.runner();
    runner.set_canary(std::env::var_os(CANARY_VARIABLE).is_some());
    runner.set_watcher(Box::new(move |explanation| {
        let [before @ .., now] = explanation else { return };
        let said = match now.did.last() {
            None => {
                let (before, operation) = (before.last().cloned(), now.operation.clone());
                Reply::Began { before, operation }
            }
            Some(plain) => Reply::Does(plain.clone()),
        };
        // An error is ignored here: if the pipe is closed, the last reply fails too.
        let _ = reply(&mut io::stdout().lock(), &said);
    }));
    runner
}

struct Service {
    target: &'static dyn AnyTarget,
    runner: Box<dyn Runner>,
}

impl Service {
    fn answer(&mut self, request: &Request, bytes: &[u8]) -> Reply {
        let target = self.target;
        match request {
            Request::Facts => Reply::Facts(target.facts()),
            Request::Run(how) => Reply::Ran(Box::new(self.run(how, bytes))),
            Request::Show => Reply::Text(target.show(bytes)),
            Request::ShowSettings => Reply::Text(target.show_settings(bytes)),
            Request::Encode => match std::str::from_utf8(bytes) {
                Ok(text) => match target.encode(text) {
                    Ok(bytes) => self.input(bytes),
                    Err(error) => Reply::Refused(format!(":{error}")),
                },
                Err(error) => Reply::Refused(format!(": not text: {error}")),
            },
            Request::Canonical => self.input(target.canonical(bytes)),
            Request::Migrate { version } => self.input(target.migrate(bytes, *version)),
            Request::ShowVersion { version } => Reply::Text(target.show_version(bytes, *version)),
            Request::Generate { profile, seed, number } => {
                let mut made = Vec::new();
                let length = if profile.is_some() { Length::Short } else { Length::Long };
                let profile = profile.unwrap_or(Profile::Swarm);
                target.generate(profile, *seed, *number, length, &mut made);
                self.input(made)
            }
            Request::Draw { room, seed } => {
                let mut made = Vec::new();
                target.draw(*room as usize, *seed, &mut made);
                self.input(made)
            }
            Request::Count { profile } => Reply::Count(target.count_inputs(*profile)),
            Request::Random { bytes, seed, number } => {
                self.input(random_input(*bytes as usize, *seed, *number))
            }
            Request::Dictionary => Reply::Text(target.dictionary()),
            Request::Shrink | Request::Tried(_) => {
                Reply::Refused("service: no search is under way".to_owned())
            }
        }
    }

    fn input(&self, bytes: Vec<u8>) -> Reply {
        let operations = self.target.count_operations(&bytes);
        Reply::Input { bytes, operations }
    }

    fn run(&mut self, how: &RunRequest, bytes: &[u8]) -> Ran {
        if how.renew {
            self.runner.renew();
        }
        self.runner.set_interference(how.interference.map(armed));
        let verdict = self.runner.judge(bytes, how.explain);
        Ran {
            failure: verdict.failure.map(|failure| *failure),
            last: verdict.run.explanation().last().cloned(),
            tally: *verdict.run.tally(),
            device_operations: verdict.run.device_operations_so_far(),
        }
    }

    fn shrink(&self, bytes: &[u8], requests: &mut impl BufRead) -> Reply {
        let mut trials = Remote { requests };
        let (bytes, to_the_end) = self.target.shrink(bytes, &mut trials);
        Reply::Shrunk { bytes, to_the_end }
    }
}

/// Trials that `downbeat` makes at the other end of the pipe, because a candidate may end the
/// process that runs it.
struct Remote<'a, I> {
    requests: &'a mut I,
}

impl<I: BufRead> Remote<'_, I> {
    fn ask(&mut self, candidate: &[u8], explain: bool) -> Result<Tried, Over> {
        let question = Reply::Try { candidate: candidate.to_owned(), explain };
        reply(&mut io::stdout().lock(), &question).map_err(|_| Over)?;
        match take(self.requests, &mut Vec::new()) {
            Ok(Some(Request::Tried(tried))) => Ok(tried),
            _ => Err(Over),
        }
    }
}

impl<I: BufRead> Trials for Remote<'_, I> {
    fn try_out(&mut self, candidate: &[u8]) -> Result<Option<Alike>, Over> {
        match self.ask(candidate, false)? {
            Tried::Alike(operation) => Ok(Some(Alike { operation })),
            Tried::Otherwise | Tried::Explained(_) => Ok(None),
            Tried::Over => Err(Over),
        }
    }

    fn explain(&mut self, candidate: &[u8]) -> Result<Vec<Explained>, Over> {
        match self.ask(candidate, true)? {
            Tried::Explained(history) => Ok(history),
            _ => Err(Over),
        }
    }
}

fn armed(interference: Interference) -> Armed {
    let (kind, nth) = match interference {
        Interference::CrashAt(nth) => (FaultKind::PowerLoss, nth),
        Interference::FailAt(nth) => (FaultKind::Fails, nth),
    };
    Armed { kind, access: None, nth }
}
