//! Inputs in earlier versions of the encoding keep their meaning.
//!
//! Each file has inputs of a target in a version: their bytes, and the text that the program of
//! that version printed. The programs of later versions must read the same from the bytes.

use downbeat_input::encoding::text::{parse, print};
use downbeat_input::encoding::{Input, Operation, VERSION};
use downbeat_model::options;

/// The bytes and the text of each input of a file. The text has no title.
fn inputs(file: &str) -> Vec<(Vec<u8>, &str)> {
    let parts = file.split("bytes ").skip(1);
    let inputs = parts.map(|part| {
        let (bytes, text) = part.split_once('\n').expect("a text follows the bytes");
        let pairs = bytes.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("digits"));
        let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16).expect("a byte"));
        (bytes.collect(), text.trim_end())
    });
    inputs.collect()
}

/// Checks the inputs of `file`, which are in version `version`. Returns their number, and how many
/// have other bytes now.
fn migrate<O: Operation>(target: &str, version: u32, file: &str) -> (usize, usize) {
    let (mut count, mut changed) = (0, 0);
    for (old, text) in inputs(file) {
        let input = Input::<O>::decode_version(&old, version);
        let printed = print(target, &input);
        let (title, body) = printed.split_once('\n').expect("a title");
        assert_eq!(title, format!("# downbeat {target}, encoding {VERSION}"));
        assert_eq!(body.trim_end(), text);
        let new = input.encode();
        assert_eq!(Input::<O>::decode(&new), input, "{text}");
        let titled = format!("# downbeat {target}, encoding {version}\n{text}\n");
        assert_eq!(parse::<O>(target, &titled).as_ref(), Ok(&input));
        assert!(new.len() <= old.len(), "{text}");
        count += 1;
        changed += usize::from(new != old);
    }
    (count, changed)
}

#[test]
fn options_of_version_1_keep_their_meaning() {
    const { assert!(options::Operation::SINCE == 2) };
    let file = include_str!("options_1.txt");
    let (count, changed) = migrate::<options::Operation>("options", 1, file);
    assert!(count >= 10 && changed * 10 >= count * 9, "{changed} of {count}");
}
