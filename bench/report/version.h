// SPDX-License-Identifier: Apache-2.0
// Which normbench this is.
#pragma once

#include <string_view>

namespace normbench {

std::string_view Version();  // "0.1.0"

// Abbreviated commit, "-dirty" appended where the tree had changes when it was built; "unknown"
// outside git.
std::string_view GitSha();

}  // namespace normbench
