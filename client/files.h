// SPDX-License-Identifier: Apache-2.0
// Where results go, and how they get there whole.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace normbench {

// Makes the folder and those above it. Returns INVALID_ARGUMENT with the path where that fails: it
// is the user's --out.
absl::Status MakeFolder(const std::string& path);

// Writes beside `path` and renames, after the bytes are on disk: a reader finds the old content or
// the new one, never a part. Returns INTERNAL with the path and the reason.
absl::Status WriteWhole(const std::string& path, std::string_view content);

}  // namespace normbench
