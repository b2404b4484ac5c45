// SPDX-License-Identifier: Apache-2.0
#include "server/runs/run_request.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/data/photometric.h"
#include "bench/norm/printable.h"
#include "bench/report/expand.h"
#include "bench/report/format.h"
#include "bench/report/sweep_file.h"

namespace normbench {
namespace {

constexpr size_t kMaxLabelValue = 256;  // bytes
constexpr size_t kMaxFilter = 1024;     // bytes
constexpr std::string_view kLabelLetters = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
constexpr std::string_view kKeyLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

bool IsWord(std::string_view word, std::string_view letters) {
  return !word.empty() && word.size() <= 64 &&
         word.find_first_not_of(letters) == std::string_view::npos;
}

absl::Status CheckWords(const v1::SubmitRequest& request) {
  const std::string& key = request.idempotency_key();
  if (!key.empty() && !IsWord(key, kKeyLetters)) {
    return absl::InvalidArgumentError(absl::StrCat("idempotency_key: '", Printable(key),
                                                   "'; allowed: 1 to 64 of A-Z a-z 0-9 . _ -"));
  }
  if (request.filter().size() > kMaxFilter) {
    return absl::InvalidArgumentError(
        absl::StrCat("filter: ", request.filter().size(), " bytes; allowed: at most ", kMaxFilter));
  }
  const std::string& others = request.other_traffic();
  if (others.empty() || others == "mark" || others == "refuse") return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("other_traffic: '", Printable(others), "'; allowed: mark, refuse"));
}

absl::Status CheckLabels(const v1::SubmitRequest& request) {
  if (request.labels_size() > kMaxRunLabels) {
    return absl::InvalidArgumentError(
        absl::StrCat("labels: ", request.labels_size(), "; allowed: at most ", kMaxRunLabels));
  }
  for (const auto& [key, value] : request.labels()) {
    if (!IsWord(key, kLabelLetters)) {
      return absl::InvalidArgumentError(
          absl::StrCat("labels: key '", Printable(key), "'; allowed: 1 to 64 of a-z 0-9 . _ -"));
    }
    if (value.size() > kMaxLabelValue) {
      return absl::InvalidArgumentError(absl::StrCat("labels: ", std::string(key), " has ",
                                                     value.size(), " bytes; allowed: at most ",
                                                     kMaxLabelValue));
    }
  }
  return absl::OkStatus();
}

// Files of the server's are none of a client's business.
absl::Status CheckFiles(const Case& c) {
  if (const auto* model = std::get_if<v1::ModelCase>(&c.spec)) {
    if (model->data() != kFashionMnistWideKey || !model->labels().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          c.key,
          ": data from a file; allowed for a run on request: ", std::string(kFashionMnistWideKey)));
    }
  }
  const v1::Load* load = LoadOf(c.spec);
  if (load == nullptr || !load->arrivals().starts_with("trace:")) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      c.key,
      ": a trace from a file; allowed for a run on request: poisson, constant, spike, step"));
}

absl::Status CheckPlan(const Plan& plan, const RunLimits& limits) {
  if (plan.seconds > limits.max_seconds) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sweep: the plan takes about ", FormatDuration(plan.seconds),
        "; allowed: ", FormatDuration(limits.max_seconds), " (--max-run-seconds of the server)"));
  }
  if (plan.memory_bytes > limits.max_memory_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sweep: the plan needs about ", FormatBytes(plan.memory_bytes), " of memory; allowed: ",
        FormatBytes(limits.max_memory_bytes), " (two thirds of --memory-budget of the server)"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CheckedRun> CheckRunRequest(const v1::SubmitRequest& request,
                                           const RunLimits& limits) {
  for (const absl::Status& status :
       {CheckSweepHead(request.sweep()), CheckWords(request), CheckLabels(request)}) {
    if (!status.ok()) return status;
  }
  // Of all cases: the filter may let others through where devices are known.
  const auto all = Expand(request.sweep());
  if (!all.ok()) return all.status();
  for (const Case& c : *all) {
    if (absl::Status status = CheckFiles(c); !status.ok()) return status;
  }
  const auto cases = Expand(request.sweep(), {.filter = request.filter()});
  if (!cases.ok()) return cases.status();
  return CheckCases(*cases, limits);
}

absl::StatusOr<CheckedRun> CheckCases(std::span<const Case> cases, const RunLimits& limits) {
  CheckedRun checked{.plan = PlanOf(cases)};
  for (const Case& c : cases) {
    if (absl::Status status = CheckFiles(c); !status.ok()) return status;
    checked.visits += c.visits;
  }
  if (absl::Status status = CheckPlan(checked.plan, limits); !status.ok()) return status;
  return checked;
}

}  // namespace normbench
