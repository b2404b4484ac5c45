// SPDX-License-Identifier: Apache-2.0
// Names of runs.
#pragma once

#include <string>

namespace normbench {

// A random UUID, version 4.
std::string NewRunId();

}  // namespace normbench
