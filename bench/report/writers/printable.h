// SPDX-License-Identifier: Apache-2.0
// Text that any server may have sent, for XML.
#pragma once

#include <string>

namespace normbench {

// XML has no way to write control characters, not even escaped: '?' instead, but for line ends and
// tabs.
std::string Printable(std::string text);

}  // namespace normbench
