//! Parses inputs from text.

use super::TextError;
use super::lines::{check, column, lines};
use super::words::{Word, Words};
use crate::encoding::VERSION;
use crate::encoding::header::Header;
use crate::encoding::input::Input;
use crate::encoding::operation::Operation;
use crate::encoding::setting::Setting;

/// Parses the text of an input for the target `target`.
///
/// # Errors
///
/// The first malformed line, with the column and what to write instead.
pub fn parse<O: Operation>(target: &str, text: &str) -> Result<Input<O>, TextError> {
    let settings = O::SETTINGS;
    let mut input = Input { header: Header::PLAIN, operations: Vec::new() };
    for (number, line) in (1..).zip(lines(text)) {
        if input.operations.is_empty() {
            check_title(target, line, number)?;
        }
        let mut words = Words::new(line, number)?;
        let Some(first) = words.take_plain() else {
            let Some(word) = words.first() else { continue };
            return Err(word.error(format!(
                "a line begins with an operation or a setting, not with \"{}\"",
                word.text
            )));
        };
        if let Some(kind) = O::KINDS.iter().find(|kind| kind.name == first.text) {
            let kind = usize::from(kind.number);
            input.operations.push(O::parse(kind, &mut words)?);
            words.end(first.text, &|| O::takes(kind))?;
        } else if settings.iter().any(|setting| setting.line == first.text) {
            if !input.operations.is_empty() {
                return Err(first.error(format!(
                    "\"{}\" is a setting: settings come before the first operation",
                    first.text
                )));
            }
            parse_settings(settings, first.text, &mut input.header, &mut words)?;
            words.end(first.text, &|| settings_take(settings, first.text))?;
        } else {
            return Err(unknown::<O>(settings, &first));
        }
    }
    Ok(input)
}

/// Parses the settings of one line; those that it leaves out stay as they are.
fn parse_settings(
    settings: &[Setting],
    line: &str,
    header: &mut Header,
    words: &mut Words<'_>,
) -> Result<(), TextError> {
    for (index, setting) in settings.iter().enumerate() {
        if setting.line != line {
            continue;
        }
        let word = if setting.name.is_empty() {
            words.take_plain()
        } else {
            words.take_named(setting.name)
        };
        let Some(word) = word else { continue };
        let choice = setting.choices.find(word.text).ok_or_else(|| {
            let name = if setting.name.is_empty() { setting.line } else { setting.name };
            word.error(format!("{name} must be one of {}", setting.choices.list()))
        })?;
        header.choose(settings, index, choice);
    }
    Ok(())
}

/// Returns the settings that a line takes, with placeholders for their values.
fn settings_take(settings: &[Setting], line: &str) -> String {
    let own = settings.iter().filter(|setting| setting.line == line);
    own.map(Setting::takes).collect::<Vec<_>>().join(" ")
}

/// Checks a title, which names the target and the encoding of the input.
fn check_title(target: &str, line: &str, number: usize) -> Result<(), TextError> {
    let Some(title) = line.trim_start().strip_prefix("# downbeat ") else { return Ok(()) };
    let Some((name, version)) = title.split_once(", encoding ") else { return Ok(()) };
    check(line, title, number)?;
    let error = |part: &str, message: String| TextError {
        line: number,
        column: column(line, part),
        message,
    };
    if name.trim() != target {
        let message = format!("this is an input of \"{}\", not of \"{target}\"", name.trim());
        return Err(error(name, message));
    }
    // A version changes bytes, not words, so the texts of all versions so far have their meaning.
    if !version.trim().parse().is_ok_and(|version: u32| (1..=VERSION).contains(&version)) {
        let message = format!(
            "the text is in encoding {}; this version reads encodings 1 to {VERSION}",
            version.trim()
        );
        return Err(error(version, message));
    }
    Ok(())
}

fn unknown<O: Operation>(settings: &[Setting], word: &Word<'_>) -> TextError {
    // A longer word is no misspelt name, and would make the message unreadable.
    const QUOTED_MAX: usize = 40;
    if word.text.chars().count() > QUOTED_MAX {
        let start: String = word.text.chars().take(QUOTED_MAX).collect();
        return word.error(format!("unknown operation \"{start}...\""));
    }
    let names = O::KINDS.iter().map(|kind| kind.name);
    let names = names.chain(settings.iter().map(|setting| setting.line));
    let nearest = names
        .map(|name| (strsim::damerau_levenshtein(name, word.text), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3));
    let advice = match nearest {
        Some((_, name)) => format!("did you mean \"{name}\"?"),
        None => {
            let names: Vec<&str> = O::KINDS.iter().map(|kind| kind.name).collect();
            format!("operations are {}", names.join(", "))
        }
    };
    word.error(format!("unknown operation \"{}\"; {advice}", word.text))
}
