// SPDX-License-Identifier: Apache-2.0
#include "bench/host/quota.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/host/cgroup.h"
#include "bench/host/text_file.h"

namespace normbench {
namespace {

std::optional<double> CpuQuotaOf(const std::string& folder) {
  const auto file = [&](const char* name) { return ReadTextFile(absl::StrCat(folder, name)); };
  if (const auto quota = ParseCpuMax(file("/cpu.max"))) return quota;
  return ParseCfsQuota(file("/cpu.cfs_quota_us"), file("/cpu.cfs_period_us"));
}

std::optional<double> MemoryLimitOf(const std::string& folder) {
  const auto file = [&](const char* name) { return ReadTextFile(absl::StrCat(folder, name)); };
  if (const auto limit = ParseMemoryMax(file("/memory.max"))) return limit;
  return ParseMemoryMax(file("/memory.limit_in_bytes"));
}

std::optional<double> LeastOf(const std::vector<std::string>& folders,
                              const std::function<std::optional<double>(const std::string&)>& of) {
  std::optional<double> least;
  for (const std::string& folder : folders) {
    if (const auto value = of(folder)) least = std::min(least.value_or(*value), *value);
  }
  return least;
}

}  // namespace

std::optional<double> CpuQuota() {
  return LeastOf(CgroupFolders("cpu"), CpuQuotaOf);
}

std::optional<double> MemoryLimit() {
  return LeastOf(CgroupFolders("memory"), MemoryLimitOf);
}

std::optional<double> ParseCpuMax(absl::string_view cpu_max) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(absl::StripAsciiWhitespace(cpu_max), ' ');
  return words.size() == 2 ? ParseCfsQuota(words[0], words[1]) : std::nullopt;
}

std::optional<double> ParseCfsQuota(absl::string_view quota, absl::string_view period) {
  double allowed = 0, of = 0;
  if (!absl::SimpleAtod(quota, &allowed) || !absl::SimpleAtod(period, &of)) return std::nullopt;
  if (!(allowed > 0) || !(of > 0)) return std::nullopt;
  return allowed / of;
}

std::optional<double> ParseMemoryMax(absl::string_view text) {
  constexpr double kNoLimit = 1ULL << 60;  // version 1 has the largest number of whole pages
  double bytes = 0;
  if (!absl::SimpleAtod(text, &bytes) || !(bytes >= 0) || bytes >= kNoLimit) return std::nullopt;
  return bytes;
}

}  // namespace normbench
