// SPDX-License-Identifier: Apache-2.0
// Amounts of memory as people write them: 768MB, 4GB, 1.5GiB. MB is 10^6 bytes, MiB is 2^20.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace normbench {

// Returns INVALID_ARGUMENT, naming the text and the units there are, for what is not a positive
// amount with a unit, or is over 2^62 bytes.
absl::StatusOr<int64_t> ParseMemorySize(const std::string& text);

// With the largest decimal unit that leaves at least 1, three digits or, from 1000 GB on, whole
// gigabytes: "768 MB", "4.1 GB", "2000 GB".
std::string FormatMemorySize(int64_t bytes);

}  // namespace normbench
