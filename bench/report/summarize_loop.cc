// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <vector>

#include "bench/report/case_result.h"
#include "bench/report/expect.h"
#include "bench/report/latency.h"
#include "bench/report/open_summary.h"
#include "bench/report/steady_part.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The samples after the warm-up. Ragged ones cost time like the others, so they are part of the
// throughput, but their latency is that of a smaller request.
struct Split {
  std::vector<double> ok;   // latencies of successes, in order
  std::vector<double> all;  // with failures as +inf
  double requests = 0;      // successes, with ragged ones
  double images = 0;        // in them
};

Split SplitSamples(const std::vector<Sample>& samples, size_t first) {
  Split split;
  for (size_t i = first; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    const bool ok = sample.code == 0;
    split.requests += ok;
    if (ok) split.images += sample.samples;
    if (sample.ragged) continue;
    split.all.push_back(ok ? sample.latency_seconds : kInfinity);
    if (ok) split.ok.push_back(sample.latency_seconds);
  }
  return split;
}

double CountOf(const Recorder& recorder, int32_t code) {
  const auto found = recorder.codes().find(code);
  return found == recorder.codes().end() ? 0 : static_cast<double>(found->second);
}

void SetThroughput(double requests, double images, v1::CaseResult* result) {
  result->set_requests(requests);
  if (result->measured_seconds() <= 0) return;
  result->set_requests_per_s(requests / result->measured_seconds());
  result->set_samples_per_s(images / result->measured_seconds());
}

// Every sample was kept: latencies and throughput of the steady part.
void SetFromSamples(const Recorder& recorder, const SteadyPart& part, v1::CaseResult* result) {
  const Split split = SplitSamples(recorder.samples(), part.first);
  *result->mutable_latency_ok() = SummarizeLatency(split.ok, "closed");
  // Without failures both are the same numbers.
  *result->mutable_latency_all() = split.all.size() == split.ok.size()
                                       ? result->latency_ok()
                                       : SummarizeLatency(split.all, "closed");
  result->set_measured_seconds(part.seconds);
  SetThroughput(split.requests, split.images, result);
}

// More than the recorder keeps: the whole window, from the histogram.
void SetFromHistogram(const LoopResult& loop, v1::CaseResult* result) {
  const Recorder& recorder = loop.recorder;
  const Split kept = SplitSamples(recorder.samples(), 0);
  const double ok = CountOf(recorder, 0);
  HistogramLatency input{&recorder.histogram(), 0, kept.ok, "closed"};
  *result->mutable_latency_ok() = SummarizeHistogram(input);
  input.failures = static_cast<double>(recorder.count() - recorder.ragged_errors()) - ok;
  input.prefix = kept.all;
  *result->mutable_latency_all() =
      input.failures == 0 ? result->latency_ok() : SummarizeHistogram(input);
  result->set_measured_seconds(loop.measured_seconds);
  const double per_request = kept.requests == 0 ? 0 : kept.images / kept.requests;
  SetThroughput(ok, ok * per_request, result);
  AddWarning(warning::kFromHistogram, result);
}

// Successes within `deadline` among the samples from number `first` on, a second.
void SetGoodput(const Recorder& recorder, size_t first, double deadline, v1::CaseResult* result) {
  if (deadline == 0 || result->measured_seconds() <= 0) return;
  double good = 0;
  const std::vector<Sample>& samples = recorder.samples();
  if (recorder.count() == static_cast<int64_t>(samples.size())) {
    for (size_t i = first; i < samples.size(); ++i) {
      const double latency = samples[i].lag_seconds + samples[i].latency_seconds;
      good += samples[i].code == 0 && latency <= deadline;
    }
  } else {
    for (const auto& [upper, count] : recorder.histogram().Buckets()) {
      if (upper <= deadline) good += count;
    }
  }
  result->set_goodput_per_s(good / result->measured_seconds());
}

void SetTimes(const LoopResult& loop, double deadline, v1::CaseResult* result) {
  const Recorder& recorder = loop.recorder;
  const SteadyPart part =
      loop.lost.ok() ? FindSteadyPart(recorder.samples()) : WholePart(recorder.samples());
  const bool all_kept = recorder.count() == static_cast<int64_t>(recorder.samples().size());
  SetSteady(part.steadiness, result);
  result->set_warmup_discarded(static_cast<double>(loop.warmup_requests) +
                               (all_kept ? static_cast<double>(part.first) : 0));
  if (all_kept) {
    SetFromSamples(recorder, part, result);
  } else {
    SetFromHistogram(loop, result);
  }
  AddHistogram(recorder.histogram(), result->mutable_latency_ok());
  SetGoodput(recorder, all_kept ? part.first : 0, deadline, result);
  if (loop.first_call_seconds > 0) result->set_first_call_seconds(loop.first_call_seconds);
}

void SetOpenTimes(const LoopMeasurement& measured, double deadline, v1::CaseResult* result) {
  SetOpenLoop(*measured.open, result);
  SetGoodput(measured.open->recorder, 0, deadline, result);
  if (measured.maximum_per_s.has_value()) {
    result->mutable_open_loop()->set_maximum_per_s(*measured.maximum_per_s);
  }
}

template <typename Loop>
void SetErrors(const Loop& loop, v1::CaseResult* result) {
  result->set_errors(static_cast<double>(loop.errors));
  for (const auto& [code, count] : loop.recorder.codes()) {
    if (code == 0) continue;
    const std::string name = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
    (*result->mutable_error_codes())[name] = static_cast<double>(count);
  }
}

template <typename Loop>
void SetStatus(const Loop& loop, v1::CaseResult* result) {
  result->set_status(loop.interrupted ? "interrupted" : "ok");
  if (!loop.lost.ok()) SetFailure(loop.lost, result);
}

// Had the client kept up, a higher rate might hold.
bool FoundTheClientsLimit(const v1::FindMax& found) {
  return std::ranges::any_of(found.steps(), [](const v1::FindMaxStep& step) {
    return step.client_limited() && step.verdict() != "holds";
  });
}

void AddWarnings(const LoopMeasurement& measured, v1::CaseResult* result) {
  if (FoundTheClientsLimit(result->find_max())) AddWarning(warning::kClientLimited, result);
  const v1::Quantile& p99 = result->latency_all().p99();
  if (!p99.has_value() && !p99.is_infinite()) AddWarning(warning::kFewSamples, result);
  if (result->errors() > 0) AddWarning(warning::kErrors, result);
  if (result->status() != "ok") AddWarning(warning::kPartial, result);
  if (measured.outputs != nullptr && measured.outputs->not_kept() > 0) {
    AddWarning(warning::kNotCompared, result);
  }
  if (result->model_accuracy().flips_beyond_tolerance() > 0) AddWarning(warning::kFlips, result);
  AddNormWarnings(result);
}

}  // namespace

v1::CaseResult SummarizeLoop(const Case& c, const LoopMeasurement& measured) {
  v1::CaseResult result = NewCaseResult(c);
  const double deadline = LoadOf(c.spec)->deadline_seconds();
  if (measured.open != nullptr) {
    SetStatus(*measured.open, &result);
    SetOpenTimes(measured, deadline, &result);
    SetErrors(*measured.open, &result);
  } else {
    SetStatus(*measured.loop, &result);
    SetTimes(*measured.loop, deadline, &result);
    SetErrors(*measured.loop, &result);
  }
  if (measured.outputs != nullptr && measured.outputs->max_distinct() > 0) {
    result.set_distinct_outputs(measured.outputs->max_distinct());
  }
  if (measured.norm_accuracy != nullptr) {
    *result.mutable_norm_accuracy() = *measured.norm_accuracy;
  }
  if (measured.model_accuracy != nullptr) {
    *result.mutable_model_accuracy() = *measured.model_accuracy;
  }
  if (measured.find_max != nullptr) *result.mutable_find_max() = *measured.find_max;
  AddWarnings(measured, &result);
  JudgeAll(c.expect, &result);
  return result;
}

}  // namespace normbench
