//! The tables and code blocks of `FORMAT.md`, by the heading of their section.

const PAGE: &str = include_str!("../../../FORMAT.md");

/// A field of a structure, as described on the page.
pub(crate) struct Field {
    pub(crate) offset: usize,
    pub(crate) size: usize,
    pub(crate) name: &'static str,
    kind: &'static str,
}

/// The text from this heading to the next one.
fn section(heading: &str) -> &'static str {
    let mut rest = PAGE;
    while let Some((_, behind)) = rest.split_once("\n#") {
        let (title, body) = behind.split_once('\n').expect("a heading ends");
        if title.trim_start_matches('#').trim() == heading {
            return body.split("\n#").next().unwrap_or(body);
        }
        rest = behind;
    }
    panic!("the page has a section \"{heading}\"");
}

/// The rows of a table of a section, without its heading. The first table of a section is number 0.
/// Backquotes around the text of a cell are removed.
pub(crate) fn rows(heading: &str, number: usize) -> Vec<Vec<&'static str>> {
    let lines: Vec<&str> = section(heading).lines().collect();
    let mut tables = lines.split(|line| !line.starts_with('|')).filter(|table| !table.is_empty());
    let table = tables.nth(number).expect("the section has a table");
    let cells = |line: &&'static str| {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().trim_matches('`')).collect()
    };
    table.iter().skip(2).map(cells).collect()
}

/// Parses a number, which may have commas.
pub(crate) fn number(cell: &str) -> u64 {
    let digits: String = cell.chars().filter(|digit| *digit != ',').collect();
    digits.parse().unwrap_or_else(|_| panic!("\"{cell}\" is a number"))
}

/// The first code block of a section.
pub(crate) fn code(heading: &str) -> &'static str {
    let mut parts = section(heading).split("```");
    let code = parts.nth(1).expect("the section has a code block");
    code.split_once('\n').expect("a code block has lines").1
}

/// The fields of the structure in a section. They must follow each other without gaps.
pub(crate) fn fields(heading: &str) -> Vec<Field> {
    let mut end = 0;
    let field = |row: Vec<&'static str>| {
        let [offset, size, name, kind, _] = row[..] else { panic!("a field has five columns") };
        let (offset, size) = (number(offset) as usize, number(size) as usize);
        assert_eq!(offset, end, "{heading}: {name}");
        end += size;
        let of_kind = match kind {
            "u8" | "u16" | "u32" | "u64" | "u128" => number(&kind[1..]) as usize / 8,
            "bytes" | "zero" => size,
            _ => panic!("{heading}: \"{kind}\" is a type"),
        };
        assert_eq!(size, of_kind, "{heading}: {name}");
        Field { offset, size, name, kind }
    };
    rows(heading, 0).into_iter().map(field).collect()
}

/// The bytes of a field.
pub(crate) fn bytes<'a>(heading: &str, structure: &'a [u8], name: &str) -> &'a [u8] {
    let fields = fields(heading);
    let field = fields.iter().find(|field| field.name == name);
    let Field { offset, size, .. } = field.unwrap_or_else(|| panic!("{heading} has {name}"));
    &structure[*offset..offset + size]
}

/// The value of a field that is a number.
pub(crate) fn value(heading: &str, structure: &[u8], name: &str) -> u128 {
    let bytes = bytes(heading, structure, name);
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

/// Asserts that a structure has these fields in this order, with these bytes, and zeros where the
/// page requires them.
pub(crate) fn assert_fields(heading: &str, structure: &[u8], known: &[(&str, &[u8])]) {
    let fields = fields(heading);
    let mut known = known.iter();
    for Field { offset, size, name, kind } in &fields {
        let found = &structure[*offset..offset + size];
        if *kind == "zero" {
            assert!(found.iter().all(|byte| *byte == 0), "{heading}: zero at {offset}");
            continue;
        }
        let (known_name, known_bytes) = known.next().expect("the test knows every field");
        assert_eq!(name, known_name, "{heading}: order");
        assert_eq!(found, *known_bytes, "{heading}: {name}");
    }
    assert_eq!(known.next(), None, "{heading}: the page has every field");
    assert_eq!(fields.iter().map(|field| field.size).sum::<usize>(), structure.len(), "{heading}");
}
