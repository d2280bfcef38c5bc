#include "store/sqlite/faulty_vfs_test.hpp"

#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>

namespace brusio::store::sqlite {
namespace {

struct faulty_file {
    sqlite3_file base;  // first: SQLite has a pointer to it
    faulty_vfs* vfs;
    sqlite3_file* real;
    std::string* path;  // empty name: not watched
};
faulty_file* own(sqlite3_file* f) { return reinterpret_cast<faulty_file*>(f); }
sqlite3_file* real(sqlite3_file* f) { return own(f)->real; }
faulty_vfs* own(sqlite3_vfs* v) { return static_cast<faulty_vfs*>(v->pAppData); }

int close(sqlite3_file* f) {
    const int code = real(f)->pMethods->xClose(real(f));
    delete own(f)->path;
    own(f)->path = nullptr;
    return code;
}
int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
    if (const int code = own(f)->vfs->before_other()) return code;
    return real(f)->pMethods->xRead(real(f), to, n, at);
}
int write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
    const auto& path = *own(f)->path;
    const int failure = own(f)->vfs->before_write(path);
    const int part = failure == 0 ? n : n / 2;
    const int code = real(f)->pMethods->xWrite(real(f), from, part, at);
    if (code == SQLITE_OK && part > 0) {
        own(f)->vfs->changed(path, {at, std::string(static_cast<const char*>(from), static_cast<std::size_t>(part))});
    }
    return failure != 0 ? failure : code;
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (const int code = own(f)->vfs->before_write(*own(f)->path)) return code;
    own(f)->vfs->changed(*own(f)->path, {size, {}, true});
    return real(f)->pMethods->xTruncate(real(f), size);
}
int sync(sqlite3_file* f, int flags) {
    if (const int code = own(f)->vfs->before_sync(*own(f)->path)) return code;
    own(f)->vfs->synced(*own(f)->path);  // the file below need not be synced: nobody cuts its power
    (void)flags;
    return SQLITE_OK;
}
int file_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int lock(sqlite3_file* f, int how) { return real(f)->pMethods->xLock(real(f), how); }
int unlock(sqlite3_file* f, int how) { return real(f)->pMethods->xUnlock(real(f), how); }
int check_lock(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int device(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** to) {
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, to);
}
int shm_lock(sqlite3_file* f, int at, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); }
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

constexpr sqlite3_io_methods methods{2,         close,   read,     write,       truncate, sync,
                                     file_size, lock,    unlock,   check_lock,  control,  sector,
                                     device,    shm_map, shm_lock, shm_barrier, shm_unmap};

int open(sqlite3_vfs* v, const char* name, sqlite3_file* f, int flags, int* out) {
    auto& vfs = *own(v);
    auto* file = own(f);
    file->base.pMethods = nullptr;
    if (const int code = vfs.before_other()) return code;
    file->vfs = &vfs;
    file->real = reinterpret_cast<sqlite3_file*>(file + 1);
    const int code = vfs.real()->xOpen(vfs.real(), name, file->real, flags, out);
    if (code != SQLITE_OK) return code;
    file->path = new std::string(name != nullptr ? name : "");
    if (name != nullptr) vfs.opened(name);
    file->base.pMethods = &methods;
    return SQLITE_OK;
}
int remove(sqlite3_vfs* v, const char* name, int sync_folder) {
    if (const int code = own(v)->before_other()) return code;
    own(v)->deleted(name);
    return own(v)->real()->xDelete(own(v)->real(), name, sync_folder);
}

void apply(std::string& bytes, const faulty_vfs::change& c) {
    const auto at = static_cast<std::size_t>(c.offset);
    if (c.truncates) {
        if (bytes.size() > at) bytes.resize(at);
        return;
    }
    if (bytes.size() < at + c.bytes.size()) bytes.resize(at + c.bytes.size());
    bytes.replace(at, c.bytes.size(), c.bytes);
}

}  // namespace

faulty_vfs::faulty_vfs() : real_(sqlite3_vfs_find(nullptr)) {
    static std::atomic<int> count = 0;
    name_ = "faulty-" + std::to_string(++count);
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(faulty_file)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    // The others know the layer below by itself.
    vfs_.xAccess = [](sqlite3_vfs* v, const char* n, int f, int* out) {
        return own(v)->real()->xAccess(own(v)->real(), n, f, out);
    };
    vfs_.xFullPathname = [](sqlite3_vfs* v, const char* n, int size, char* out) {
        return own(v)->real()->xFullPathname(own(v)->real(), n, size, out);
    };
    sqlite3_vfs_register(&vfs_, 0);
}

faulty_vfs::~faulty_vfs() { sqlite3_vfs_unregister(&vfs_); }

void faulty_vfs::fail(int operations, int times, int code, std::string of) {
    const std::lock_guard lock(mutex_);
    until_ = operations;
    times_ = times;
    code_ = code;
    of_ = std::move(of);
}
void faulty_vfs::well() {
    const std::lock_guard lock(mutex_);
    until_ = -1;
}
void faulty_vfs::cut_power() {
    const std::lock_guard lock(mutex_);
    cut_ = true;
}
int faulty_vfs::syncs() {
    const std::lock_guard lock(mutex_);
    return syncs_;
}

bool faulty_vfs::fails_now(const std::string& path, bool sync) {
    if (until_ < 0 || !path.ends_with(of_)) return false;
    if (until_ > 0) {
        --until_;
        return false;
    }
    if (sync != (code_ == SQLITE_IOERR_FSYNC)) return false;
    if (--times_ == 0) until_ = -1;
    return true;
}
int faulty_vfs::before_write(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (cut_) return SQLITE_IOERR_WRITE;
    return fails_now(path, false) ? code_ : SQLITE_OK;
}
int faulty_vfs::before_sync(const std::string& path) {
    const std::lock_guard lock(mutex_);
    ++syncs_;
    if (cut_) return SQLITE_IOERR_FSYNC;
    return fails_now(path, true) ? code_ : SQLITE_OK;
}
int faulty_vfs::before_other() {
    const std::lock_guard lock(mutex_);
    return cut_ ? SQLITE_IOERR : SQLITE_OK;
}

void faulty_vfs::opened(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (files_.contains(path)) return;
    std::ifstream in(path, std::ios::binary);
    files_[path].synced.assign(std::istreambuf_iterator<char>(in), {});
}
void faulty_vfs::changed(const std::string& path, change c) {
    const std::lock_guard lock(mutex_);
    if (!cut_) files_[path].since.push_back(std::move(c));
}
void faulty_vfs::synced(const std::string& path) {
    const std::lock_guard lock(mutex_);
    auto& f = files_[path];
    for (const auto& c : f.since) apply(f.synced, c);
    f.since.clear();
}
void faulty_vfs::deleted(const std::string& path) {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
}

void faulty_vfs::save_what_is_left(const std::filesystem::path& folder, std::mt19937& dice) {
    const std::lock_guard lock(mutex_);
    const auto survive = dice() % 3;  // none of them, some, all
    for (auto& [path, f] : files_) {
        auto bytes = f.synced;
        for (const auto& c : f.since) {
            if (survive == 2 || (survive == 1 && dice() % 2 == 0)) apply(bytes, c);
        }
        std::ofstream(folder / std::filesystem::path(path).filename(), std::ios::binary) << bytes;
    }
}

}  // namespace brusio::store::sqlite
