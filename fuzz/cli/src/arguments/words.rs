//! The words of the command line, before they are parsed.

use std::ffi::OsString;

/// The words of the command line, with `--engine NAME` replaced by `NAME` as the first argument of
/// the command. An adapter of an engine is a target, so it is named where a target is.
pub(crate) fn words(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let Some(place) = words.iter().position(|word| {
        word == "--engine" || word.to_str().is_some_and(|word| word.starts_with("--engine="))
    }) else {
        return words;
    };
    let word = words.remove(place);
    let name = match word.to_str().and_then(|word| word.strip_prefix("--engine=")) {
        Some(name) => name.into(),
        None if place < words.len() => words.remove(place),
        None => return words,
    };
    let first = if words.get(1).is_some_and(|word| word == "corpus") { 3 } else { 2 };
    words.insert(first.min(words.len()), name);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_becomes_the_first_argument_of_the_command() {
        let words = |line: &str| {
            let words = words(line.split(' ').map(OsString::from));
            words.join(" ".as_ref()).into_string().expect("text")
        };
        assert_eq!(words("downbeat fuzz --engine redb --seed 1"), "downbeat fuzz redb --seed 1");
        assert_eq!(words("downbeat replay INPUT --engine=redb"), "downbeat replay redb INPUT");
        assert_eq!(words("downbeat corpus stats --engine redb"), "downbeat corpus stats redb");
        assert_eq!(words("downbeat fuzz tree"), "downbeat fuzz tree");
    }
}
