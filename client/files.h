// SPDX-License-Identifier: Apache-2.0
// Where results go, and how they get there whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

// Makes the folder and those above it. Returns INVALID_ARGUMENT with the path where that fails: it
// is the user's --out.
absl::Status MakeFolder(const std::string& path);

// Writes beside `path` and renames, after the bytes are on disk: a reader finds the old content or
// the new one, never a part. Returns INTERNAL with the path and the reason.
absl::Status WriteWhole(const std::string& path, std::string_view content);

// Whether WriteWhole could write `path` now. Returns INVALID_ARGUMENT with the path and the reason;
// leaves nothing behind.
absl::Status CheckWritable(const std::string& path);

struct FileContent {
  std::string name;  // below the folder
  std::string content;
};

// WriteWhole for several files of `folder`: none is replaced before all are on disk, so that a full
// disk leaves the older ones as they were. They are replaced in their order; the first one that
// cannot be ends it.
absl::Status WriteTogether(const std::string& folder, const std::vector<FileContent>& files);

// Returns NOT_FOUND or INVALID_ARGUMENT with the path and the reason.
absl::StatusOr<std::string> ReadWhole(const std::string& path);

}  // namespace normbench
