// SPDX-License-Identifier: Apache-2.0
// What tells runs apart.
#pragma once

#include <string>

namespace normbench {

// A random UUID, version 4.
std::string NewRunId();

// Now, as runs say when they started: RFC 3339 with seconds, UTC.
std::string FormatNow();

}  // namespace normbench
