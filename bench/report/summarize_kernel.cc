// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "bench/report/case_result.h"
#include "bench/report/expect.h"
#include "bench/report/latency.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"
#include "bench/stats/clip.h"
#include "bench/stats/quantile.h"
#include "bench/stats/steady_state.h"

namespace normbench {
namespace {

v1::KernelNumbers KernelNumbersOf(const v1::MeasureResult& measured, const v1::Quantile& p50) {
  v1::KernelNumbers numbers;
  numbers.set_iterations_per_sample(measured.iterations_per_sample());
  numbers.set_time_source(measured.time_source());
  numbers.set_algorithmic_bytes(measured.algorithmic_bytes());
  if (!p50.has_value() || p50.value() <= 0) return numbers;
  numbers.set_effective_bandwidth(measured.algorithmic_bytes() / p50.value());
  // Copies are timed by the steady clock: another one's times are no ratio to them.
  if (measured.copy_seconds().empty() || measured.time_source() != "steady_clock") return numbers;
  std::vector<double> copies(measured.copy_seconds().begin(), measured.copy_seconds().end());
  std::sort(copies.begin(), copies.end());
  numbers.set_copy_ratio(NearestRank(copies, 0.5) / p50.value());
  return numbers;
}

// Returns the samples that count.
std::span<const double> SetTimes(const v1::MeasureResult& measured, v1::CaseResult* result) {
  const std::span<const double> all(measured.sample_seconds().data(),
                                    static_cast<size_t>(measured.sample_seconds_size()));
  const SteadyState found = FindSteadyState(ClipOutliers(all));
  const std::span<const double> kept = all.subspan(found.discard);
  const double calls = std::max(1, measured.iterations_per_sample());
  *result->mutable_latency_ok() = SummarizeLatency(kept, "none");
  if (measured.iterations_per_sample() > 1) DropTailOfMeans(result->mutable_latency_ok());
  *result->mutable_latency_all() = result->latency_ok();
  result->set_requests(static_cast<double>(kept.size()) * calls);
  result->set_warmup_discarded(measured.warmup_calls() +
                               static_cast<double>(all.size() - kept.size()) * calls);
  SetSteady(found.steadiness, result);
  result->set_measured_seconds(std::accumulate(kept.begin(), kept.end(), 0.0) * calls);
  result->set_first_call_seconds(measured.first_call_seconds());
  if (result->latency_ok().mean() > 0 && !measured.norm_case().shape().empty()) {
    result->set_samples_per_s(measured.norm_case().shape(0) / result->latency_ok().mean());
  }
  return kept;
}

void KeepAll(const v1::MeasureResult& measured, std::span<const double> seconds, Kept* kept) {
  kept->ok = Keep(seconds);
  for (const uint64_t checksum : measured.output_checksums()) {
    kept->outputs.push_back({.input = 0, .checksum = checksum});
  }
}

void AddWarnings(const v1::MeasureResult& measured, v1::CaseResult* result) {
  for (const std::string& code : measured.warnings()) result->add_warnings(code);
  AddFewSamples(result);
  AddNormWarnings(result);
}

}  // namespace

v1::CaseResult SummarizeKernel(const Case& c, const v1::MeasureResult& measured, Kept* kept) {
  v1::CaseResult result = NewCaseResult(c);
  *result.mutable_kernel() = measured.norm_case();
  result.set_status("ok");
  const std::span<const double> seconds = SetTimes(measured, &result);
  if (kept != nullptr) KeepAll(measured, seconds, kept);
  *result.mutable_kernel_numbers() = KernelNumbersOf(measured, result.latency_ok().p50());
  *result.mutable_norm_accuracy() = measured.accuracy();
  result.set_distinct_outputs(measured.distinct_outputs());
  AddWarnings(measured, &result);
  JudgeAll(c.expect, &result);
  return result;
}

}  // namespace normbench
