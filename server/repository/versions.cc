// SPDX-License-Identifier: Apache-2.0
#include "server/repository/versions.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {

std::optional<int64_t> ParseVersion(std::string_view text) {
  if (text.empty() || text[0] < '1' || text[0] > '9') return std::nullopt;
  int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return version;
}

std::vector<int64_t> ListVersions(const std::string& model_folder) {
  std::vector<int64_t> versions;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(model_folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code kind_error;
    const auto version = ParseVersion(entry->path().filename().string());
    if (version && entry->is_directory(kind_error)) versions.push_back(*version);
  }
  std::sort(versions.begin(), versions.end());
  return versions;
}

absl::StatusOr<std::vector<int64_t>> SelectVersions(const inference::ModelVersionPolicy& policy,
                                                    const std::vector<int64_t>& present) {
  if (present.empty()) {
    return absl::NotFoundError("no version folder; expected one named by a number, for example 1");
  }
  if (policy.has_all()) return present;
  if (policy.has_specific()) {
    const std::set<int64_t> wanted(policy.specific().versions().begin(),
                                   policy.specific().versions().end());
    for (const int64_t version : wanted) {
      if (!std::binary_search(present.begin(), present.end(), version)) {
        return absl::NotFoundError(
            absl::StrCat("config.pbtxt: version_policy.specific.versions: ", version,
                         " has no folder; there are: ", absl::StrJoin(present, ", ")));
      }
    }
    return std::vector<int64_t>(wanted.begin(), wanted.end());
  }
  const size_t latest = std::max<size_t>(1, policy.latest().num_versions());
  return std::vector<int64_t>(
      present.end() - static_cast<int64_t>(std::min(latest, present.size())), present.end());
}

}  // namespace normbench
