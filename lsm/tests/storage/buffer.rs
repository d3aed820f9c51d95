//! Tests of buffers: memory that is owned, or shared for reading.

use downbeat_lsm::storage::Buffer;

use crate::device::filled;

#[test]
fn a_buffer_is_aligned_and_zero_and_of_the_given_length() {
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
fn shared_memory_is_the_same_and_returns_to_its_last_holder() {
    let buffer = filled(5000, 3);
    let memory = buffer.bytes().as_ptr();
    let shared = buffer.share();
    assert!(shared.is_sole());
    let other = shared.clone();
    assert!(!shared.is_sole() && !other.is_sole());
    assert_eq!((shared.bytes().as_ptr(), other.bytes().as_ptr()), (memory, memory));
    let shared = shared.try_take().expect_err("the other handle holds the memory");
    drop(other);
    let mut buffer = shared.try_take().expect("the last holder");
    assert_eq!(buffer.bytes().as_ptr(), memory);
    assert_eq!((buffer.bytes().len(), buffer.bytes()[4999]), (5000, 3));
    buffer.bytes_mut()[4999] = 4;
    assert_eq!(buffer.share().bytes()[4999], 4);
}

#[test]
fn buffers_of_one_slab_do_not_overlap_and_live_as_long_as_they_are_held() {
    for length in [1, 100, 512, 3000, 4096, 5000] {
        let mut buffers: Vec<Buffer> = Buffer::several(9, length).collect();
        assert_eq!(buffers.len(), 9);
        for (number, buffer) in buffers.iter_mut().enumerate() {
            assert!(buffer.bytes().iter().all(|byte| *byte == 0));
            buffer.bytes_mut().fill(number as u8 + 1);
        }
        // The first buffers are dropped, and the others keep their bytes.
        let rest = buffers.split_off(5);
        drop(buffers);
        for (number, buffer) in rest.into_iter().enumerate() {
            assert_eq!(buffer.bytes().len(), length);
            let shared = buffer.share();
            assert!(shared.clone().bytes().iter().all(|byte| *byte == number as u8 + 6));
            assert!(shared.is_sole());
        }
    }
    assert_eq!(Buffer::several(0, 100).count(), 0);
}

#[test]
fn buffers_can_be_sent_and_shared_between_threads() {
    fn is_both<T: Send + Sync>() {}
    is_both::<Buffer>();
    is_both::<downbeat_lsm::storage::SharedBuffer>();
}

#[test]
fn a_buffer_is_printed_as_its_length() {
    assert_eq!(format!("{:?}", Buffer::new(9)), "Buffer { length: 9, .. }");
    assert_eq!(format!("{:?}", Buffer::new(9).share()), "SharedBuffer { length: 9, .. }");
}
