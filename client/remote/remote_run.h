// SPDX-License-Identifier: Apache-2.0
// `normbench run --remote`: a sweep that the server executes, followed from here; what is printed
// and kept is that of a run from here.
#pragma once

#include <functional>

#include "client/arguments.h"

namespace normbench {

// Returns the exit code. Ctrl-C (stop) ends the watching, not the run: that is said, with 130.
// REQUIRES: arguments.remote.
int RunRemotely(const RunArguments& arguments, const std::function<bool()>& stop);

}  // namespace normbench
