//! Values on the command line: names and times, and what is said about those that are invalid.

use std::time::Duration;

use downbeat_campaign::adapters;
use downbeat_campaign::driver::{self, Driver};
use downbeat_campaign::planted::{Origin, Searcher};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, Part, Profile, registry};

/// A target, parsed from its name.
pub(crate) type TargetArgument = &'static Listing;

pub(super) fn target(name: &str) -> Result<TargetArgument, String> {
    let project = Project::find().ok();
    let has_registry = !project.as_ref().is_some_and(Project::is_outside);
    if let Some(target) = registry::find(name).filter(|_| has_registry) {
        return Ok(target);
    }
    if let Some(adapter) = project.as_ref().and_then(|project| adapters::find(project, name)) {
        return Ok(adapter);
    }
    let adapters = project.as_ref().map(adapters::names).unwrap_or_default();
    let names = registry::TARGETS.iter().filter(|_| has_registry).map(|target| target.name);
    let names: Vec<&str> = names.chain(adapters.iter().map(String::as_str)).collect();
    Err(match nearest(name, &names) {
        Some(nearest) => format!("unknown target \"{name}\"; did you mean \"{nearest}\"?"),
        None => format!("unknown target \"{name}\"; targets are {}", names.join(", ")),
    })
}

pub(super) fn driver(name: &str) -> Result<&'static dyn Driver, String> {
    driver::find(name).map_err(|error| error.to_string())
}

pub(super) fn searcher(text: &str) -> Result<Searcher, String> {
    Searcher::parse(text).map_err(|error| error.to_string())
}

pub(super) fn origin(name: &str) -> Result<Origin, String> {
    let found = Origin::ALL.into_iter().find(|origin| origin.name() == name);
    found.ok_or_else(|| format!("\"{name}\" is not a beginning; write empty or corpus"))
}

pub(super) fn part(name: &str) -> Result<Part, String> {
    Part::find(name).ok_or_else(|| {
        let names = Part::ALL.map(Part::name);
        format!("unknown part \"{name}\"; parts are {}", names.join(", "))
    })
}

/// The profiles that the name on the command line selects.
#[derive(Clone, Debug)]
pub(crate) struct Profiles(pub(crate) Vec<Profile>);

pub(super) fn profiles(name: &str) -> Result<Profiles, String> {
    if name == "all" {
        return Ok(Profiles(Profile::ALL.to_vec()));
    }
    let found = Profile::ALL.into_iter().find(|profile| profile.name() == name);
    found.map(|profile| Profiles(vec![profile])).ok_or_else(|| {
        let names = Profile::ALL.map(Profile::name);
        match nearest(name, &names) {
            Some(nearest) => format!("unknown profile \"{name}\"; did you mean \"{nearest}\"?"),
            None => {
                format!("unknown profile \"{name}\"; profiles are all, {}", names.join(", "))
            }
        }
    })
}

/// The list of profiles for the help text.
pub(super) fn list_profiles() -> String {
    let lines = Profile::ALL.map(|profile| format!("\n{:<11} {}", profile.name(), profile.about()));
    format!("The profile of the inputs:{}\nall         each of these\n", lines.concat())
}

/// The known name that is nearest to a misspelt one, if any is near.
pub(crate) fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let nearest = names.iter().map(|known| (strsim::damerau_levenshtein(known, name), *known));
    nearest.min().filter(|(distance, known)| *distance <= known.len() / 3).map(|(_, known)| known)
}

/// Parses a time from a millisecond to a year. A number without a unit is in seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let parsed = match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed
        .filter(|time| (Duration::from_millis(1)..=YEAR).contains(time))
        .ok_or_else(|| format!("\"{text}\" is not a time; write 90s, 2m or 1h30m, at most a year"))
}
