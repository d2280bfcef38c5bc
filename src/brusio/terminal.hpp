// A line editor on the terminal that stdin and stdout are, over libedit, which keeps the edited line whole while other
// text is printed above it. One object in a process, one thread. The locale's character type must be set before.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace brusio::client {

class terminal {
  public:
    // What the wait for a key came to: a key; the edited line is of no use any more and may be erased; or leave it as
    // it is (Ctrl-C).
    enum class wake : unsigned char { key, erase, keep };
    // Called whenever a key is awaited. Waits until stdin is readable, does the other work meanwhile.
    using waiter = std::function<wake()>;

    struct typed {
        enum class kind : unsigned char { line, end_of_input, stopped };
        kind what = kind::line;
        std::string text;  // without the line end, in the locale's encoding
    };

    terminal();
    ~terminal();  // the terminal is as it was
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;

    // `prompt` is a clean line in UTF-8, `name` its beginning that is shown in `colour` (0: none).
    typed read_line(std::string_view name, std::string_view rest_of_prompt, int colour, const waiter& wait);
    void remember(std::string_view line);  // for the history, which lives as long as this object

    // May be called at any time, also by a waiter. Whole lines; shown at flush(), above the line being edited.
    void show(std::string_view lines);
    void flush();

    void resized();  // on SIGWINCH
    void suspend();  // on SIGTSTP: stops the process, returns when it goes on

  private:
    struct editor;
    std::unique_ptr<editor> editor_;
};

}  // namespace brusio::client
