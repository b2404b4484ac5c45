// SPDX-License-Identifier: Apache-2.0
#include "client/run_check.h"

#include "absl/strings/str_cat.h"
#include "bench/report/find_max.h"
#include "bench/report/format.h"
#include "bench/report/plan.h"
#include "bench/run/schedule.h"

namespace normbench {
namespace {

absl::Status CheckFindMax(const std::string& text, std::span<const Case> cases) {
  if (text.empty()) return absl::OkStatus();
  if (const auto goal = ParseMaxGoal(text); !goal.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--find-max: ", goal.status().message()));
  }
  if (cases.size() == 1 && LoadOf(cases[0].spec) != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--find-max: ", cases.size(), " cases, the first is ", cases[0].key,
                   "; allowed: one service or model case, by its key or with --filter"));
}

absl::Status CheckTime(const RunArguments& arguments, std::span<const Case> cases) {
  const double seconds = PlanOf(cases).seconds;
  if (arguments.max_time_seconds == 0 || seconds <= arguments.max_time_seconds) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("--max-time: the plan takes about ",
                                                 FormatDuration(seconds), ", allowed are ",
                                                 FormatDuration(arguments.max_time_seconds),
                                                 "; take fewer cases (--filter) or fewer seconds"));
}

}  // namespace

absl::Status CheckRun(const RunArguments& arguments, std::span<const Case> cases) {
  for (const absl::Status& status :
       {CheckFindMax(arguments.find_max, cases), CheckTime(arguments, cases), CheckTraces(cases)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace normbench
