//! A malformed text is refused with the line, the column and what to write instead.

use downbeat_input::encoding::text::parse;
use downbeat_model::cache_map::Operation;
use downbeat_model::tree;

fn error(text: &str) -> String {
    parse::<Operation>("cache_map", text).expect_err("the text is malformed").to_string()
}

#[test]
fn a_misspelt_operation_is_refused_with_line_column_and_a_suggestion() {
    let message = error("# downbeat cache_map, encoding 1\nget 0x11\n  upsrt 0x11\n");
    assert_eq!(message, "3:3: unknown operation \"upsrt\"; did you mean \"upsert\"?");
    assert!(error("zzzz").starts_with("1:1: unknown operation \"zzzz\"; operations are upsert,"));
}

#[test]
fn a_malformed_argument_is_refused_at_its_column() {
    assert!(error("get 0xzz").starts_with("1:5: \"0xzz\" is not a key; write 0x11"));
    assert!(error("get @gap:9").starts_with("1:5: "));
    for beyond in ["@last:level=7,table=0", "@first:level=0,table=128", "@first:table=0"] {
        let error = parse::<tree::Operation>("tree", &format!("get {beyond}"));
        let error = error.expect_err("the text is malformed").to_string();
        assert!(error.starts_with("1:5: ") && error.contains("@first:level=0,table=0"), "{error}");
    }
    let error_without_tables = error("get @first:level=0,table=0");
    assert!(
        error_without_tables.ends_with("@near:-4..+4 or @extreme:max"),
        "{error_without_tables}"
    );
    assert!(error("upsert_run 1 count=65").starts_with("1:20: count must be one of 1, 2, 3"));
    assert_eq!(error("compact now"), "1:9: \"compact\" takes no \"now\"; it takes no arguments");
    assert_eq!(error("get 1 count=2"), "1:7: \"get\" takes no \"count=2\"; it takes <key>");
}

#[test]
fn settings_after_operations_and_unknown_values_are_refused() {
    let message = error("geometry ways=3");
    assert_eq!(message, "1:15: ways must be one of 2, 4, 16");
    assert!(error("compact\nmix even").starts_with("2:1: \"mix\" is a setting"));
}

#[test]
fn a_text_of_another_target_or_encoding_is_refused() {
    let message = error("# downbeat tree, encoding 1");
    assert_eq!(message, "1:12: this is an input of \"tree\", not of \"cache_map\"");
    let message = error("# downbeat cache_map, encoding 99");
    assert_eq!(message, "1:32: the text is in encoding 99; this version reads encodings 1 to 2");
}

fn tree_error(text: &str) -> String {
    parse::<tree::Operation>("tree", text).expect_err("the text is malformed").to_string()
}

#[test]
fn an_unknown_argument_is_refused_with_the_valid_arguments() {
    assert_eq!(
        tree_error("scan_seek 9 24 seek=24"),
        "1:16: \"scan_seek\" takes no \"seek=24\"; it takes <from> <to> records=<number> <seek>"
    );
    assert_eq!(
        tree_error("put_run 1 cuont=2"),
        "1:11: \"put_run\" takes no \"cuont=2\"; it takes <key> count=<number> stride=<number>"
    );
    assert_eq!(tree_error("put 1 2"), "1:7: \"put\" takes no \"2\"; it takes <key>");
    assert_eq!(tree_error("want 1"), "1:6: \"want\" takes no \"1\"; it takes no arguments");
}

#[test]
fn an_invalid_value_of_a_setting_is_refused_with_the_valid_values() {
    assert_eq!(
        tree_error("memory cahce=4"),
        "1:8: \"memory\" takes no \"cahce=4\"; it takes cache=<number> ahead=<number>"
    );
    assert_eq!(
        tree_error("io in_flight=2 reversed"),
        "1:16: \"io\" takes no \"reversed\"; it takes in_flight=<number> order=<word>"
    );
    assert_eq!(
        tree_error("keys mixed cold=4"),
        "1:12: \"keys\" takes no \"cold=4\"; it takes <word> hot=<number>"
    );
    assert_eq!(tree_error("schedule 7 8"), "1:12: \"schedule\" takes no \"8\"; it takes <number>");
}

#[test]
fn a_line_without_an_operation_is_refused() {
    assert_eq!(
        tree_error("put 1\ncount=2\n"),
        "2:1: a line begins with an operation or a setting, not with \"count=2\""
    );
}

#[test]
fn an_invalid_character_is_named_with_its_position() {
    let expected = |line: usize, column: usize, character: &str| {
        format!(
            "{line}:{column}: unexpected character {character}; outside remarks, only printable ASCII, \
             spaces and tabs are allowed"
        )
    };
    for (invisible, name) in [
        ('\0', "U+0000"),
        ('\x08', "U+0008"),
        ('\x0b', "U+000B"),
        ('\x0c', "U+000C"),
        ('\x1b', "U+001B"),
        ('\x7f', "U+007F"),
        ('\u{85}', "U+0085"),
        ('\u{a0}', "U+00A0"),
        ('\u{ad}', "U+00AD"),
        ('\u{200b}', "U+200B"),
        ('\u{200e}', "U+200E"),
        ('\u{2028}', "U+2028"),
        ('\u{2060}', "U+2060"),
        ('\u{3000}', "U+3000"),
        ('\u{feff}', "U+FEFF"),
        ('\u{e0020}', "U+E0020"),
    ] {
        let text = format!("mix even\nget 1\nput{invisible} 1\n");
        assert_eq!(tree_error(&text), expected(3, 4, name));
        assert_eq!(tree_error(&format!("put 1{invisible}")), expected(1, 6, name));
        assert_eq!(tree_error(&format!("put 1\n{invisible}\n")), expected(2, 1, name));
        assert_eq!(tree_error(&format!("mix{invisible} even")), expected(1, 4, name));
        let title = format!("# downbeat tree{invisible}, encoding 1");
        assert_eq!(tree_error(&title), expected(1, 16, name));
        let title = format!("# downbeat tree, encoding 1{invisible}");
        assert_eq!(tree_error(&title), expected(1, 28, name));
    }
    // Letters that look like others, and characters that editors put in place of quotes and dashes.
    assert_eq!(tree_error("р\u{443}t 1"), expected(1, 1, "'р' (U+0440)"));
    assert_eq!(tree_error("put_run 1 stride=–1"), expected(1, 18, "'–' (U+2013)"));
}
