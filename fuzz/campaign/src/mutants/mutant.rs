//! A mutant: one change of a file of the core.

/// A change that replaces a piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The file and what is replaced in it. It has no number of a line, so that it stays the same
    /// when lines move. If several mutants of a file have the same description, each but the first
    /// has its number among them at the end: `#2`.
    pub name: String,
    /// The file, relative to the checkout's root.
    pub file: String,
    /// The beginning of the piece, and its end, which is not part of it.
    pub(super) piece: [Place; 2],
    pub(super) replacement: String,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Counted from 1.
    pub(super) line: usize,
    /// Counted from 1, in characters.
    pub(super) column: usize,
}

impl Place {
    /// The number of bytes before the place; `None` if the text does not have it.
    fn offset(self, text: &str) -> Option<usize> {
        let lines = text.split_inclusive('\n').take(self.line.checked_sub(1)?);
        let before: usize = lines.map(str::len).sum();
        let line = text[before..].split_inclusive('\n').next()?;
        let column = self.column.checked_sub(1)?;
        let places = line.char_indices().map(|(place, _)| place).chain([line.len()]);
        places.into_iter().nth(column).map(|place| before + place)
    }
}

impl Mutant {
    /// Changes the text of the file. Returns `None` if the text does not have the piece.
    pub(super) fn apply(&self, text: &str) -> Option<String> {
        let [start, end] = self.piece.map(|place| place.offset(text));
        let (start, end) = (start?, end?);
        let before = text.get(..start)?;
        let after = text.get(end..).filter(|_| start <= end)?;
        Some([before, &self.replacement, after].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(start: (usize, usize), end: (usize, usize)) -> Mutant {
        let place = |(line, column)| Place { line, column };
        Mutant {
            name: "lsm/src/a.rs: replace".to_owned(),
            file: "lsm/src/a.rs".to_owned(),
            piece: [start, end].map(place),
            replacement: "new".to_owned(),
        }
    }

    #[test]
    fn a_mutant_replaces_a_piece_of_one_or_more_lines() {
        let text = "é one\ntwo\nthree";
        let applied = |start, end| mutant(start, end).apply(text);
        assert_eq!(applied((1, 3), (1, 6)).as_deref(), Some("é new\ntwo\nthree"));
        assert_eq!(applied((1, 3), (3, 3)).as_deref(), Some("é newree"));
        assert_eq!(applied((3, 6), (3, 6)).as_deref(), Some("é one\ntwo\nthreenew"));
        for (start, end) in [((1, 3), (4, 1)), ((3, 1), (3, 7)), ((2, 1), (1, 1)), ((0, 1), (1, 1))]
        {
            assert_eq!(applied(start, end), None, "{start:?} to {end:?}");
        }
    }
}
