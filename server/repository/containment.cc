// SPDX-License-Identifier: Apache-2.0
#include "server/repository/containment.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;

absl::Status CheckOne(const fs::path& root, const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  const std::string shown = path.lexically_relative(root).string();
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(shown, ": cannot be resolved: ", error.message()));
  }
  const auto [root_end, rest] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  if (root_end != root.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(shown, ": leads out of the model repository; allowed: files inside of it"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckContained(const fs::path& root, const fs::path& path) {
  if (absl::Status status = CheckOne(root, path); !status.ok()) return status;
  std::error_code error;
  if (!fs::is_directory(path, error)) return absl::OkStatus();
  // Does not follow links: a link to a folder inside is checked where that folder is.
  fs::recursive_directory_iterator entry(path, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    if (absl::Status status = CheckOne(root, entry->path()); !status.ok()) return status;
  }
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat(path.lexically_relative(root).string(),
                                                   ": cannot be read: ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace normbench
