// SPDX-License-Identifier: Apache-2.0
#include "server/memory_size.h"

#include <array>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace normbench {
namespace {

constexpr std::array<std::pair<const char*, double>, 7> kUnits = {{{"B", 1},
                                                                   {"KB", 1e3},
                                                                   {"MB", 1e6},
                                                                   {"GB", 1e9},
                                                                   {"KiB", 1024.0},
                                                                   {"MiB", 1048576.0},
                                                                   {"GiB", 1073741824.0}}};

// 0 for an unknown unit.
double BytesPerUnit(const std::string& unit) {
  for (const auto& [name, bytes] : kUnits) {
    if (unit == name) return bytes;
  }
  return 0;
}

}  // namespace

absl::StatusOr<int64_t> ParseMemorySize(const std::string& text) {
  const size_t unit_at = text.find_first_not_of("0123456789.");
  const std::string unit = unit_at == std::string::npos ? "" : text.substr(unit_at);
  double amount = 0;
  const bool is_number = absl::SimpleAtod(text.substr(0, unit_at), &amount);
  const double bytes = std::floor(amount * BytesPerUnit(unit));
  if (!is_number || !(bytes >= 1) || bytes > 0x1p62) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text,
        "' is not an amount of memory; write for example 768MB or 1.5GiB (B, KB, MB, GB, ",
        "KiB, MiB, GiB)"));
  }
  return static_cast<int64_t>(bytes);
}

std::string FormatMemorySize(int64_t bytes) {
  const double amount = static_cast<double>(bytes);
  if (amount >= 1e12) return absl::StrFormat("%.0f GB", amount / 1e9);
  if (amount >= 1e9) return absl::StrFormat("%.3g GB", amount / 1e9);
  if (amount >= 1e6) return absl::StrFormat("%.3g MB", amount / 1e6);
  if (amount >= 1e3) return absl::StrFormat("%.3g KB", amount / 1e3);
  return absl::StrCat(bytes, " B");
}

}  // namespace normbench
