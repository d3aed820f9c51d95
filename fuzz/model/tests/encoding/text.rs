//! Text and bytes have the same meaning.

use arbtest::arbtest;
use downbeat_input::encoding::text::{parse, print};
use downbeat_input::encoding::{self, HEADER_BYTES, Input, TAG};
use downbeat_model::cache_map::Operation;
use downbeat_model::tree;

use crate::bytes::any_bytes;

#[test]
fn text_prints_and_parses_back() {
    arbtest(|unstructured| {
        let bytes = any_bytes(unstructured)?;
        prints_and_parses_back::<Operation>("cache_map", &bytes);
        prints_and_parses_back::<tree::Operation>("tree", &bytes);
        Ok(())
    });
}

fn prints_and_parses_back<O: encoding::Operation>(target: &str, bytes: &[u8]) {
    let input = Input::<O>::decode(bytes);
    let text = print(target, &input);
    assert_eq!(parse::<O>(target, &text).expect("a printed text is valid"), input);
}

#[test]
fn remarks_blank_lines_and_missing_arguments_are_allowed() {
    let text = "\n  # a remark\ngeometry sets=3   # three\n\nupsert\nupsert_run @hot:3\n";
    let input = parse::<Operation>("cache_map", text).expect("the text is well-formed");
    let printed = print("cache_map", &input);
    assert!(printed.contains("geometry ways=2 sets=3 stash=8 scope=4\n"), "{printed}");
    assert!(printed.ends_with("upsert @gap:0\nupsert_run @hot:3 count=8 stride=1\n"), "{printed}");
}

#[test]
fn every_class_of_key_prints_and_parses() {
    let keys = "@gap:1792 @hot:39 @near:-4 @near:+4 @extreme:max-1 @extreme:2^63 @cold:1023 0x0 \
                0xffffffffffffffff";
    for key in keys.split_whitespace() {
        key_prints_and_parses::<Operation>("cache_map", key);
        key_prints_and_parses::<tree::Operation>("tree", key);
    }
    for landmark in [
        "@first:level=1,table=0",
        "@last:level=6,table=127",
        "@live:0",
        "@live:13-1",
        "@block_first:3+1",
        "@block_last:12",
    ] {
        key_prints_and_parses::<tree::Operation>("tree", landmark);
    }
    let decimal = parse::<Operation>("cache_map", "get 17").expect("decimal");
    assert!(print("cache_map", &decimal).ends_with("get 0x11\n"));
}

fn key_prints_and_parses<O: encoding::Operation>(target: &str, key: &str) {
    let line = format!("get {key}");
    let input = parse::<O>(target, &line).expect(key);
    let again = Input::<O>::decode(&input.encode());
    assert!(print(target, &again).ends_with(&format!("{line}\n")), "{key}");
}

#[test]
fn the_bytes_of_a_landmark_are_a_hot_key_in_a_target_without_tables() {
    assert!(decoded_get::<Operation>("cache_map").ends_with("get @hot:3\n"));
    assert!(decoded_get::<tree::Operation>("tree").ends_with("get @last:level=1,table=9\n"));
}

/// Decodes a get whose key has the bytes of the landmark `@last:level=1,table=9`. Returns its text.
fn decoded_get<O: encoding::Operation>(target: &str) -> String {
    let kind = O::KINDS.iter().position(|kind| kind.name == "get").expect("every target gets");
    let bytes = [&[0; HEADER_BYTES][..], &[TAG | kind as u8, 104 + 3, 9]].concat();
    print(target, &Input::<O>::decode(&bytes))
}

fn tree_text(text: &str) -> String {
    let input = parse::<tree::Operation>("tree", text);
    print("tree", &input.unwrap_or_else(|error| panic!("{error}: {text:?}")))
}

#[test]
fn line_ends_blanks_and_a_byte_order_mark_change_nothing() {
    let text = "# downbeat tree, encoding 1\nmix writes\nput 0x7\n\nremove 0x8\n";
    let plain = tree_text(text);
    for other in [
        format!("\u{feff}{text}"),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\r"),
        text.replace('\n', " \t\n"),
        text.replace('\n', " \r\n"),
        text.replace(' ', "\t  "),
        text.trim_end().to_owned(),
        format!("\u{feff}{}\r\n \t", text.replace('\n', "\t\r\n")),
    ] {
        assert_eq!(tree_text(&other), plain, "{other:?}");
    }
}

#[test]
fn a_remark_may_hold_any_character() {
    let plain = tree_text("put 1\n");
    assert_eq!(tree_text("put 1 # \u{e9}\0\u{200b}\u{feff}\n# \u{a0}\u{1f680}\u{200d}\n"), plain);
}
