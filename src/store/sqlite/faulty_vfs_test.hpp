// A file layer for SQLite that fails when it is told to, and whose power can be cut: what was not synced may then be
// lost, each write for itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

namespace brusio::store::sqlite {

class faulty_vfs {
  public:
    faulty_vfs();
    ~faulty_vfs();
    faulty_vfs(const faulty_vfs&) = delete;
    faulty_vfs& operator=(const faulty_vfs&) = delete;

    const char* name() const { return name_.c_str(); }

    // After `operations` more writes and syncs of files whose name ends with `of` (both kinds count, only `syncs` or
    // the others fail) the next `times` fail with `code`. A write that fails may have written a part.
    void fail(int operations, int times, int code, std::string of = {});
    void well();
    // From now on nothing works.
    void cut_power();
    // What is on the disk after the cut goes to another folder, under the same names.
    void save_what_is_left(const std::filesystem::path& folder, std::mt19937& dice);

    int syncs();  // so far

    // For the file layer's functions.
    struct change {
        sqlite3_int64 offset = 0;
        std::string bytes;
        bool truncates = false;  // to `offset`
    };
    struct disk_file {
        std::string synced;
        std::vector<change> since;
    };
    int before_write(const std::string& path);
    int before_sync(const std::string& path);
    int before_other();
    void opened(const std::string& path);
    void changed(const std::string& path, change c);
    void synced(const std::string& path);
    void deleted(const std::string& path);
    sqlite3_vfs* real() const { return real_; }

  private:
    bool fails_now(const std::string& path, bool sync);

    std::string name_;
    sqlite3_vfs* real_;
    sqlite3_vfs vfs_{};
    std::mutex mutex_;
    std::map<std::string, disk_file> files_;
    int until_ = -1;
    int times_ = 0;
    int code_ = 0;
    std::string of_;
    bool cut_ = false;
    int syncs_ = 0;
};

}  // namespace brusio::store::sqlite
