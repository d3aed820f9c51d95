//! The lines of a text, and the characters that they may contain.
//!
//! Text from other systems and editors reads the same: a byte order mark at the start is skipped,
//! and a line ends with LF, CR LF or CR. Outside remarks, a character that is not printable ASCII
//! may be invisible or look like another character, so it is an error, which names the character.

use super::TextError;

/// The lines of a text, without their ends.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// The column, in characters, from 1, at which `part` of `line` begins.
pub(super) fn column(line: &str, part: &str) -> usize {
    let bytes = part.as_ptr() as usize - line.as_ptr() as usize;
    line[..bytes].chars().count() + 1
}

/// Checks the characters of `part` of a line, which must not be part of a remark.
///
/// # Errors
///
/// The first character that is neither printable ASCII nor a space or tab.
pub(super) fn check(line: &str, part: &str, number: usize) -> Result<(), TextError> {
    let is_expected = |character: char| matches!(character, ' '..='~' | '\t');
    let Some((place, character)) = part.char_indices().find(|(_, other)| !is_expected(*other))
    else {
        return Ok(());
    };
    let code = format!("U+{:04X}", u32::from(character));
    let is_visible = character.escape_debug().eq([character]);
    let name = if is_visible { format!("'{character}' ({code})") } else { code };
    Err(TextError {
        line: number,
        column: column(line, &part[place..]),
        message: format!(
            "unexpected character {name}; outside remarks, only printable ASCII, spaces and tabs \
             are allowed"
        ),
    })
}
