// admin: what `brusiod account|data|backup …` does: asks for what only the person can say, then asks the running
// server, or does it on the files when none runs.
#pragma once

#include <cstdio>
#include <functional>

#include "brusiod/command_line.hpp"
#include "brusiod/config.hpp"
#include "brusiod/control.hpp"

namespace brusio::brusiod {

// See administer_offline.
using offline_work =
    std::function<int(const sources&, const settings&, const control_request&, std::FILE* out, std::FILE* err)>;

// The code to exit with. Passwords and the name to repeat are read from `in`, and asked for on standard error when it
// is a terminal. Main thread.
int administer(const admin_options& options, int in, std::FILE* out, std::FILE* err, const offline_work& offline);

}  // namespace brusio::brusiod
