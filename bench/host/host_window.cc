// SPDX-License-Identifier: Apache-2.0
#include "bench/host/host_window.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bench/host/cgroup.h"
#include "bench/host/text_file.h"

namespace normbench {
namespace {

std::optional<double> ThrottledSeconds() {
  std::optional<double> sum;
  for (const std::string& folder : CgroupFolders("cpu")) {
    const auto seconds = ParseThrottled(ReadTextFile(absl::StrCat(folder, "/cpu.stat")));
    if (seconds) sum = sum.value_or(0) + *seconds;
  }
  return sum;
}

std::optional<double> Share(std::optional<double> before, std::optional<double> after,
                            double seconds) {
  if (!before || !after || !(seconds > 0)) return std::nullopt;
  return std::clamp((*after - *before) / seconds, 0.0, 1.0);
}

}  // namespace

HostReading ReadHost() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return {.steady_seconds = std::chrono::duration<double>(now).count(),
          .cpu = ReadCpuTimes(),
          .cpu_pressure_seconds = ParseCpuPressure(ReadTextFile("/proc/pressure/cpu")),
          .throttled_seconds = ThrottledSeconds(),
          .load_average = LoadAverage()};
}

HostWindow Between(const HostReading& before, const HostReading& after) {
  const double seconds = std::max(0.0, after.steady_seconds - before.steady_seconds);
  return {.seconds = seconds,
          .steal_ratio = StealRatio(before.cpu, after.cpu),
          .cpu_pressure = Share(before.cpu_pressure_seconds, after.cpu_pressure_seconds, seconds),
          .throttled_ratio = Share(before.throttled_seconds, after.throttled_seconds, seconds),
          .load_average = after.load_average};
}

// "some avg10=35.16 avg60=44.07 avg300=56.75 total=14537528788": microseconds.
std::optional<double> ParseCpuPressure(absl::string_view text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words[0] != "some") continue;
    absl::string_view total = words.back();
    double microseconds = 0;
    if (!absl::ConsumePrefix(&total, "total=") || !absl::SimpleAtod(total, &microseconds)) break;
    return microseconds / 1e6;
  }
  return std::nullopt;
}

std::optional<double> ParseThrottled(absl::string_view cpu_stat) {
  for (const absl::string_view line : absl::StrSplit(cpu_stat, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() != 2) continue;
    const double unit = words[0] == "throttled_usec"   ? 1e-6  // version 2
                        : words[0] == "throttled_time" ? 1e-9  // version 1
                                                       : 0;
    double count = 0;
    if (unit > 0 && absl::SimpleAtod(words[1], &count)) return count * unit;
  }
  return std::nullopt;
}

}  // namespace normbench
