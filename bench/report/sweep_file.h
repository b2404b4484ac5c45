// SPDX-License-Identifier: Apache-2.0
// A sweep as text: JSON with the field names of sweep.proto. Format reference: README.md here.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {

inline constexpr int kSweepVersion = 1;

// Returns INVALID_ARGUMENT for malformed JSON, an unknown key ("kernel[0].tensr_n: unknown key, did
// you mean tensor_n"), a value of the wrong type, a version other than kSweepVersion, or a bad
// name.
absl::StatusOr<v1::Sweep> ParseSweep(std::string_view json);

// What ParseSweep says of version and name, for a sweep that came as a message.
absl::Status CheckSweepHead(const v1::Sweep& sweep);

// Reads and parses; errors start with the path. NOT_FOUND where it cannot be opened.
absl::StatusOr<v1::Sweep> ReadSweepFile(const std::string& path);

}  // namespace normbench
