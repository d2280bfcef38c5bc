#include "brusio/terminal.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <stdexcept>

#include <histedit.h>
#include <termios.h>

#include "brusio/line_shape.hpp"

namespace brusio::client {
namespace {

constexpr int history_size = 1000;
constexpr wchar_t literal = L'\1';  // encloses what moves no cursor in a prompt

std::wstring widen(std::string_view text) {
    std::wstring out;
    std::mbstate_t state{};
    while (!text.empty()) {
        wchar_t c = 0;
        const auto size = std::mbrtowc(&c, text.data(), text.size(), &state);
        if (size == 0 || size > text.size()) {  // NUL, invalid or cut
            state = {};
            text.remove_prefix(1);
            out += L'?';
            continue;
        }
        out += c;
        text.remove_prefix(size);
    }
    return out;
}

std::string narrow(std::wstring_view text) {
    std::string out;
    std::mbstate_t state{};
    char room[16];
    for (const wchar_t c : text) {
        const auto size = std::wcrtomb(room, c, &state);
        if (size != static_cast<std::size_t>(-1)) out.append(room, size);
    }
    return out;
}

// A terminal that cannot move its cursor up cannot have its lines redrawn.
bool can_redraw(EditLine* el) {
    char* up = nullptr;
    return el_get(el, EL_GETTC, "up", &up) == 0 && up != nullptr && *up != '\0';
}

screen_size size_of(EditLine* el) {
    int columns = 0;
    int rows = 0;
    el_get(el, EL_GETTC, "co", &columns);
    el_get(el, EL_GETTC, "li", &rows);
    screen_size screen;
    if (columns >= 2) screen.columns = static_cast<std::size_t>(columns);
    if (rows >= 1) screen.rows = static_cast<std::size_t>(rows);
    return screen;
}

void bind(EditLine* el, const wchar_t* key, const wchar_t* command) { el_wset(el, EL_BIND, key, command, nullptr); }

void bind_keys(EditLine* el) {
    el_wset(el, EL_EDITOR, L"emacs");
    bind(el, L"^R", L"em-inc-search-prev");
    bind(el, L"^W", L"ed-delete-prev-word");
    bind(el, L"^I", L"ed-insert");
    bind(el, L"\\e[3~", L"ed-delete-next-char");
    bind(el, L"\\e[1~", L"ed-move-to-beg");
    bind(el, L"\\e[4~", L"ed-move-to-end");
    bind(el, L"\\e[H", L"ed-move-to-beg");
    bind(el, L"\\e[F", L"ed-move-to-end");
    bind(el, L"\\e[1;5C", L"em-next-word");
    bind(el, L"\\e[1;5D", L"ed-prev-word");
}

}  // namespace

struct terminal::editor {
    EditLine* el = nullptr;
    HistoryW* history = nullptr;
    bool redraws = true;
    bool editing = false;
    bool stopped = false;
    const waiter* wait = nullptr;
    std::wstring prompt;        // as shown
    std::wstring prompt_drawn;  // the same with its colour
    std::string pending;
    termios before{};  // the terminal's modes when we came

    editor();
    ~editor();
    line_shape shape() const;
    void erase();
    void below();
    void stop(wake how);
    int next_key(wchar_t* to);

    static editor& of(EditLine* el) {
        void* self = nullptr;
        el_get(el, EL_CLIENTDATA, &self);
        return *static_cast<editor*>(self);
    }
    static wchar_t* prompt_of(EditLine* el) { return of(el).prompt_drawn.data(); }
    static int key_of(EditLine* el, wchar_t* to) { return of(el).next_key(to); }
};

terminal::editor::editor() : el(el_init("brusio", stdin, stdout, stderr)), history(history_winit()) {
    if (el == nullptr || history == nullptr) throw std::runtime_error("the line editor does not start");
    HistEventW event;
    history_w(history, &event, H_SETSIZE, history_size);
    history_w(history, &event, H_SETUNIQUE, 1);
    el_wset(el, EL_CLIENTDATA, this);
    el_wset(el, EL_SIGNAL, 0);
    el_wset(el, EL_HIST, history_w, history);
    el_wset(el, EL_PROMPT_ESC, prompt_of, literal);
    el_wset(el, EL_GETCFN, key_of);
    bind_keys(el);
    redraws = can_redraw(el);
    tcgetattr(STDIN_FILENO, &before);
    // libedit goes back to the line mode of the kernel after each line; what is typed or pasted just then would be
    // echoed twice, and a Ctrl-D lost. So its other mode is made the same in what matters, and entered before the first
    // prompt.
    el_set(el, EL_SETTY, "-x", "-icanon", "-echo", "-iexten", nullptr);
    el_set(el, EL_PREP_TERM, 1);
}

terminal::editor::~editor() {
    el_end(el);
    history_wend(history);
}

line_shape terminal::editor::shape() const {
    const auto* line = el_wline(el);
    const std::wstring_view text(line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer));
    return shape_of(prompt, text, static_cast<std::size_t>(line->cursor - line->buffer), size_of(el));
}

// Takes the prompt and the edited line off the screen; the cursor stands where the prompt began.
void terminal::editor::erase() {
    if (!redraws) {
        std::fputs("\n", stdout);
        return;
    }
    const auto up = shape().cursor_row;
    if (up > 0) std::fprintf(stdout, "\x1B[%zuA", up);
    std::fputs("\r\x1B[J", stdout);
}

// Leaves the line on the screen and goes below it.
void terminal::editor::below() {
    const auto now = shape();
    for (auto row = now.cursor_row; row <= now.last_row; ++row) std::fputs("\n", stdout);
}

void terminal::editor::stop(wake how) {
    stopped = true;
    if (how == wake::keep) {
        below();
    } else {
        erase();
    }
    editing = false;
}

// Reads one character. Byte by byte, so that what is typed ahead stays with the terminal when we end.
int terminal::editor::next_key(wchar_t* to) {
    std::mbstate_t state{};
    for (;;) {
        const auto how = stopped ? wake::erase : (*wait)();
        if (how != wake::key) {
            if (!stopped) stop(how);
            return -1;
        }
        char byte = 0;
        const auto got = ::read(STDIN_FILENO, &byte, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return 0;
        const auto size = std::mbrtowc(to, &byte, 1, &state);
        if (size == static_cast<std::size_t>(-2)) continue;  // more bytes belong to it
        if (size == 0 || size == static_cast<std::size_t>(-1)) {
            state = {};
            continue;  // NUL, which no line has, or what is not text
        }
        return 1;
    }
}

terminal::terminal() : editor_(std::make_unique<editor>()) {}
terminal::~terminal() = default;

terminal::typed terminal::read_line(std::string_view name, std::string_view rest_of_prompt, int colour,
                                    const waiter& wait) {
    auto& e = *editor_;
    const auto wide_name = widen(name);
    const auto wide_rest = widen(rest_of_prompt);
    e.prompt = wide_name + wide_rest;
    e.prompt_drawn = e.prompt;
    if (colour != 0) {
        const auto on = L"\x1B[" + std::to_wstring(colour) + L"m";
        e.prompt_drawn = literal + on + literal + wide_name + literal + L"\x1B[39m" + literal + wide_rest;
    }
    e.wait = &wait;
    e.stopped = false;
    e.editing = true;
    int count = 0;
    const wchar_t* line = el_wgets(e.el, &count);
    const bool ended_here = e.editing;
    e.editing = false;
    e.wait = nullptr;
    if (e.stopped) {
        std::fflush(stdout);
        return {typed::kind::stopped, {}};
    }
    if (line == nullptr || count <= 0) {
        if (ended_here) e.erase();  // the line is empty; libedit wrote "^D" after the prompt
        std::fflush(stdout);
        return {typed::kind::end_of_input, {}};
    }
    std::wstring_view text(line, static_cast<std::size_t>(count));
    while (text.ends_with(L'\n') || text.ends_with(L'\r')) text.remove_suffix(1);
    return {typed::kind::line, narrow(text)};
}

void terminal::remember(std::string_view line) {
    HistEventW event;
    history_w(editor_->history, &event, H_ENTER, widen(line).c_str());
}

void terminal::show(std::string_view lines) { editor_->pending += lines; }

void terminal::flush() {
    auto& e = *editor_;
    if (e.pending.empty()) return;
    if (e.editing) e.erase();
    std::fwrite(e.pending.data(), 1, e.pending.size(), stdout);
    e.pending.clear();
    if (e.editing) el_wset(e.el, EL_REFRESH);
    std::fflush(stdout);
}

void terminal::resized() {
    auto& e = *editor_;
    // Terminals of today wrap the line anew, so that its rows are those of the new width.
    if (!e.editing) return el_resize(e.el);
    const auto* line = el_wline(e.el);
    const std::wstring text(line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer));
    const auto cursor = static_cast<std::size_t>(line->cursor - line->buffer);
    el_resize(e.el);
    const auto up = shape_of(e.prompt, text, cursor, size_of(e.el)).cursor_row;
    if (e.redraws) {
        if (up > 0) std::fprintf(stdout, "\x1B[%zuA", up);
        std::fputs("\r\x1B[J", stdout);
    }
    el_wset(e.el, EL_REFRESH);
}

void terminal::suspend() {
    auto& e = *editor_;
    if (e.editing) e.below();
    std::fflush(stdout);
    termios now{};
    tcgetattr(STDIN_FILENO, &now);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &e.before);
    raise(SIGSTOP);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
    el_resize(e.el);
    if (e.editing) el_wset(e.el, EL_REFRESH);
}

}  // namespace brusio::client
