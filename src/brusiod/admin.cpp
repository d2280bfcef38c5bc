#include "brusiod/admin.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <expected>

#include "brusiod/ask_password.hpp"
#include "brusiod/control_wire.hpp"

namespace brusio::brusiod {
namespace {

struct refusal {
    std::string sentence;
    int code = exit_failed;
};

bool is(const std::vector<std::string>& words, std::string_view group, std::string_view verb) {
    return words.size() > 1 && words[0] == group && words[1] == verb;
}

// What is erased or deleted does not come back.
std::expected<void, refusal> confirm(const admin_options& options, int in) {
    if (options.yes) return {};
    const bool erase = options.words[0] == "data";
    if (isatty(in) == 0) {
        return std::unexpected(refusal{
            fmt::format("{} {} needs --yes where it cannot ask", options.words[0], options.words[1]), exit_usage});
    }
    const auto& name = options.words[2];
    const auto typed = ask_line(in, erase ? "This erases all that the account said. Type the account's name again:"
                                          : "This deletes the account. Type its name again:");
    if (!typed) return std::unexpected(refusal{typed.error().text});
    if (*typed != name) {
        return std::unexpected(
            refusal{fmt::format("that is another name; nothing was {}", erase ? "erased" : "deleted")});
    }
    return {};
}

std::expected<control_request, refusal> request_of(const admin_options& options, int in) {
    control_request request{.words = options.words, .input = ""};
    const auto& words = options.words;
    if (is(words, "data", "erase") || is(words, "account", "drop")) {
        if (auto sure = confirm(options, in); !sure) return std::unexpected(sure.error());
    }
    if (is(words, "account", "add") || is(words, "account", "passwd")) {
        auto password = ask_password(in);
        if (!password) return std::unexpected(refusal{password.error().text});
        if (password->empty()) return std::unexpected(refusal{"a password cannot be empty"});
        request.input = std::move(*password);
    }
    if (words[0] == "backup") {  // the server stands in another folder
        std::error_code error;
        const auto file = std::filesystem::absolute(words[1], error);
        if (error) return std::unexpected(refusal{"the current folder is not known: " + error.message()});
        request.words[1] = file.lexically_normal().string();
    }
    return request;
}

// Files that root made there the server could not write later.
base::result<void> check_owner(const std::filesystem::path& data) {
    struct stat folder{};
    if (::stat(data.c_str(), &folder) != 0 || folder.st_uid == ::geteuid()) return {};
    return base::fail("{} belongs to another user: run this as them (no server runs there that could do it)",
                      data.string());
}

}  // namespace

int administer(const admin_options& options, int in, std::FILE* out, std::FILE* err, const offline_work& offline) {
    const auto complain = [err](std::string_view sentence, int code) {
        fmt::print(err, "{}", shown_sentence(sentence));
        return code;
    };
    const auto with = load_settings(options.from);
    if (!with) return complain(with.error().text, exit_usage);
    const auto request = request_of(options, in);
    if (!request) return complain(request.error().sentence, request.error().code);
    const auto code = ask_running_server(with->data / control_socket_name, *request, out, err);
    if (!code) return complain(code.error().text, exit_failed);
    if (*code) return **code;
    if (const auto owner = check_owner(with->data); !owner) return complain(owner.error().text, exit_failed);
    return offline(options.from, *with, *request, out, err);
}

}  // namespace brusio::brusiod
