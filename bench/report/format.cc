// SPDX-License-Identifier: Apache-2.0
#include "bench/report/format.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace normbench {
namespace {

std::string NotFinite(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

// Digits after the point that leave three significant ones; the value is rounded first, since
// 9.996 is 10.0, not 10.00.
int Decimals(double value) {
  const double magnitude = std::abs(value);
  if (magnitude >= 99.95) return 0;
  if (magnitude >= 9.995) return 1;
  if (magnitude >= 0.9995) return 2;
  return 3;
}

}  // namespace

std::string FormatNumber(double value) {
  if (!std::isfinite(value)) return NotFinite(value);
  if (value == 0) return "0";
  const double magnitude = std::abs(value);
  if (magnitude < 1e-3 || magnitude >= 1e6) return absl::StrFormat("%.3g", value);
  return absl::StrFormat("%.*f", Decimals(value), value);
}

std::string FormatCount(double value) {
  return std::isfinite(value) ? absl::StrFormat("%.0f", value) : NotFinite(value);
}

std::string FormatSeconds(double seconds) {
  if (!std::isfinite(seconds)) return NotFinite(seconds);
  const TimeUnit unit = UnitFor({seconds});
  return absl::StrCat(FormatNumber(seconds * unit.per_second), " ", unit.name);
}

std::string FormatDuration(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return absl::StrCat(whole, "s");
  if (whole < 3600) return absl::StrFormat("%dm%02ds", whole / 60, whole % 60);
  return absl::StrFormat("%dh%02dm", whole / 3600, whole % 3600 / 60);
}

std::string FormatBytes(double bytes) {
  if (bytes >= 999.5e6) return absl::StrCat(FormatNumber(bytes / 1e9), " GB");
  if (bytes >= 999.5e3) return absl::StrCat(FormatNumber(bytes / 1e6), " MB");
  return absl::StrCat(FormatNumber(bytes / 1e3), " kB");
}

TimeUnit UnitFor(const std::vector<double>& seconds) {
  double log_sum = 0;
  int count = 0;
  for (const double value : seconds) {
    if (!std::isfinite(value) || value <= 0) continue;
    log_sum += std::log(value);
    ++count;
  }
  const double typical = count == 0 ? 0 : std::exp(log_sum / count);
  if (typical < 999.5e-6) return {1e6, "us"};
  if (typical < 0.9995) return {1e3, "ms"};
  return {1, "s"};
}

}  // namespace normbench
