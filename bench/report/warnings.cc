// SPDX-License-Identifier: Apache-2.0
#include "bench/report/warnings.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "bench/report/format.h"

namespace normbench {
namespace {

constexpr double kMuchSteal = 0.02;
constexpr double kMuchLoad = 0.7;  // of the CPUs

constexpr std::array kTable = {
    WarningText{warning::kNotSteady, "not_steady",
                "throughput did not settle in the first half: nothing was discarded as warm-up; "
                "measure longer"},
    WarningText{warning::kFewSamples, "few_samples",
                "too few independent samples for the tail: p90 (kernel cases) needs 36, p99 368; "
                "measure longer"},
    WarningText{warning::kSteal, "steal",
                "the hypervisor gave CPU time to others while this was measured"},
    WarningText{warning::kCoLocated, "co_located",
                "client and server share this machine and take CPU time from each other"},
    WarningText{warning::kLoaded, "loaded", "the machine was busy before the run began"},
    WarningText{warning::kFromHistogram, "from_histogram",
                "more requests than raw samples are kept for: quantiles have three digits, warm-up "
                "included"},
    WarningText{warning::kCopiesOutput, "copies_output",
                "the library writes to memory of its own; copying it out is in the time"},
    WarningText{warning::kConvertsLayout, "converts_layout",
                "the library answers in another layout; converting it back is in the time"},
    WarningText{warning::kOverBound, "over_bound",
                "the error is above the bound derived for this norm, data and length"},
    WarningText{warning::kNonfinite, "nonfinite",
                "NaN or Inf where the reference has none, or the reverse"},
    WarningText{warning::kOutputsDiffer, "outputs_differ",
                "the same input did not always give the same bits"},
    WarningText{warning::kFlips, "flips",
                "predictions differ from request_batch 1 by more than rounding: the answer depends "
                "on the batch"},
    WarningText{warning::kNotCompared, "not_compared",
                "more distinct answers than are kept: some were not compared"},
    WarningText{warning::kErrors, "errors", "some requests failed; they count as infinitely slow"},
    WarningText{warning::kPartial, "partial", "the case ended before its budget"},
};

void AddRunWarning(std::string_view code, const std::string& detail, v1::Report* report) {
  v1::Warning* added = report->add_warnings();
  added->set_code(std::string(code));
  added->set_text(absl::StrCat(std::string(DescribeWarning(code).text), detail));
}

void CollectRunWarnings(v1::Report* report) {
  const v1::HostConditions& host = report->conditions();
  if (host.steal_ratio() > kMuchSteal) {
    AddRunWarning(warning::kSteal, absl::StrCat(": ", FormatNumber(host.steal_ratio() * 100), " %"),
                  report);
  }
  if (host.co_located()) AddRunWarning(warning::kCoLocated, "", report);
  if (host.runnable() > kMuchLoad * report->client().cpus() && report->client().cpus() > 0) {
    AddRunWarning(warning::kLoaded,
                  absl::StrCat(": ", FormatNumber(host.runnable()), " threads wanted a CPU"),
                  report);
  }
}

}  // namespace

std::span<const WarningText> AllWarnings() {
  return kTable;
}

WarningText DescribeWarning(std::string_view code) {
  for (const WarningText& row : kTable) {
    if (row.code == code) return row;
  }
  return {code, "", ""};
}

void CollectWarnings(v1::Report* report) {
  report->clear_warnings();
  CollectRunWarnings(report);
  for (const v1::CaseResult& result : report->cases()) {
    for (const std::string& code : result.warnings()) {
      v1::Warning* added = report->add_warnings();
      added->set_code(code);
      added->set_text(std::string(DescribeWarning(code).text));
      added->set_case_key(result.key());
    }
  }
}

}  // namespace normbench
