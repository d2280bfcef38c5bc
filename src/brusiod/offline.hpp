// offline: an administrator's command when no server runs on the data.
#pragma once

#include <cstdio>

#include "brusiod/config.hpp"
#include "brusiod/control.hpp"

namespace brusio::brusiod {

// Does what `request` says (see admin_options::words; `input` is the password where there is one) on the files in
// `with.data`, which may not be there yet, and waits until it is done. Output goes to `out`, sentences to `err`, as
// file_client writes them. The code to exit with: 0 when it was done, else 1. The caller has asked that no server runs,
// but one may start meanwhile: opening the files must keep two from each other. Main thread, before there are others.
int administer_offline(const sources& from, const settings& with, const control_request& request, std::FILE* out,
                       std::FILE* err);

}  // namespace brusio::brusiod
