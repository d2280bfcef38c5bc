// What goes into `chat` (commands.hpp) and what comes out (effects.hpp), by which modes and ranks (modes.hpp).
#pragma once

#include "chat/commands.hpp"  // IWYU pragma: export
#include "chat/effects.hpp"   // IWYU pragma: export
#include "chat/modes.hpp"     // IWYU pragma: export
