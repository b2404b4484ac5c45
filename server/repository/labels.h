// SPDX-License-Identifier: Apache-2.0
// What the classes of an output are called: a text file in the model's folder, one label a line, in
// the order of the classes.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

inline constexpr size_t kMaxLabelBytes = 256;
inline constexpr size_t kMaxLabelFileBytes = size_t{1} << 20;

// Lines may end in CR LF; the last one need not end. Returns NOT_FOUND where `path` is no file,
// INVALID_ARGUMENT for a file or line that is too long, naming the file as `shown`.
absl::StatusOr<std::vector<std::string>> ReadLabels(const std::string& path,
                                                    const std::string& shown);

}  // namespace normbench
