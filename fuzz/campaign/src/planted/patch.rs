//! A patch that plants a bug, and its header.
//!
//! The header says what is wrong, where a bug of this kind was seen, and which checks are known to
//! report it.
//!
//! ```text
//! # fuzz/planted/cache_map/entry-is-lost.patch
//! # what      an entry is lost when its set is full
//! # seen      TigerBeetle 38e916fdf
//! # target    cache_map
//! # expect    check cache_map/get-equals-model or cache_map/lookup-equals-model
//! # difficulty m
//! # needs     14 ops
//! # within    120 s
//! diff --git a/lsm/src/...
//! ```
//!
//! Each line occurs once, in this order. The lines `needs` and `within` are optional; their
//! defaults are [`OPERATIONS_MAX`] and [`CPU_TIME`]. The difficulties are described at
//! [`Difficulty`].
//!
//! Patches are applied in `checkout`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Listing, registry};

/// The maximum number of operations of a shrunk input, unless the patch's header allows more.
pub const OPERATIONS_MAX: usize = 12;

/// The CPU time in which a planted bug must be found, unless the patch's header allows more.
pub const CPU_TIME: Duration = Duration::from_secs(60);

/// The folder that patches may change.
const CORE: &str = "lsm/src/";

/// How hard a bug is to find: what an input needs to reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difficulty {
    /// `e`: plain writes, removals and reads.
    Easy,
    /// `m`: structural events, or keys of a certain shape.
    Middle,
    /// `h`: tiny limits, scopes, crashes, or several of these together.
    Hard,
}

impl Difficulty {
    const ALL: [(&'static str, Difficulty); 3] =
        [("e", Difficulty::Easy), ("m", Difficulty::Middle), ("h", Difficulty::Hard)];
}

/// A patch that plants a bug.
#[derive(Clone)]
pub struct Patch {
    /// The file name without its extension.
    pub slug: String,
    /// The target that must find the bug.
    pub target: &'static Listing,
    /// What is wrong.
    pub what: String,
    /// The engine and commit with a bug of this kind, or `shape: ` and the kind of mistake.
    pub seen: String,
    /// The checks that are known to report the bug.
    pub expect: Vec<String>,
    /// How hard the bug is to find.
    pub difficulty: Difficulty,
    /// The maximum number of operations of a shrunk input.
    pub operations_max: usize,
    /// The CPU time in which the bug must be found.
    pub cpu_time: Duration,
    /// The text of the whole file.
    pub text: String,
}

impl Patch {
    /// Parses the patch in the file at `path`, which is relative to the checkout's root.
    ///
    /// # Errors
    ///
    /// Returns an error, with the file and the line, if a line of the header is malformed or the
    /// patch changes anything but the core.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let mut header = Header { path, lines: text.lines(), number: 0 };
        let title = format!("# {}", path.display());
        let line = header.next();
        ensure!(line == title, header.wrong(&title, line));
        let what = header.value("what", "WORDS")?;
        let seen = header.value("seen", "ENGINE COMMIT")?;
        let is_shape = seen.strip_prefix("shape: ").is_some_and(|words| !words.is_empty());
        let names_a_record = !seen.starts_with("shape") && seen.bytes().any(|b| b.is_ascii_digit());
        ensure!(
            is_shape || names_a_record,
            header.wrong("# seen ENGINE COMMIT\" or \"shape: WORDS", &seen)
        );
        let name = header.value("target", "NAME")?;
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        let target = registry::find(&name).filter(|target| target.name == folder);
        let Some(target) = target else {
            bail!(header.wrong("# target NAME, the name of the folder", &name));
        };
        let expect = header.value("expect", "check TARGET/CHECK or TARGET/CHECK")?;
        let expect = checks(&expect)
            .with_context(|| header.wrong("check TARGET/CHECK or TARGET/CHECK", &expect))?;
        let difficulty = header.value("difficulty", "e, m or h")?;
        let known = Difficulty::ALL.into_iter().find(|(letter, _)| *letter == difficulty);
        let (_, difficulty) = known.with_context(|| header.wrong("e, m or h", &difficulty))?;
        let (operations_max, cpu_time) = header.limits(target)?;
        header.patches_the_core()?;
        let slug = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = text.to_owned();
        Ok(Patch { slug, target, what, seen, expect, difficulty, operations_max, cpu_time, text })
    }

    /// Whether the header expects this check.
    #[must_use]
    pub fn expects(&self, check: &str) -> bool {
        self.expect.iter().any(|expected| expected == check)
    }

    /// The target and the slug. The name is unique among patches.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.target.name, self.slug)
    }

    /// The files that the patch changes, relative to the checkout's root.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter_map(|line| line.strip_prefix("+++ b/"))
    }
}

/// All patches of the checkout, by target and slug.
///
/// # Errors
///
/// Returns an error if a folder or file cannot be read, a file is not a patch, or [`Patch::parse`]
/// fails.
pub fn patches(project: &Project) -> Result<Vec<Patch>> {
    let mut files = Vec::new();
    for folder in entries(&project.planted())? {
        // This page describes the patches.
        if folder.ends_with("README.md") {
            continue;
        }
        files.extend(entries(&folder)?);
    }
    let mut patches = Vec::new();
    for file in files {
        let path = file.strip_prefix(project.root()).unwrap_or(&file);
        ensure!(
            path.extension().is_some_and(|extension| extension == "patch"),
            "{}: only patches belong here; name the file TARGET/SLUG.patch or remove it",
            path.display()
        );
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", path.display()))?;
        patches.push(Patch::parse(path, &text)?);
    }
    Ok(patches)
}

/// Selects `count` patches, or all if there are fewer. Consecutive values of `counter` select all
/// patches in turn.
#[must_use]
pub fn in_rotation(patches: Vec<Patch>, count: usize, counter: u64) -> Vec<Patch> {
    let all = patches.len();
    let count = count.min(all);
    // Each selection starts after the last patch of the previous one, so every patch is selected
    // once before any is selected again.
    let first = (u128::from(counter) * count as u128 % all.max(1) as u128) as usize;
    patches.into_iter().cycle().skip(first).take(count).collect()
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let reason = || format!("cannot read the folder {}", folder.display());
    let entries = folder.read_dir().with_context(reason)?;
    let mut paths =
        entries.map(|entry| Ok(entry.with_context(reason)?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Parses `check A or B`.
fn checks(text: &str) -> Option<Vec<String>> {
    let is_word = |word: &str| {
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        !word.is_empty() && word.bytes().all(plain)
    };
    let mut checks: Vec<String> = Vec::new();
    for check in text.strip_prefix("check ")?.split(" or ") {
        let (component, name) = check.split_once('/')?;
        if !is_word(component) || !is_word(name) || checks.iter().any(|known| known == check) {
            return None;
        }
        checks.push(check.to_owned());
    }
    Some(checks)
}

/// The lines of a patch, read in order.
struct Header<'a> {
    path: &'a Path,
    lines: std::str::Lines<'a>,
    /// The number of the line that was read last, counted from 1.
    number: usize,
}

impl<'a> Header<'a> {
    fn next(&mut self) -> &'a str {
        self.number += 1;
        self.lines.next().unwrap_or("")
    }

    /// The value of a line that is required.
    fn value(&mut self, key: &str, form: &str) -> Result<String> {
        let line = self.next();
        match value_of(line, key) {
            Some(value) => Ok(value.to_owned()),
            None => bail!(self.wrong(&format!("# {key} {form}"), line)),
        }
    }

    /// The values of the two optional lines, or their defaults. Also reads the next line, which
    /// begins the diff.
    fn limits(&mut self, target: &Listing) -> Result<(usize, Duration)> {
        let cpu_time_max = Duration::from_secs(target.budget.search_seconds);
        let form = format!(
            "# needs N ops\" with N above {OPERATIONS_MAX}, \"# within N s\" with N above {} and up to {}, \
             or \"diff --git",
            CPU_TIME.as_secs(),
            cpu_time_max.as_secs()
        );
        let mut line = self.next();
        let mut most = OPERATIONS_MAX;
        if let Some(needs) = value_of(line, "needs") {
            let number = needs.strip_suffix(" ops").and_then(|number| number.parse().ok());
            most = number
                .filter(|number| *number > OPERATIONS_MAX)
                .with_context(|| self.wrong(&form, line))?;
            line = self.next();
        }
        let mut cpu_time = CPU_TIME;
        if let Some(within) = value_of(line, "within") {
            let seconds = within.strip_suffix(" s").and_then(|number| number.parse().ok());
            cpu_time = seconds
                .map(Duration::from_secs)
                .filter(|time| *time > CPU_TIME && *time <= cpu_time_max)
                .with_context(|| self.wrong(&form, line))?;
            line = self.next();
        }
        ensure!(
            line.starts_with("diff --git ") || line.starts_with("--- "),
            self.wrong(&form, line)
        );
        Ok((most, cpu_time))
    }

    /// Checks that the diff changes at least one file, and only files of the core.
    fn patches_the_core(&mut self) -> Result<()> {
        let mut files = 0;
        while let Some(line) = self.lines.next() {
            self.number += 1;
            if let Some(file) = line.strip_prefix("+++ ") {
                let is_core = file.strip_prefix("b/").is_some_and(|file| file.starts_with(CORE));
                ensure!(is_core, self.wrong(&format!("+++ b/{CORE}"), line));
                files += 1;
            }
        }
        self.number += 1;
        ensure!(files > 0, self.wrong(&format!("+++ b/{CORE}"), ""));
        Ok(())
    }

    fn wrong(&self, expected: &str, got: &str) -> String {
        format!("{}:{}: expected \"{expected}\", got \"{got}\"", self.path.display(), self.number)
    }
}

/// The value after `# key`.
fn value_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line.strip_prefix("# ")?.strip_prefix(key)?;
    let value = rest.trim();
    (rest.starts_with(' ') && !value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
# fuzz/planted/cache_map/slug.patch
# what      an entry is lost
# seen      TigerBeetle 38e916fdf
# target    cache_map
# expect    check cache_map/get-equals-model or cache_map/map-is-in-model
# difficulty m
diff --git a/lsm/src/a.rs b/lsm/src/a.rs
--- a/lsm/src/a.rs
+++ b/lsm/src/a.rs
@@ -1 +1 @@
-a
+b
";

    fn parse(text: &str) -> Result<Patch> {
        Patch::parse(Path::new("fuzz/planted/cache_map/slug.patch"), text)
    }

    #[test]
    fn a_header_says_what_is_wrong_where_it_was_seen_and_which_checks_report_it() {
        let patch = parse(GOOD).expect("well-formed");
        assert_eq!(patch.name(), "cache_map/slug");
        assert_eq!((&*patch.what, &*patch.seen), ("an entry is lost", "TigerBeetle 38e916fdf"));
        assert!(patch.expects("cache_map/get-equals-model"));
        assert!(patch.expects("cache_map/map-is-in-model"));
        assert!(!patch.expects("cache_map/lookup-equals-model"));
        assert_eq!((patch.difficulty, patch.operations_max), (Difficulty::Middle, OPERATIONS_MAX));
        assert!(patch.files().eq(["lsm/src/a.rs"]));
        let longer = parse(&GOOD.replace("\ndiff", "\n# needs 14 ops\ndiff")).expect("well-formed");
        assert_eq!((longer.operations_max, longer.cpu_time), (14, CPU_TIME));
        let slower = GOOD.replace("\ndiff", "\n# needs 14 ops\n# within 120 s\ndiff");
        let slower = parse(&slower).expect("well-formed");
        assert_eq!((slower.operations_max, slower.cpu_time.as_secs()), (14, 120));
        parse(&GOOD.replace("TigerBeetle 38e916fdf", "shape: a limit that is off by one"))
            .expect("a shape instead of a commit is valid");
    }

    #[test]
    fn a_bug_of_a_tree_may_take_longer() {
        let of_tree = |seconds: u64| {
            let text = GOOD.replace("cache_map", "tree");
            let text = text.replace("\ndiff", &format!("\n# within {seconds} s\ndiff"));
            Patch::parse(Path::new("fuzz/planted/tree/slug.patch"), &text)
        };
        assert_eq!(of_tree(600).expect("well-formed").cpu_time.as_secs(), 600);
        let Err(error) = of_tree(601) else { panic!("too long") };
        assert!(error.to_string().contains("above 60 and up to 600"), "{error}");
    }

    #[test]
    fn a_malformed_header_is_refused_with_file_and_line() {
        for (line, good, bad) in [
            (1, "slug.patch", "other.patch"),
            (2, "# what ", "# why "),
            (2, "# what      an entry is lost\n", ""),
            (2, "an entry is lost", ""),
            (3, "TigerBeetle 38e916fdf", "TigerBeetle"),
            (3, "TigerBeetle 38e916fdf", "shape"),
            (4, "# target    cache_map", "# target    tree"),
            (4, "# target    cache_map", "# target    cache_maps"),
            (5, "check cache_map/get-equals-model or ", "cache_map/get-equals-model or "),
            (5, "cache_map/get-equals-model or ", "cache_map or "),
            (5, "cache_map/get-equals-model or ", "cache_map/get equals model or "),
            (5, "cache_map/get-equals-model or ", "cache_map/map-is-in-model or "),
            (6, "# difficulty m", "# difficulty x"),
            (6, "# difficulty m\n", ""),
            (7, "\ndiff", "\n# needs 12 ops\ndiff"),
            (7, "\ndiff", "\n# needs many ops\ndiff"),
            (7, "\ndiff", "\n# needs 14\ndiff"),
            (7, "\ndiff", "\n# sees 14 ops\ndiff"),
            (7, "\ndiff", "\n# within 60 s\ndiff"),
            (7, "\ndiff", "\n# within 121 s\ndiff"),
            (8, "\ndiff", "\n# within 120 s\n# needs 14 ops\ndiff"),
            (7, "\ndiff", "\n\ndiff"),
            (9, "+++ b/lsm/src/a.rs", "+++ b/fuzz/harness/src/a.rs"),
            (9, "+++ b/lsm/src/a.rs", "+++ lsm/src/a.rs"),
            (12, "+++ b/lsm/src/a.rs\n", ""),
        ] {
            let text = GOOD.replacen(good, bad, 1);
            assert_ne!(text, GOOD);
            let Err(error) = parse(&text) else { panic!("{bad:?} is taken") };
            let said = format!("{error:#}");
            let place = format!("fuzz/planted/cache_map/slug.patch:{line}: expected \"");
            assert!(said.starts_with(&place), "{bad:?}: {said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
        assert!(parse("").is_err());
    }

    #[test]
    fn a_rotation_selects_every_patch_before_it_repeats_any() {
        let all: Vec<Patch> = (0..7)
            .map(|number| Patch { slug: number.to_string(), ..parse(GOOD).expect("well-formed") })
            .collect();
        let slugs = |counter| {
            in_rotation(all.clone(), 3, counter)
                .into_iter()
                .map(|patch| patch.slug)
                .collect::<Vec<_>>()
        };
        let seven: Vec<String> = (0..7).flat_map(slugs).collect();
        for patch in &all {
            assert_eq!(seven.iter().filter(|slug| **slug == patch.slug).count(), 3);
        }
        assert_eq!(slugs(0), ["0", "1", "2"]);
        assert_eq!(slugs(2), ["6", "0", "1"]);
        assert_eq!(in_rotation(all.clone(), 9, u64::MAX).len(), 7);
        assert!(in_rotation(Vec::new(), 3, 5).is_empty());
    }
}
