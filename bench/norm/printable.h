// SPDX-License-Identifier: Apache-2.0
// Text of somebody else's in our messages: in a log line or a status it must not forge another one.
#pragma once

#include <string>
#include <string_view>

namespace normbench {

// Returns `text` with everything but printable ASCII escaped: \x0a.
std::string Printable(std::string_view text);

}  // namespace normbench
