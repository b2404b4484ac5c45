// SPDX-License-Identifier: Apache-2.0
// The label `case` of metrics: keys are long and have characters that nobody wants to type in a
// query, so a case goes by a short hash of its key. normbench_case_info has both.
#pragma once

#include <string>
#include <string_view>

namespace normbench {

// Ten hexadecimal digits of XXH3 of the key: the same on every machine and in every version.
std::string CaseLabel(std::string_view key);

}  // namespace normbench
