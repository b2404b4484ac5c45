// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/report/case_result.h"
#include "bench/report/expect.h"
#include "bench/report/find_max.h"
#include "bench/report/format.h"
#include "bench/report/latency.h"
#include "bench/report/open_summary.h"
#include "bench/report/steady_part.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Which samples count: those after the warm-up.
struct Range {
  const SampleList& samples;
  size_t first = 0;
  size_t end = samples.size();
};

// In order. Ragged requests are part of the throughput, but their latency is that of a smaller one.
enum class Failures { kLeftOut, kInfinite };
std::vector<double> Latencies(const Range& range, Failures failures) {
  std::vector<double> latencies;
  latencies.reserve(range.end - range.first);
  for (size_t i = range.first; i < range.end; ++i) {
    const Sample sample = range.samples[i];
    if (sample.ragged || (sample.code != 0 && failures == Failures::kLeftOut)) continue;
    latencies.push_back(sample.code == 0 ? sample.latency_seconds : kInfinity);
  }
  return latencies;
}

// Successes, ragged ones among them.
struct Successes {
  double requests = 0;
  double images = 0;
};

Successes SuccessesIn(const Range& range) {
  Successes successes;
  for (size_t i = range.first; i < range.end; ++i) {
    const Sample sample = range.samples[i];
    if (sample.code != 0) continue;
    ++successes.requests;
    successes.images += sample.samples;
  }
  return successes;
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
void SetFromSamples(const Recorder& recorder, const SteadyPart& part, v1::CaseResult* result,
                    Kept* kept) {
  const Range range{.samples = recorder.samples(), .first = part.first};
  const std::vector<double> ok = Latencies(range, Failures::kLeftOut);
  *result->mutable_latency_ok() = SummarizeLatency(ok, "closed");
  kept->ok = Keep(ok);
  // Without failures both are the same numbers.
  const bool same = recorder.codes().size() == 1 && CountOf(recorder, 0) > 0;
  const std::vector<double> all = same ? ok : Latencies(range, Failures::kInfinite);
  *result->mutable_latency_all() = same ? result->latency_ok() : SummarizeLatency(all, "closed");
  if (!same) kept->all = Keep(all);
  result->set_measured_seconds(part.seconds);
  const Successes successes = SuccessesIn(range);
  SetThroughput(successes.requests, successes.images, result);
}

// More than the recorder keeps: the whole window, from the histogram.
void SetFromHistogram(const LoopResult& loop, v1::CaseResult* result, Kept* keep) {
  const Recorder& recorder = loop.recorder;
  const Range kept{.samples = recorder.samples()};
  const Range prefix{.samples = recorder.samples(), .end = std::min(kept.end, kPrefixSamples)};
  const double ok = CountOf(recorder, 0);
  const std::vector<double> of_ok = Latencies(prefix, Failures::kLeftOut);
  HistogramLatency input{&recorder.histogram(), 0, of_ok, "closed"};
  *result->mutable_latency_ok() = SummarizeHistogram(input);
  input.failures = static_cast<double>(recorder.count() - recorder.ragged_errors()) - ok;
  const std::vector<double> of_all = Latencies(prefix, Failures::kInfinite);
  input.prefix = of_all;
  keep->ok = Keep(recorder.histogram(), 0);
  if (input.failures > 0) keep->all = Keep(recorder.histogram(), input.failures);
  *result->mutable_latency_all() =
      input.failures == 0 ? result->latency_ok() : SummarizeHistogram(input);
  result->set_measured_seconds(loop.measured_seconds);
  const Successes successes = SuccessesIn(kept);
  const double per_request = successes.requests == 0 ? 0 : successes.images / successes.requests;
  SetThroughput(ok, ok * per_request, result);
  AddWarning(warning::kFromHistogram, result);
}

// Successes within `deadline` among the samples from number `first` on, a second.
void SetGoodput(const Recorder& recorder, size_t first, double deadline, v1::CaseResult* result) {
  if (deadline == 0 || result->measured_seconds() <= 0) return;
  double good = 0;
  const SampleList& samples = recorder.samples();
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

void SetTimes(const LoopResult& loop, double deadline, v1::CaseResult* result, Kept* kept) {
  const Recorder& recorder = loop.recorder;
  const SteadyPart part =
      loop.lost.ok() ? FindSteadyPart(recorder.samples()) : WholePart(recorder.samples());
  const bool all_kept = recorder.count() == static_cast<int64_t>(recorder.samples().size());
  SetSteady(part.steadiness, result);
  result->set_warmup_discarded(static_cast<double>(loop.warmup_requests) +
                               (all_kept ? static_cast<double>(part.first) : 0));
  if (all_kept) {
    SetFromSamples(recorder, part, result, kept);
  } else {
    SetFromHistogram(loop, result, kept);
  }
  AddHistogram(recorder.histogram(), result->mutable_latency_ok());
  SetGoodput(recorder, all_kept ? part.first : 0, deadline, result);
  if (loop.first_call_seconds > 0) result->set_first_call_seconds(loop.first_call_seconds);
}

void SetOpenTimes(const LoopMeasurement& measured, double deadline, v1::CaseResult* result,
                  Kept* kept) {
  SetOpenLoop(*measured.open, result, kept);
  SetGoodput(measured.open->recorder, 0, deadline, result);
  if (measured.maximum_per_s.has_value()) {
    result->mutable_open_loop()->set_maximum_per_s(*measured.maximum_per_s);
  }
}

std::vector<OutputId> IdsOf(const OutputLedger& outputs) {
  std::vector<OutputId> ids;
  for (int64_t input = 0; input < outputs.inputs(); ++input) {
    const std::vector<DistinctOutput>& distinct = outputs.of(input);
    // One more than are told apart is "more".
    const size_t told = std::min(distinct.size(), OutputLedger::kMaxDistinct + 1);
    for (size_t i = 0; i < told; ++i) ids.push_back({input, distinct[i].checksum});
  }
  return ids;
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
  result->set_ended_by(std::string(Name(loop.ended_by)));
  if (!loop.lost.ok()) SetFailure(loop.lost, result);
}

// Had the client kept up, a higher rate might hold.
bool FoundTheClientsLimit(const v1::FindMax& found) {
  std::map<double, const v1::FindMaxStep*> last;  // of each rate
  for (const v1::FindMaxStep& step : found.steps()) last[step.rate()] = &step;
  return std::ranges::any_of(last, [](const auto& entry) {
    return entry.second->client_limited() && entry.second->verdict() != "holds";
  });
}

// As of every limit of which nothing can be said.
bool NothingHolds(const v1::CaseResult& result) {
  return result.has_find_max() && !result.find_max().has_rate() && result.status() == "ok";
}

void AddWarnings(const LoopMeasurement& measured, v1::CaseResult* result) {
  if (FoundTheClientsLimit(result->find_max())) AddWarning(warning::kClientLimited, result);
  AddFewSamples(result);
  if (result->errors() > 0) AddWarning(warning::kErrors, result);
  if (result->status() != "ok") AddWarning(warning::kPartial, result);
  if (measured.outputs != nullptr && measured.outputs->not_kept() > 0) {
    AddWarning(warning::kNotCompared, result);
  }
  if (result->model_accuracy().flips_beyond_tolerance() > 0) AddWarning(warning::kFlips, result);
  AddNormWarnings(result);
}

}  // namespace

v1::CaseResult SummarizeLoop(const Case& c, const LoopMeasurement& measured, Kept* kept) {
  v1::CaseResult result = NewCaseResult(c);
  Kept nobody;
  Kept& keep = kept == nullptr ? nobody : *kept;
  const double deadline = LoadOf(c.spec)->deadline_seconds();
  if (measured.open != nullptr) {
    SetStatus(*measured.open, &result);
    SetOpenTimes(measured, deadline, &result, &keep);
    if (c.visits == 1) RefuseNothing(c.seconds, &result);  // several are judged together
    SetErrors(*measured.open, &result);
  } else {
    SetStatus(*measured.loop, &result);
    SetTimes(*measured.loop, deadline, &result, &keep);
    SetErrors(*measured.loop, &result);
  }
  if (measured.outputs != nullptr && measured.outputs->max_distinct() > 0) {
    result.set_distinct_outputs(measured.outputs->max_distinct());
    keep.outputs = IdsOf(*measured.outputs);
  }
  if (measured.norm_accuracy != nullptr) {
    *result.mutable_norm_accuracy() = *measured.norm_accuracy;
  }
  if (measured.model_accuracy != nullptr) {
    *result.mutable_model_accuracy() = *measured.model_accuracy;
  }
  if (measured.batching != nullptr) *result.mutable_batching() = *measured.batching;
  if (measured.find_max != nullptr) *result.mutable_find_max() = *measured.find_max;
  AddWarnings(measured, &result);
  JudgeAll(c.expect, &result);
  if (NothingHolds(result)) *result.add_expectations() = JudgeFound(result.find_max());
  return result;
}

}  // namespace normbench
