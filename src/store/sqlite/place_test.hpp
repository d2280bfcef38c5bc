// A folder in which tests keep a SQLite store.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

#include "store/contract_test.hpp"
#include "store/sqlite/sqlite.hpp"

namespace brusio::store::sqlite {

class sqlite_place final : public place {
  public:
    sqlite_place() {
        auto name = (std::filesystem::temp_directory_path() / "brusio-store-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~sqlite_place() override { std::filesystem::remove_all(folder_); }
    sqlite_place(const sqlite_place&) = delete;
    sqlite_place& operator=(const sqlite_place&) = delete;

    std::filesystem::path folder() const { return folder_; }
    std::filesystem::path file() const { return folder_ / "brusio.db"; }

    sqlite_options options() {
        sqlite_options o = wanted;
        o.file = file().string();
        o.now_ms = [this] { return now_ms.load(); };
        o.log = [this](severity, const std::string& line) {
            const std::lock_guard lock(mutex_);
            log_.push_back(line);
        };
        o.questions_max = questions_max;
        return o;
    }
    std::unique_ptr<engine> open() override {
        auto opened = open_sqlite(options());
        if (!opened) {
            ADD_FAILURE() << opened.error().text;
            return nullptr;
        }
        return std::move(*opened);
    }
    std::string why_not() {
        auto opened = open_sqlite(options());
        return opened ? std::string() : opened.error().text;
    }
    std::vector<std::string> log() {
        const std::lock_guard lock(mutex_);
        return log_;
    }
    std::unique_ptr<place> copied_while_open() override {
        auto copy = std::make_unique<sqlite_place>();
        for (const auto* end : {"", "-wal"}) {
            const auto from = file().string() + end;
            if (std::filesystem::exists(from)) std::filesystem::copy_file(from, copy->file().string() + end);
        }
        return copy;
    }
    std::string new_file() override { return (folder_ / ("backup" + std::to_string(++files_))).string(); }
    std::unique_ptr<place> restored(const std::string& backup) override {
        auto copy = std::make_unique<sqlite_place>();
        std::filesystem::copy_file(backup, copy->file());
        return copy;
    }
    bool has_bytes(const std::string& bytes) override {
        for (const auto& f : std::filesystem::directory_iterator(folder_)) {
            if (f.path().filename().string().starts_with("backup")) continue;
            std::ifstream in(f.path(), std::ios::binary);
            const std::string all{std::istreambuf_iterator<char>(in), {}};
            if (all.contains(bytes)) return true;
        }
        return false;
    }
    sqlite_options wanted;

  private:
    std::filesystem::path folder_;
    std::mutex mutex_;
    std::vector<std::string> log_;
    int files_ = 0;
};

inline std::unique_ptr<place> make_sqlite_place() { return std::make_unique<sqlite_place>(); }

}  // namespace brusio::store::sqlite
