//! What every byte string and every text must be to the encoding, by property.

use arbitrary::Unstructured;
use arbtest::arbtest;
use downbeat_model::cache_map::Operation;
use downbeat_model::encoding::text::{parse, print};
use downbeat_model::encoding::{
    self, HEADER_BYTES, Header, Input, Operation as _, SLOTS_EXACT, TAG,
};
use downbeat_model::tree;

type CacheMapInput = Input<Operation>;

fn any_bytes(unstructured: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let len = unstructured.arbitrary_len::<u8>()?;
    Ok(unstructured.bytes(len)?.to_vec())
}

#[test]
fn any_bytes_are_an_input_and_its_canonical_form_says_the_same() {
    arbtest(|unstructured| {
        let bytes = any_bytes(unstructured)?;
        canonical_form_says_the_same::<Operation>(&bytes);
        canonical_form_says_the_same::<tree::Operation>(&bytes);
        Ok(())
    });
}

fn canonical_form_says_the_same<O: encoding::Operation>(bytes: &[u8]) {
    let input = Input::<O>::decode(bytes);
    let canonical = input.encode();
    assert_eq!(Input::<O>::decode(&canonical), input);
    assert_eq!(Input::<O>::decode(&canonical).encode(), canonical);
    assert!(canonical.len() <= bytes.len().max(HEADER_BYTES));
}

#[test]
fn unstructured_hands_out_the_same_input() {
    arbtest(|unstructured| {
        let bytes = any_bytes(unstructured)?;
        let input: CacheMapInput = Unstructured::new(&bytes).arbitrary()?;
        assert_eq!(input, CacheMapInput::decode(&bytes));
        Ok(())
    });
}

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
    assert_eq!(parse::<O>(target, &text).expect("it was printed"), input);
}

#[test]
fn a_prefix_of_an_input_is_a_prefix_of_its_history() {
    arbtest(|unstructured| {
        let bytes = any_bytes(unstructured)?;
        let cut = unstructured.choose_index(bytes.len() + 1)?;
        if cut < HEADER_BYTES {
            return Ok(());
        }
        let whole = CacheMapInput::decode(&bytes).operations;
        let prefix = CacheMapInput::decode(&bytes[..cut]).operations;
        assert!(prefix.len() <= whole.len());
        // The operation that the cut goes through may have lost arguments.
        let complete = prefix.len().saturating_sub(1);
        assert_eq!(prefix[..complete], whole[..complete]);
        Ok(())
    });
}

/// Operations that two histories do not share at their beginning or end.
fn damaged(before: &[Operation], after: &[Operation]) -> usize {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[head..], &after[head..]);
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    before.len().max(after.len()) - tail
}

#[test]
fn a_byte_put_in_or_taken_out_behind_the_header_damages_two_operations_at_most() {
    arbtest(|unstructured| {
        let bytes = any_bytes(unstructured)?;
        if bytes.len() <= HEADER_BYTES {
            return Ok(());
        }
        let at = unstructured.int_in_range(HEADER_BYTES..=bytes.len() - 1)?;
        let before = CacheMapInput::decode(&bytes).operations;
        let mut erased = bytes.clone();
        erased.remove(at);
        assert!(damaged(&before, &CacheMapInput::decode(&erased).operations) <= 2);
        let mut inserted = bytes;
        inserted.insert(at, unstructured.arbitrary()?);
        assert!(damaged(&before, &CacheMapInput::decode(&inserted).operations) <= 2);
        Ok(())
    });
}

#[test]
fn every_kind_has_its_exact_slot_in_every_mix() {
    for mix in 0..Operation::MIXES.len() {
        for kind in 0..Operation::KINDS.len() {
            let mut bytes = vec![0; HEADER_BYTES];
            bytes[0] = mix as u8;
            bytes.push(TAG | kind as u8);
            let input = CacheMapInput::decode(&bytes);
            assert_eq!(input.operations[0].kind(), kind);
        }
    }
}

#[test]
fn the_even_mix_deals_every_kind_about_its_weight() {
    let kinds = Operation::KINDS;
    let total: u32 = kinds.iter().map(|kind| u32::from(kind.weight)).sum();
    let dealt = &Operation::MIXES[0][SLOTS_EXACT..];
    for (number, kind) in kinds.iter().enumerate() {
        let slots = dealt.iter().filter(|slot| usize::from(**slot) == number).count();
        let share = f64::from(kind.weight) / f64::from(total) * dealt.len() as f64;
        assert!((slots as f64 - share).abs() <= 1.0, "{}: {slots} slots", kind.name);
    }
    assert!(kinds.len() <= SLOTS_EXACT);
}

#[test]
fn the_empty_input_is_the_plainest_one() {
    let input = CacheMapInput::decode(&[]);
    assert_eq!(input.header, Header::PLAIN);
    assert!(input.operations.is_empty());
    assert!(input.encode().is_empty());
}

fn error(text: &str) -> String {
    parse::<Operation>("cache_map", text).expect_err("it is malformed").to_string()
}

#[test]
fn a_misspelt_operation_is_refused_with_line_column_and_the_one_that_is_meant() {
    let message = error("# downbeat cache_map, encoding 1\nget 0x11\n  upsrt 0x11\n");
    assert_eq!(message, "3:3: unknown operation \"upsrt\"; did you mean \"upsert\"?");
    assert!(error("zzzz").starts_with("1:1: unknown operation \"zzzz\"; operations are upsert,"));
}

#[test]
fn a_malformed_argument_is_refused_at_its_column() {
    assert!(error("get 0xzz").starts_with("1:5: \"0xzz\" is no key: write 0x11"));
    assert!(error("get @gap:9").starts_with("1:5: "));
    for beyond in ["@last:level=7,table=0", "@first:level=0,table=128", "@first:table=0"] {
        let error = parse::<tree::Operation>("tree", &format!("get {beyond}"));
        let error = error.expect_err("it is malformed").to_string();
        assert!(error.starts_with("1:5: ") && error.contains("@first:level=0,table=0"), "{error}");
    }
    let error_without_tables = error("get @first:level=0,table=0");
    assert!(
        error_without_tables.ends_with("@near:-4..+4 or @extreme:max"),
        "{error_without_tables}"
    );
    assert!(error("upsert_run 1 count=65").starts_with("1:20: count is one of 1, 2, 3"));
    assert_eq!(error("compact now"), "1:9: \"compact\" takes no \"now\"");
    assert_eq!(error("get 1 count=2"), "1:7: \"get\" takes no \"count=2\"");
}

#[test]
fn settings_are_refused_behind_operations_and_with_values_that_they_have_not() {
    let message = error("geometry ways=3");
    assert_eq!(message, "1:15: ways is one of 2, 4, 16");
    assert!(error("compact\nmix even").starts_with("2:1: \"mix\" is a setting"));
}

#[test]
fn a_text_of_another_target_or_encoding_is_refused() {
    let message = error("# downbeat tree, encoding 1");
    assert_eq!(message, "1:12: this is an input of \"tree\", not of \"cache_map\"");
    let message = error("# downbeat cache_map, encoding 99");
    assert_eq!(message, "1:32: encoding 99 is not the one read here, which is 1");
}

#[test]
fn remarks_blank_lines_and_missing_arguments_are_allowed() {
    let text = "\n  # a remark\ngeometry sets=3   # three\n\nupsert\nupsert_run @hot:3\n";
    let input = parse::<Operation>("cache_map", text).expect("it is well-formed");
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
    for landmark in ["@first:level=1,table=0", "@last:level=6,table=127"] {
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
fn bytes_of_a_landmark_are_a_hot_key_where_there_are_no_tables() {
    assert!(decoded_get::<Operation>("cache_map").ends_with("get @hot:3\n"));
    assert!(decoded_get::<tree::Operation>("tree").ends_with("get @last:level=1,table=9\n"));
}

/// A get whose key is the class of the last key of a table of level 1, and table 9, as text.
fn decoded_get<O: encoding::Operation>(target: &str) -> String {
    let kind = O::KINDS.iter().position(|kind| kind.name == "get").expect("every target gets");
    let bytes = [&[0; HEADER_BYTES][..], &[TAG | kind as u8, 104 + 3, 9]].concat();
    print(target, &Input::<O>::decode(&bytes))
}
