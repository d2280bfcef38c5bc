#include "store/sqlite/jobs.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <SQLiteCpp/Backup.h>
#include <pthread.h>

#include "store/sqlite/schema.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr std::size_t jobs_max = 100;
constexpr int pages_a_step = 256;  // of a backup: 1 MiB

// Takes the file away again unless it is kept.
class new_file {
  public:
    explicit new_file(std::string name) : name_(std::move(name)) {}
    ~new_file() {
        std::error_code ignored;
        if (!keep_) std::filesystem::remove(name_, ignored);
        for (const auto* end : {"-wal", "-shm", "-journal"}) std::filesystem::remove(name_ + end, ignored);
    }
    new_file(const new_file&) = delete;
    new_file& operator=(const new_file&) = delete;
    void keep() { keep_ = true; }

  private:
    std::string name_;
    bool keep_ = false;
};

base::result<void> make_file(const std::string& file) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) return base::fail("{} exists; name a file that does not", file);
    if (fd < 0) return base::fail("{} cannot be made: {}", file, std::strerror(errno));
    ::fchmod(fd, 0600);
    ::close(fd);
    return {};
}

base::result<void> sync_folder(const std::string& file) {
    const auto folder = std::filesystem::absolute(file).parent_path();
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!ok) return base::fail("{} cannot be written to: {}", folder.string(), std::strerror(errno));
    return {};
}

}  // namespace

jobs::jobs()
    : thread_([this] {
          pthread_setname_np(pthread_self(), "store-jobs");
          setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);
          run();
      }) {}

jobs::~jobs() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
    for (const auto& j : jobs_) j.done(base::fail("the server is stopping"));
}

void jobs::add(job j) {
    {
        const std::lock_guard lock(mutex_);
        if (!stop_ && jobs_.size() < jobs_max) {
            jobs_.push_back(std::move(j));
            wake_.notify_one();
            return;
        }
    }
    j.done(base::fail("too many jobs of this kind wait; ask again later"));
}

void jobs::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
        if (stop_) return;
        auto j = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        outcome result;
        try {
            result = j.work();
        } catch (const SQLite::Exception& e) {
            result = base::fail("{}", why(e));
        } catch (const std::exception& e) {
            result = base::fail("{}", e.what());
        }
        j.done(std::move(result));
        lock.lock();
    }
}

jobs::outcome back_up(const shared& s, const std::string& file) {
    if (auto made = make_file(file); !made) return std::unexpected(made.error());
    new_file guard(file);
    {
        connection from(s.options.file, access::read, s.options.vfs);
        connection to(file, access::write, {});
        const transaction one_moment(from);  // so that it need not begin anew when somebody writes
        from.number("SELECT last_id FROM state");
        SQLite::Backup copy(to.base(), from.base());
        while (copy.executeStep(pages_a_step) != 101 /*SQLITE_DONE*/) {
            if (s.stopping) return base::fail("the server is stopping");
        }
    }
    connection copy(file, access::write, {});
    copy.execute("PRAGMA journal_mode=DELETE");                      // one file, and nothing beside it
    copy.execute("UPDATE state SET opening = hex(randomblob(16))");  // no index is its
    if (const auto check = copy.base().execAndGet("PRAGMA quick_check(1)").getString(); check != "ok") {
        return base::fail("the copy is damaged, as the original may be: {}", check);
    }
    const auto messages = copy.number("SELECT count(*) FROM entries");
    if (auto synced = sync_folder(file); !synced) return std::unexpected(synced.error());
    guard.keep();
    return fmt::format("{}: {} bytes, {} messages and events", file, std::filesystem::file_size(file), messages);
}

}  // namespace brusio::store::sqlite
