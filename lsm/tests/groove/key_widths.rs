//! Primary and unique keys of 64 and of 128 bits.

use downbeat_lsm::forest::{Forest, ForestOptions};
use downbeat_lsm::groove::{Groove, GrooveOptions, ObjectKey};
use downbeat_lsm::storage::MemoryStorage;

downbeat_lsm::object! {
    /// A book with a narrow primary key and a wide unique key.
    pub struct Book {
        pub number: u128 => unique,
        pub timestamp: u64 => timestamp,
        pub id: u64 => primary,
    }
}

type Books = Forest<Groove<Book>, MemoryStorage>;

fn book(timestamp: u64) -> Book {
    Book { number: u128::from(timestamp) << 90, timestamp, id: 100 + timestamp }
}

fn found(forest: &mut Books, key: ObjectKey<Book>) -> Option<Book> {
    let (books, mut reader) = forest.read().expect("an open forest");
    books.prefetch(&[key], &mut reader).expect("a sound device");
    books.get_prefetched(key)
}

#[test]
fn an_object_is_found_by_keys_of_each_width() {
    let mut options = ForestOptions::tiny(4096);
    options.layout.block_size = 512;
    let device = MemoryStorage::new(options.device_size().expect("a valid layout") as usize, 256);
    let groove = GrooveOptions { prefetch_max: 8, ..GrooveOptions::tiny(1) };
    let mut forest = Books::format(device, &options, &groove, 1).expect("a sound device");
    for timestamp in 1..=30 {
        let new = book(timestamp);
        let number = ObjectKey::unique(Book::number, new.number);
        // The number was prefetched before the book has it.
        assert_eq!(found(&mut forest, number), None);
        assert_eq!(found(&mut forest, ObjectKey::primary(u128::from(new.id))), None);
        let books = forest.write().expect("an open forest");
        books.insert(&new);
        assert_eq!(books.get_prefetched(number), Some(new));
        books.remove(u128::from(new.id));
        assert_eq!(books.get_prefetched(number), None);
        forest.beat().expect("a sound device");
        assert_eq!(found(&mut forest, ObjectKey::primary(u128::from(new.id))), None);
        forest.write().expect("an open forest").insert(&new);
        forest.beat().expect("a sound device");
    }
    for timestamp in 1..=30 {
        let due = Some(book(timestamp));
        let keys = [
            ObjectKey::primary(u128::from(book(timestamp).id)),
            ObjectKey::unique(Book::number, book(timestamp).number),
            ObjectKey::timestamp(timestamp),
        ];
        for key in keys {
            assert_eq!(found(&mut forest, key), due, "{key:?}");
        }
        forest.beat().expect("a sound device");
    }
    // No primary key is as large as this number.
    assert_eq!(found(&mut forest, ObjectKey::primary(u128::MAX)), None);
    assert_eq!(found(&mut forest, ObjectKey::primary((1 << 64) + 101)), None);
}
