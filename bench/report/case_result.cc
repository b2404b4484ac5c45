// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case_result.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "bench/report/case_key.h"
#include "bench/report/expect.h"
#include "bench/report/format.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

struct SetSpec {
  v1::CaseResult* result;

  void operator()(const v1::NormCase& spec) const { *result->mutable_kernel() = spec; }
  void operator()(const v1::ServiceCase& spec) const { *result->mutable_service() = spec; }
  void operator()(const v1::ModelCase& spec) const { *result->mutable_model() = spec; }
  void operator()(const v1::InvarianceCase& spec) const { *result->mutable_invariance() = spec; }
};

}  // namespace

v1::CaseResult NewCaseResult(const Case& c) {
  v1::CaseResult result;
  result.set_key(c.key);
  result.set_kind(std::string(Name(KindOf(c.spec))));
  std::visit(SetSpec{&result}, c.spec);
  result.set_rerun(RerunCommand(c.key, ""));
  return result;
}

void SetFailure(const absl::Status& why, v1::CaseResult* result) {
  result->set_status("failed");
  result->set_error_code(absl::StatusCodeToString(why.code()));
  result->set_error(std::string(why.message().empty() ? result->error_code() : why.message()));
}

void AddWarning(std::string_view code, v1::CaseResult* result) {
  const auto& warnings = result->warnings();
  if (std::find(warnings.begin(), warnings.end(), code) != warnings.end()) return;
  result->add_warnings(std::string(code));
}

void SetSteady(Steadiness steadiness, v1::CaseResult* result) {
  if (steadiness == Steadiness::kNotTested) return;
  result->set_steady(steadiness == Steadiness::kSteady);
  if (!result->steady()) AddWarning(warning::kNotSteady, result);
}

bool HasNumbers(const v1::CaseResult& result) {
  return result.status() == "ok" || result.latency_all().n() > 0;
}

void RefuseNothing(double seconds, v1::CaseResult* result) {
  if (!result->has_open_loop() || result->open_loop().offered() > 0) return;
  if (result->status() != "ok") return;
  SetFailure(absl::FailedPreconditionError(absl::StrCat(
                 "arrivals: no request in the measured window of ", FormatSeconds(seconds),
                 "; measure longer (seconds), or at a higher rate")),
             result);
}

void AddFewSamples(v1::CaseResult* result) {
  const v1::LatencySummary& all = result->latency_all();
  const v1::Quantile& tail = result->has_kernel() ? all.p90() : all.p99();
  if (!tail.has_low() && !tail.is_infinite()) AddWarning(warning::kFewSamples, result);
}

void DropTailOfMeans(v1::LatencySummary* summary) {
  summary->clear_p99();
  summary->clear_p999();
  summary->clear_max();
}

void AddNormWarnings(v1::CaseResult* result) {
  if (result->has_norm_accuracy() && IsOverBound(result->norm_accuracy())) {
    AddWarning(warning::kOverBound, result);
  }
  if (result->norm_accuracy().nonfinite_mismatches() > 0) AddWarning(warning::kNonfinite, result);
  if (result->distinct_outputs() > 1) AddWarning(warning::kOutputsDiffer, result);
}

bool IsOverBound(const v1::NormAccuracy& accuracy) {
  return !(accuracy.err_scaled() <= accuracy.bound());
}

bool IsWrong(const v1::CaseResult& result) {
  const v1::NormAccuracy& accuracy = result.norm_accuracy();
  return result.has_norm_accuracy() &&
         (IsOverBound(accuracy) || accuracy.nonfinite_mismatches() > 0);
}

v1::CaseResult FailedCase(const Case& c, const absl::Status& why) {
  v1::CaseResult result = NewCaseResult(c);
  SetFailure(why, &result);
  JudgeAll(c.expect, &result);
  return result;
}

v1::CaseResult SkippedCase(const Case& c) {
  v1::CaseResult result = NewCaseResult(c);
  result.set_status("skipped");
  JudgeAll(c.expect, &result);
  return result;
}

}  // namespace normbench
