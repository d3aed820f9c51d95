//! Memory that is owned, or shared to be read.

use downbeat_lsm::storage::Buffer;

use crate::device::filled;

#[test]
fn a_buffer_is_aligned_and_zero_and_as_long_as_it_was_asked_to_be() {
    for length in [0, 1, 64, 4095, 4096, 4097, 1 << 20] {
        let buffer = Buffer::new(length);
        assert_eq!(buffer.bytes().len(), length);
        assert!(buffer.bytes().iter().all(|byte| *byte == 0));
        let small = length < Buffer::ALIGNMENT;
        let alignment = if small { Buffer::SMALL_ALIGNMENT } else { Buffer::ALIGNMENT };
        assert_eq!(buffer.bytes().as_ptr() as usize % alignment, 0);
    }
}

#[test]
fn what_is_shared_is_the_same_memory_and_taken_back_by_its_last_holder() {
    let buffer = filled(5000, 3);
    let memory = buffer.bytes().as_ptr();
    let shared = buffer.share();
    assert!(shared.is_sole());
    let other = shared.clone();
    assert!(!shared.is_sole() && !other.is_sole());
    assert_eq!((shared.bytes().as_ptr(), other.bytes().as_ptr()), (memory, memory));
    let shared = shared.try_take().expect_err("another holds it");
    drop(other);
    let mut buffer = shared.try_take().expect("nobody else holds it");
    assert_eq!(buffer.bytes().as_ptr(), memory);
    assert_eq!((buffer.bytes().len(), buffer.bytes()[4999]), (5000, 3));
    buffer.bytes_mut()[4999] = 4;
    assert_eq!(buffer.share().bytes()[4999], 4);
}

#[test]
fn what_is_printed_of_a_buffer_is_its_length() {
    assert_eq!(format!("{:?}", Buffer::new(9)), "Buffer { length: 9, .. }");
    assert_eq!(format!("{:?}", Buffer::new(9).share()), "SharedBuffer { length: 9, .. }");
}
