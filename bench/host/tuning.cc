// SPDX-License-Identifier: Apache-2.0
#include "bench/host/tuning.h"

#include <sys/prctl.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/host/text_file.h"

namespace normbench {
namespace {

std::string CpuFile(const char* name) {
  const std::string text = ReadTextFile(absl::StrCat("/sys/devices/system/cpu/", name));
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace

CpuTuning ReadCpuTuning() {
  const std::string governor = CpuFile("cpu0/cpufreq/scaling_governor");
  return {.governor = governor.empty() ? std::nullopt : std::optional(governor),
          .boost = ParseBoost(CpuFile("cpufreq/boost"), CpuFile("intel_pstate/no_turbo")),
          .threads_per_core = CountCpus(CpuFile("cpu0/topology/thread_siblings_list"))};
}

std::optional<double> TimerSlack() {
  const int nanoseconds = prctl(PR_GET_TIMERSLACK);
  if (nanoseconds < 0) return std::nullopt;
  return nanoseconds * 1e-9;
}

std::optional<bool> ParseBoost(absl::string_view boost, absl::string_view no_turbo) {
  int value = 0;
  if (absl::SimpleAtoi(boost, &value)) return value != 0;
  if (absl::SimpleAtoi(no_turbo, &value)) return value == 0;
  return std::nullopt;
}

std::optional<int> CountCpus(absl::string_view list) {
  int count = 0;
  for (const absl::string_view range : absl::StrSplit(list, ',')) {
    const std::vector<absl::string_view> ends = absl::StrSplit(range, '-');
    int first = 0, last = 0;
    if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), &first) ||
        !absl::SimpleAtoi(ends.back(), &last) || first < 0 || last < first) {
      return std::nullopt;
    }
    count += last - first + 1;
  }
  return count;
}

}  // namespace normbench
