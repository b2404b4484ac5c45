// SPDX-License-Identifier: Apache-2.0
// Where results go.
#pragma once

#include <string>

namespace normbench {

// The user's folder, or one named after start (RFC 3339) and run, so that nothing is replaced.
std::string ResultsFolder(const std::string& out, const std::string& started,
                          const std::string& run_id);

}  // namespace normbench
