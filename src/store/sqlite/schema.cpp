#include "store/sqlite/schema.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr migration all[] = {
#include <migrations.inc>
};

}  // namespace

std::span<const migration> migrations() { return all; }

base::result<void> migrate(connection& c, const std::string& file, std::span<const migration> steps) {
    const auto version = c.number("PRAGMA user_version");
    const auto id = c.number("PRAGMA application_id");
    const bool empty = c.number("SELECT count(*) FROM sqlite_schema") == 0;
    if (!empty && id != application_id) {
        return base::fail("{} is a database of another program; name another file or folder", file);
    }
    if (version > steps.back().number) {
        return base::fail(
            "{} was written by a newer version of brusiod (its schema is {}, this version knows {}); "
            "install that version again, or restore a backup from before the upgrade",
            file, version, steps.back().number);
    }
    for (const auto& step : steps) {
        if (step.number <= version) continue;
        transaction whole(c, true);
        c.execute(step.sql);
        c.execute(fmt::format("PRAGMA user_version = {}", step.number));
        c.execute(fmt::format("PRAGMA application_id = {}", application_id));
        whole.commit();
    }
    return {};
}

}  // namespace brusio::store::sqlite
