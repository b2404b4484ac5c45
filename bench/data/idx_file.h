// SPDX-License-Identifier: Apache-2.0
// The IDX format of the MNIST family: 00 00, type (08: unsigned byte), rank, the dimensions as
// big-endian 32-bit numbers, then the elements; here always gzipped.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

// Returns the elements of a file that has exactly these dimensions. Returns NOT_FOUND where it
// cannot be opened, DATA_LOSS where it is damaged, too short, too long or has other dimensions.
absl::StatusOr<std::vector<uint8_t>> ReadIdxFile(const std::string& path,
                                                 std::span<const uint32_t> dims);

}  // namespace normbench
