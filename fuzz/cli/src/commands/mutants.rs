//! `downbeat mutants`: tries whether the suite notices small changes of the core.

use std::io;

use anyhow::ensure;
use downbeat_campaign::mutants::{self, Fate, Mutant, Page, Trials, Watcher};
use downbeat_campaign::planted::{self, Searcher};
use downbeat_campaign::{LIBFUZZER, SEEDED, sample, tools};
use downbeat_protocol::project::Project;

use super::searches::{Doing, seconds};
use crate::arguments::MutantsArguments;
use crate::live::Aside;
use crate::{Ended, interrupt, print};

pub(crate) fn run(arguments: &MutantsArguments) -> anyhow::Result<Ended> {
    let project = Project::find()?;
    let stop = interrupt::watch()?;
    tools::CARGO_MUTANTS.ensure(&project, &mut Aside, stop)?;
    let all = mutants::list(&project)?;
    let page = Page::read(&project, &all)?;
    let mut chosen = all;
    chosen.retain(|mutant| {
        let texts = &arguments.containing;
        texts.is_empty() || texts.iter().any(|text| mutant.name.contains(text))
    });
    ensure!(!chosen.is_empty(), "no mutant contains this text; see them with --list");
    if let Some(count) = arguments.sample {
        chosen = sample(chosen, |mutant| mutant.name.clone(), count as usize, arguments.draw);
    }
    if arguments.list {
        chosen.iter().try_for_each(|mutant| print::line(&mutant.name))?;
        return Ok(Ended::Well);
    }
    let drivers = match &arguments.drivers[..] {
        [] => &[SEEDED, LIBFUZZER][..],
        some => some,
    };
    let searchers: Vec<Searcher> = drivers.iter().map(|driver| Searcher::plain(*driver)).collect();
    let patches = planted::patches(&project)?;
    let trials = Trials {
        project: &project,
        mutants: &chosen,
        page: &page,
        patches: &patches,
        searchers: &searchers,
        limit: arguments.time,
        searched: arguments.targets as usize,
        fresh: arguments.fresh,
    };
    print::line(&columns("killed by", "target", "seconds", "check", "mutant"))?;
    let mut printer = Printer { doing: Doing::new(), page: &page };
    let tried = trials.run(&mut printer, stop)?;
    printer.doing.end();
    print::line("")?;
    let fates: Vec<&Fate> = tried.fates.iter().map(|(_, fate)| fate).collect();
    print::line(&summary(&fates))?;
    if !tried.is_complete {
        eprintln!(
            "downbeat: interrupted after {} of {} mutants; run the same command to continue",
            tried.fates.len(),
            chosen.len()
        );
        return Ok(Ended::Interrupted);
    }
    let is_new = |(mutant, fate): &(&Mutant, Fate)| {
        *fate == Fate::Survived && !page.survivors.contains_key(&mutant.name)
    };
    Ok(if tried.fates.iter().any(is_new) { Ended::WithFinding } else { Ended::Well })
}

/// Prints a line for each mutant.
struct Printer<'a> {
    doing: Doing,
    page: &'a Page,
}

impl Watcher for Printer<'_> {
    fn doing(&mut self, what: &str) -> io::Result<()> {
        self.doing.says(what);
        Ok(())
    }

    fn fate(&mut self, mutant: &Mutant, fate: &Fate) -> io::Result<()> {
        let name = &mutant.name;
        let line = match fate {
            Fate::Equivalent => columns("equivalent", "-", "-", "-", name),
            Fate::DoesNotCompile => columns("compiler", "-", "-", "-", name),
            Fate::Killed { by, target, check, seconds: time } => {
                columns(by, target, &seconds(*time), check, name)
            }
            Fate::Survived if self.page.survivors.contains_key(name) => {
                columns("none (known)", "-", "-", "-", name)
            }
            Fate::Survived => columns("NONE", "-", "-", "-", name),
        };
        self.doing.line(&line)
    }
}

fn columns(by: &str, target: &str, seconds: &str, check: &str, mutant: &str) -> String {
    format!("{by:<12}  {target:<15}  {seconds:>7}  {check:<40}  {mutant}")
}

/// How many mutants were killed, in a line.
fn summary(fates: &[&Fate]) -> String {
    let count = |is: &dyn Fn(&Fate) -> bool| fates.iter().filter(|fate| is(fate)).count();
    let counts = count(&Fate::counts);
    let killed = count(&|fate| matches!(fate, Fate::Killed { .. }));
    let by_replay = count(&Fate::is_by_replay);
    let percent = |part: usize| 100.0 * part as f64 / counts.max(1) as f64;
    format!(
        "{} mutants: {} do not compile, {} are equivalent; of the other {counts}, {killed} are killed \
         ({:.1} %), {by_replay} of them by a replay ({:.1} %)",
        fates.len(),
        count(&|fate| *fate == Fate::DoesNotCompile),
        count(&|fate| *fate == Fate::Equivalent),
        percent(killed),
        percent(by_replay),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_that_does_not_compile_or_is_equivalent_does_not_count() {
        let killed = |by: &str| Fate::Killed {
            by: by.to_owned(),
            target: "tree",
            check: "tree/get-equals-model".to_owned(),
            seconds: 0.5,
        };
        let fates = [
            killed("replay"),
            killed("seeded"),
            killed("replay"),
            Fate::Survived,
            Fate::DoesNotCompile,
            Fate::Equivalent,
        ];
        let all: Vec<&Fate> = fates.iter().collect();
        assert_eq!(
            summary(&all),
            "6 mutants: 1 do not compile, 1 are equivalent; of the other 4, 3 are killed (75.0 %), 2 \
             of them by a replay (50.0 %)"
        );
        assert!(summary(&[]).contains("of the other 0, 0 are killed (0.0 %)"));
    }
}
