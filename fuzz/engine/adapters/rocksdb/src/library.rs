//! The C interface of the library, behind types that own its objects.

use std::ffi::{CStr, CString, c_char, c_int, c_uchar, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};

use downbeat_engine::{Batch, Pair, Result, Settings, Write};

/// An object of the library.
type Object = *mut c_void;

#[link(name = "rocksdb")]
unsafe extern "C" {
    fn rocksdb_options_create() -> Object;
    fn rocksdb_options_destroy(options: Object);
    fn rocksdb_options_set_create_if_missing(options: Object, value: c_uchar);
    fn rocksdb_options_set_write_buffer_size(options: Object, bytes: usize);
    fn rocksdb_options_set_compression(options: Object, kind: c_int);
    fn rocksdb_options_set_block_based_table_factory(options: Object, table: Object);
    fn rocksdb_block_based_options_create() -> Object;
    fn rocksdb_block_based_options_destroy(table: Object);
    fn rocksdb_block_based_options_set_block_size(table: Object, bytes: usize);
    fn rocksdb_open(options: Object, name: *const c_char, error: *mut *mut c_char) -> Object;
    fn rocksdb_close(database: Object);
    fn rocksdb_writeoptions_create() -> Object;
    fn rocksdb_writeoptions_destroy(options: Object);
    fn rocksdb_readoptions_create() -> Object;
    fn rocksdb_readoptions_destroy(options: Object);
    fn rocksdb_readoptions_set_snapshot(options: Object, snapshot: Object);
    fn rocksdb_create_snapshot(database: Object) -> Object;
    fn rocksdb_release_snapshot(database: Object, snapshot: Object);
    fn rocksdb_writebatch_create() -> Object;
    fn rocksdb_writebatch_destroy(batch: Object);
    fn rocksdb_writebatch_put(b: Object, k: *const c_char, kn: usize, v: *const c_char, vn: usize);
    fn rocksdb_writebatch_delete(batch: Object, key: *const c_char, bytes: usize);
    fn rocksdb_write(database: Object, options: Object, batch: Object, error: *mut *mut c_char);
    fn rocksdb_get(
        database: Object,
        options: Object,
        key: *const c_char,
        key_bytes: usize,
        value_bytes: *mut usize,
        error: *mut *mut c_char,
    ) -> *mut c_char;
    fn rocksdb_create_iterator(database: Object, options: Object) -> Object;
    fn rocksdb_iter_destroy(iterator: Object);
    fn rocksdb_iter_valid(iterator: Object) -> c_uchar;
    fn rocksdb_iter_seek(iterator: Object, key: *const c_char, bytes: usize);
    fn rocksdb_iter_seek_for_prev(iterator: Object, key: *const c_char, bytes: usize);
    fn rocksdb_iter_seek_to_first(iterator: Object);
    fn rocksdb_iter_seek_to_last(iterator: Object);
    fn rocksdb_iter_next(iterator: Object);
    fn rocksdb_iter_prev(iterator: Object);
    fn rocksdb_iter_key(iterator: Object, bytes: *mut usize) -> *const c_char;
    fn rocksdb_iter_value(iterator: Object, bytes: *mut usize) -> *const c_char;
    fn rocksdb_iter_get_error(iterator: Object, error: *mut *mut c_char);
    fn rocksdb_flushoptions_create() -> Object;
    fn rocksdb_flushoptions_destroy(options: Object);
    fn rocksdb_flush(database: Object, options: Object, error: *mut *mut c_char);
    fn rocksdb_flush_wal(database: Object, sync: c_uchar, error: *mut *mut c_char);
    fn rocksdb_compact_range(d: Object, k: *const c_char, kn: usize, l: *const c_char, ln: usize);
    fn rocksdb_free(memory: *mut c_void);
}

/// Calls a function of the library that reports an error through its last argument.
fn call<T>(function: impl FnOnce(*mut *mut c_char) -> T) -> Result<T> {
    let mut error = null_mut();
    let value = function(&raw mut error);
    if error.is_null() {
        return Ok(value);
    }
    // SAFETY: an error is a string that ends in a zero, and belongs to the caller.
    let text = unsafe { CStr::from_ptr(error).to_string_lossy().into_owned() };
    // SAFETY: the error is not used any more.
    unsafe { rocksdb_free(error.cast()) };
    Err(text.into())
}

fn parts(bytes: &[u8]) -> (*const c_char, usize) {
    (bytes.as_ptr().cast(), bytes.len())
}

/// A database.
pub struct Database(Object);

impl Database {
    pub fn open(directory: &Path, settings: &Settings) -> Result<Self> {
        let name = CString::new(directory.to_str().ok_or("a folder is named in UTF-8")?)?;
        // SAFETY: each function gets objects of the kinds that it asks for. The database copies
        // its options.
        unsafe {
            let options = rocksdb_options_create();
            rocksdb_options_set_create_if_missing(options, 1);
            if let Some(bytes) = settings.memtable_size {
                rocksdb_options_set_write_buffer_size(options, bytes as usize);
            }
            if settings.compress == Some(false) {
                rocksdb_options_set_compression(options, 0);
            }
            let table = rocksdb_block_based_options_create();
            if let Some(bytes) = settings.block_size {
                rocksdb_block_based_options_set_block_size(table, bytes as usize);
            }
            rocksdb_options_set_block_based_table_factory(options, table);
            rocksdb_block_based_options_destroy(table);
            let opened = call(|error| rocksdb_open(options, name.as_ptr(), error));
            rocksdb_options_destroy(options);
            Ok(Database(opened?))
        }
    }

    pub fn write(&self, writes: &Batch<'_>) -> Result<()> {
        // SAFETY: the objects live until they are destroyed below. A batch copies the bytes.
        unsafe {
            let batch = rocksdb_writebatch_create();
            for write in writes {
                match write {
                    Write::Put(key, value) => {
                        let ((key, key_bytes), (value, bytes)) = (parts(key), parts(value));
                        rocksdb_writebatch_put(batch, key, key_bytes, value, bytes);
                    }
                    Write::Remove(key) => {
                        let (key, bytes) = parts(key);
                        rocksdb_writebatch_delete(batch, key, bytes);
                    }
                }
            }
            let options = rocksdb_writeoptions_create();
            let written = call(|error| rocksdb_write(self.0, options, batch, error));
            rocksdb_writeoptions_destroy(options);
            rocksdb_writebatch_destroy(batch);
            written
        }
    }

    pub fn get(&self, key: &[u8], at: Option<&Snapshot>) -> Result<Option<Vec<u8>>> {
        let (key, key_bytes) = parts(key);
        let mut bytes = 0;
        // SAFETY: the value belongs to the caller, who copies and frees it.
        unsafe {
            let reads = reads(at);
            let got =
                call(|error| rocksdb_get(self.0, reads, key, key_bytes, &raw mut bytes, error));
            rocksdb_readoptions_destroy(reads);
            let value = got?;
            if value.is_null() {
                return Ok(None);
            }
            let copied = std::slice::from_raw_parts(value.cast(), bytes).to_vec();
            rocksdb_free(value.cast());
            Ok(Some(copied))
        }
    }

    pub fn cursor(&self, at: Option<&Snapshot>) -> Cursor {
        // SAFETY: the options live as long as the iterator. A cursor is dropped before the
        // database is.
        unsafe {
            let reads = reads(at);
            Cursor { iterator: rocksdb_create_iterator(self.0, reads), reads }
        }
    }

    pub fn sync(&self) -> Result<()> {
        // SAFETY: the database is open.
        call(|error| unsafe { rocksdb_flush_wal(self.0, 1, error) })
    }

    pub fn flush(&self) -> Result<()> {
        // SAFETY: the database is open, and the options live until they are destroyed.
        unsafe {
            let options = rocksdb_flushoptions_create();
            let flushed = call(|error| rocksdb_flush(self.0, options, error));
            rocksdb_flushoptions_destroy(options);
            flushed
        }
    }

    pub fn compact(&self) {
        // SAFETY: a null key is no bound.
        unsafe { rocksdb_compact_range(self.0, null(), 0, null(), 0) };
    }

    pub fn snapshot(&self) -> Snapshot {
        // SAFETY: the database is open.
        Snapshot { database: self.0, snapshot: unsafe { rocksdb_create_snapshot(self.0) } }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: the database is open, and is not used any more.
        unsafe { rocksdb_close(self.0) };
    }
}

/// A snapshot, which is dropped before its database is.
pub struct Snapshot {
    database: Object,
    snapshot: Object,
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // SAFETY: the database is open, and the snapshot is not used any more.
        unsafe { rocksdb_release_snapshot(self.database, self.snapshot) };
    }
}

/// Options of reads, which the caller destroys.
fn reads(at: Option<&Snapshot>) -> Object {
    // SAFETY: the objects are of the kinds that the functions ask for.
    unsafe {
        let reads = rocksdb_readoptions_create();
        if let Some(at) = at {
            rocksdb_readoptions_set_snapshot(reads, at.snapshot);
        }
        reads
    }
}

/// An iterator.
pub struct Cursor {
    iterator: Object,
    reads: Object,
}

impl Cursor {
    /// Moves to the first pair whose key is not below `key`; to the first of all without a key.
    pub fn seek(&mut self, key: Option<&[u8]>) {
        // SAFETY: the iterator lives, and copies the key.
        match key.map(parts) {
            Some((key, bytes)) => unsafe { rocksdb_iter_seek(self.iterator, key, bytes) },
            None => unsafe { rocksdb_iter_seek_to_first(self.iterator) },
        }
    }

    /// Moves to the last pair whose key is not above `key`; to the last of all without a key.
    pub fn seek_back(&mut self, key: Option<&[u8]>) {
        // SAFETY: the iterator lives, and copies the key.
        match key.map(parts) {
            Some((key, bytes)) => unsafe { rocksdb_iter_seek_for_prev(self.iterator, key, bytes) },
            None => unsafe { rocksdb_iter_seek_to_last(self.iterator) },
        }
    }

    /// The pair where the iterator stands; `None` before the first pair and after the last one.
    pub fn pair(&self) -> Result<Option<Pair>> {
        // SAFETY: the bytes are the iterator's until it moves.
        unsafe {
            call(|error| rocksdb_iter_get_error(self.iterator, error))?;
            if rocksdb_iter_valid(self.iterator) == 0 {
                return Ok(None);
            }
            let mut bytes = 0;
            let key = rocksdb_iter_key(self.iterator, &raw mut bytes);
            let key = std::slice::from_raw_parts(key.cast(), bytes).to_vec();
            let value = rocksdb_iter_value(self.iterator, &raw mut bytes);
            Ok(Some((key, std::slice::from_raw_parts(value.cast(), bytes).to_vec())))
        }
    }

    /// Moves from a pair to the next one, or back.
    pub fn step(&mut self, back: bool) {
        // SAFETY: the iterator stands at a pair.
        match back {
            true => unsafe { rocksdb_iter_prev(self.iterator) },
            false => unsafe { rocksdb_iter_next(self.iterator) },
        }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        // SAFETY: neither object is used any more.
        unsafe {
            rocksdb_iter_destroy(self.iterator);
            rocksdb_readoptions_destroy(self.reads);
        }
    }
}
