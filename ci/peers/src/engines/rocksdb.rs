//! RocksDB, by the C interface of the library that the system has. Without compression, without a
//! write-ahead log, and with the filters that its guide advises.

use std::ffi::{CStr, CString, c_char, c_int, c_uchar, c_void};
use std::path::Path;
use std::ptr::null_mut;

use anyhow::{Context, Result, bail};

use crate::engine::{CACHE, Engine, MEMTABLE};
use crate::records::Shaped;

/// An object of the library.
type Object = *mut c_void;

#[link(name = "rocksdb")]
unsafe extern "C" {
    fn rocksdb_options_create() -> Object;
    fn rocksdb_options_set_create_if_missing(options: Object, value: c_uchar);
    fn rocksdb_options_set_write_buffer_size(options: Object, bytes: usize);
    fn rocksdb_options_set_compression(options: Object, kind: c_int);
    fn rocksdb_options_set_block_based_table_factory(options: Object, table: Object);
    fn rocksdb_block_based_options_create() -> Object;
    fn rocksdb_block_based_options_set_block_cache(table: Object, cache: Object);
    fn rocksdb_block_based_options_set_filter_policy(table: Object, filter: Object);
    fn rocksdb_filterpolicy_create_bloom_full(bits_per_key: f64) -> Object;
    fn rocksdb_cache_create_lru(bytes: usize) -> Object;
    fn rocksdb_open(options: Object, name: *const c_char, error: *mut *mut c_char) -> Object;
    fn rocksdb_close(database: Object);
    fn rocksdb_writeoptions_create() -> Object;
    fn rocksdb_writeoptions_disable_WAL(options: Object, disable: c_int);
    fn rocksdb_readoptions_create() -> Object;
    fn rocksdb_writebatch_create() -> Object;
    fn rocksdb_writebatch_clear(batch: Object);
    fn rocksdb_writebatch_put(
        batch: Object,
        key: *const c_char,
        key_bytes: usize,
        value: *const c_char,
        value_bytes: usize,
    );
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
    fn rocksdb_iter_seek(iterator: Object, key: *const c_char, key_bytes: usize);
    fn rocksdb_iter_next(iterator: Object);
    fn rocksdb_iter_get_error(iterator: Object, error: *mut *mut c_char);
    fn rocksdb_flushoptions_create() -> Object;
    fn rocksdb_flush(database: Object, options: Object, error: *mut *mut c_char);
    fn rocksdb_free(memory: *mut c_void);
}

/// A database. The objects of its options live as long as the process.
pub(crate) struct RocksDb {
    database: Object,
    writes: Object,
    reads: Object,
    flush: Object,
    batch: Object,
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
    bail!("RocksDB: {text}")
}

fn parts(bytes: &[u8]) -> (*const c_char, usize) {
    (bytes.as_ptr().cast(), bytes.len())
}

impl<R: Shaped> Engine<R> for RocksDb {
    fn create(directory: &Path, _records: u64) -> Result<Self> {
        let name = directory.to_str().context("the folder has no name in UTF-8")?;
        let name = CString::new(name)?;
        // SAFETY: each function gets objects of the kinds that it asks for. The options own the
        // table's, which own the filter; nothing is freed.
        unsafe {
            let table = rocksdb_block_based_options_create();
            rocksdb_block_based_options_set_block_cache(
                table,
                rocksdb_cache_create_lru(CACHE as usize),
            );
            let filter = rocksdb_filterpolicy_create_bloom_full(10.0);
            rocksdb_block_based_options_set_filter_policy(table, filter);
            let options = rocksdb_options_create();
            rocksdb_options_set_create_if_missing(options, 1);
            rocksdb_options_set_write_buffer_size(options, MEMTABLE as usize);
            rocksdb_options_set_compression(options, 0);
            rocksdb_options_set_block_based_table_factory(options, table);
            let database = call(|error| rocksdb_open(options, name.as_ptr(), error))?;
            let writes = rocksdb_writeoptions_create();
            rocksdb_writeoptions_disable_WAL(writes, 1);
            Ok(RocksDb {
                database,
                writes,
                reads: rocksdb_readoptions_create(),
                flush: rocksdb_flushoptions_create(),
                batch: rocksdb_writebatch_create(),
            })
        }
    }

    fn put(&mut self, batch: &[R]) -> Result<()> {
        // SAFETY: the objects are of the kinds that the functions ask for, and the library copies
        // the bytes.
        unsafe {
            rocksdb_writebatch_clear(self.batch);
            for record in batch {
                let bytes = R::key_bytes(record.key());
                let (key, key_bytes) = parts(bytes.as_ref());
                let (value, value_bytes) = parts(record.value());
                rocksdb_writebatch_put(self.batch, key, key_bytes, value, value_bytes);
            }
            call(|error| rocksdb_write(self.database, self.writes, self.batch, error))
        }
    }

    fn get(&mut self, key: R::Key) -> Result<bool> {
        let bytes = R::key_bytes(key);
        let (key, key_bytes) = parts(bytes.as_ref());
        let mut length = 0;
        // SAFETY: the objects are of the kinds that the function asks for. The value belongs to the
        // caller.
        unsafe {
            let value = call(|error| {
                rocksdb_get(self.database, self.reads, key, key_bytes, &raw mut length, error)
            })?;
            let is_present = !value.is_null();
            rocksdb_free(value.cast());
            Ok(is_present)
        }
    }

    fn scan(&mut self, from: R::Key, count: usize) -> Result<usize> {
        let bytes = R::key_bytes(from);
        let (key, key_bytes) = parts(bytes.as_ref());
        let mut found = 0;
        // SAFETY: the iterator lives until it is destroyed below.
        unsafe {
            let iterator = rocksdb_create_iterator(self.database, self.reads);
            rocksdb_iter_seek(iterator, key, key_bytes);
            while found < count && rocksdb_iter_valid(iterator) != 0 {
                found += 1;
                rocksdb_iter_next(iterator);
            }
            let ended = call(|error| rocksdb_iter_get_error(iterator, error));
            rocksdb_iter_destroy(iterator);
            ended?;
        }
        Ok(found)
    }

    fn finish(&mut self) -> Result<()> {
        // SAFETY: the objects are of the kinds that the function asks for.
        call(|error| unsafe { rocksdb_flush(self.database, self.flush, error) })
    }
}

impl Drop for RocksDb {
    fn drop(&mut self) {
        // SAFETY: the database is open, and is not used any more.
        unsafe { rocksdb_close(self.database) };
    }
}
