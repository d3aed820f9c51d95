// The store in C++, over the functions of libc.

#include <cstdint>
#include <string>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

enum Forgets { Nothing, LogSync, LogName, StateSync, SyncBeforeRename, StateName };

struct Store {
  std::string folder;
  int log;
  uint64_t last;
  Forgets forgets;
};

uint64_t checksum(uint64_t number) { return (number ^ 0x5eed) * 0x9e3779b97f4a7c15; }

// Writes a number and its checksum.
bool write_number(int file, uint64_t number) {
  uint64_t sum = checksum(number);
  iovec parts[] = {{&number, sizeof number}, {&sum, sizeof sum}};
  return writev(file, parts, 2) == 16;
}

// The last of the numbers in a file that follow on `last`. Any number follows on nothing, if
// `starts`. Sets the length of what is whole.
uint64_t read_last(const std::string &path, uint64_t last, bool starts, off_t *length) {
  uint64_t frame[2];
  *length = 0;
  int file = open(path.c_str(), O_RDONLY);
  if (file < 0) return 0;
  while (read(file, frame, 16) == 16 && checksum(frame[0]) == frame[1]) {
    if (frame[0] == last + 1 || starts) last = frame[0];
    *length += 16;
  }
  close(file);
  return last;
}

bool sync_folder(const Store &store) {
  int folder = open(store.folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (folder < 0) return false;
  bool synced = fsync(folder) == 0;
  close(folder);
  return synced;
}

} // namespace

extern "C" {

Store *downbeat_store_open(const char *folder, int forgets) {
  Store *store = new Store{folder, -1, 0, Forgets(forgets)};
  std::string path = store->folder + "/log";
  bool is_new = access(path.c_str(), F_OK) != 0;
  off_t length, ignored;
  uint64_t state = read_last(store->folder + "/state", 0, true, &ignored);
  store->last = read_last(path, state, false, &length);
  store->log = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0644);
  // Bytes after a damaged number would be read as numbers later.
  bool made = store->log >= 0 && ftruncate(store->log, length) == 0;
  if (made && is_new && store->forgets != LogName) made = sync_folder(*store);
  if (made) return store;
  delete store;
  return nullptr;
}

bool downbeat_store_put(Store *store, uint64_t number) {
  if (!write_number(store->log, number)) return false;
  if (store->forgets != LogSync && fdatasync(store->log) != 0) return false;
  store->last = number;
  return true;
}

uint64_t downbeat_store_get(Store *store) { return store->last; }

bool downbeat_store_fold(Store *store) {
  std::string fresh = store->folder + "/new", state = store->folder + "/state";
  bool late = store->forgets == SyncBeforeRename;
  int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  bool made = file >= 0 && write_number(file, store->last);
  if (made && !late && store->forgets != StateSync) made = fsync(file) == 0;
  made = made && rename(fresh.c_str(), state.c_str()) == 0;
  if (made && late) made = fsync(file) == 0;
  if (file >= 0) close(file);
  if (made && store->forgets != StateName) made = sync_folder(*store);
  return made && ftruncate(store->log, 0) == 0 && fsync(store->log) == 0;
}

void downbeat_store_close(Store *store) {
  close(store->log);
  delete store;
}

} // extern "C"
