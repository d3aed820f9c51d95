//! Every byte string is an input, and its canonical form has the same meaning.

use arbitrary::Unstructured;
use arbtest::arbtest;
use downbeat_input::encoding::{self, HEADER_BYTES, Header, Input};
use downbeat_model::cache_map::Operation;
use downbeat_model::tree;

type CacheMapInput = Input<Operation>;

pub(crate) fn any_bytes(unstructured: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let len = unstructured.arbitrary_len::<u8>()?;
    Ok(unstructured.bytes(len)?.to_vec())
}

#[test]
fn any_bytes_are_an_input_with_the_meaning_of_its_canonical_form() {
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
        // The last operation may have lost arguments to the cut.
        let complete = prefix.len().saturating_sub(1);
        assert_eq!(prefix[..complete], whole[..complete]);
        Ok(())
    });
}

/// The number of operations between the common beginning and the common end of two histories.
fn damaged(before: &[Operation], after: &[Operation]) -> usize {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[head..], &after[head..]);
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    before.len().max(after.len()) - tail
}

#[test]
fn a_byte_inserted_or_removed_after_the_header_damages_two_operations_at_most() {
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
fn the_empty_input_has_the_simplest_settings() {
    let input = CacheMapInput::decode(&[]);
    assert_eq!(input.header, Header::PLAIN);
    assert!(input.operations.is_empty());
    assert!(input.encode().is_empty());
}
