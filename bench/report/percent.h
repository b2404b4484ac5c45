// SPDX-License-Identifier: Apache-2.0
// Percent-encoding of values in case keys (RFC 3986, upper-case hex).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace normbench {

// Keeps [A-Za-z0-9._~:/-], encodes every other byte.
std::string PercentEncode(std::string_view text);

// Returns INVALID_ARGUMENT for a '%' that two hex digits do not follow.
absl::StatusOr<std::string> PercentDecode(std::string_view text);

}  // namespace normbench
