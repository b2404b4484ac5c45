// SPDX-License-Identifier: Apache-2.0
#include "bench/report/combine_visits.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "bench/load/outputs.h"
#include "bench/report/batching_accuracy.h"
#include "bench/report/case_result.h"
#include "bench/report/expect.h"
#include "bench/report/pooled_latency.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

using Results = std::vector<const v1::CaseResult*>;

// Requests of the schedules over the time that they took.
double OfferedPerSecond(const Results& results) {
  double offered = 0, seconds = 0;
  for (const v1::CaseResult* result : results) {
    const v1::OpenLoop& open = result->open_loop();
    if (open.offered_per_s() <= 0) continue;
    offered += open.offered();
    seconds += open.offered() / open.offered_per_s();
  }
  return seconds > 0 ? offered / seconds : 0;
}

// Mean of `rate`, weighted by the time that was measured; nothing where no visit has one.
std::optional<double> MeanRate(const Results& results, bool (v1::CaseResult::*has)() const,
                               double (v1::CaseResult::*rate)() const) {
  double sum = 0, seconds = 0;
  bool given = false;
  for (const v1::CaseResult* result : results) {
    given |= (result->*has)();
    sum += (result->*rate)() * result->measured_seconds();
    seconds += result->measured_seconds();
  }
  if (!given) return std::nullopt;
  return seconds > 0 ? sum / seconds : 0;
}

void SetCounts(const Results& results, v1::CaseResult* out) {
  for (const v1::CaseResult* result : results) {
    out->set_requests(out->requests() + result->requests());
    out->set_errors(out->errors() + result->errors());
    out->set_warmup_discarded(out->warmup_discarded() + result->warmup_discarded());
    out->set_measured_seconds(out->measured_seconds() + result->measured_seconds());
    for (const auto& [code, count] : result->error_codes()) {
      (*out->mutable_error_codes())[code] += count;
    }
    for (const std::string& code : result->warnings()) {
      if (code != warning::kFewSamples && code != warning::kNotSteady) AddWarning(code, out);
    }
  }
}

// As most of the visits that were tested: what differs between them is in the intervals.
void SetSteadyOf(const Results& results, v1::CaseResult* out) {
  const auto tested =
      std::ranges::count_if(results, [](const auto* result) { return result->has_steady(); });
  const auto steady =
      std::ranges::count_if(results, [](const auto* result) { return result->steady(); });
  if (tested == 0) return;
  SetSteady(2 * steady > tested ? Steadiness::kSteady : Steadiness::kNotSteady, out);
}

void SetRates(const Results& results, v1::CaseResult* out) {
  using R = v1::CaseResult;
  const v1::CaseResult& first = *results.front();
  if (first.has_first_call_seconds()) out->set_first_call_seconds(first.first_call_seconds());
  if (const auto rate = MeanRate(results, &R::has_requests_per_s, &R::requests_per_s)) {
    out->set_requests_per_s(*rate);
  }
  if (const auto rate = MeanRate(results, &R::has_samples_per_s, &R::samples_per_s)) {
    out->set_samples_per_s(*rate);
  }
  if (const auto rate = MeanRate(results, &R::has_goodput_per_s, &R::goodput_per_s)) {
    out->set_goodput_per_s(*rate);
  }
}

using SummaryOf = const v1::LatencySummary& (*)(const v1::CaseResult&);

// Latencies of which none failed were kept once.
const KeptSeries& SeriesOf(const Visit& visit, KeptSeries Kept::*series) {
  const bool is_ok = series == &Kept::all && visit.kept.all.seconds.empty();
  return is_ok ? visit.kept.ok : visit.kept.*series;
}

v1::LatencySummary Pool(std::span<const Visit* const> visits, KeptSeries Kept::*series,
                        SummaryOf summary) {
  std::vector<VisitLatency> latencies;
  for (const Visit* visit : visits) {
    latencies.push_back({.summary = &summary(visit->result),
                         .series = &SeriesOf(*visit, series),
                         .whole = visit->result.status() == "ok"});
  }
  return PoolLatency(latencies);
}

// Adds up the buckets.
void PoolHistograms(const Results& results, SummaryOf summary, v1::LatencySummary* out) {
  std::map<double, double> counts;
  for (const v1::CaseResult* result : results) {
    for (const v1::HistogramBucket& bucket : summary(*result).histogram()) {
      counts[bucket.upper_seconds()] += bucket.count();
    }
  }
  for (const auto& [upper, count] : counts) {
    v1::HistogramBucket* bucket = out->add_histogram();
    bucket->set_upper_seconds(upper);
    bucket->set_count(count);
  }
}

const v1::LatencySummary& Ok(const v1::CaseResult& result) {
  return result.latency_ok();
}
const v1::LatencySummary& All(const v1::CaseResult& result) {
  return result.latency_all();
}
const v1::LatencySummary& Sent(const v1::CaseResult& result) {
  return result.open_loop().latency_sent();
}
const v1::LatencySummary& Lag(const v1::CaseResult& result) {
  return result.open_loop().send_lag();
}

void SetLatencies(std::span<const Visit* const> visits, const Results& results,
                  v1::CaseResult* out) {
  *out->mutable_latency_ok() = Pool(visits, &Kept::ok, Ok);
  // Without failures both are the same numbers.
  const bool failures = std::ranges::any_of(
      visits, [](const Visit* visit) { return !visit->kept.all.seconds.empty(); });
  *out->mutable_latency_all() = failures ? Pool(visits, &Kept::all, All) : out->latency_ok();
  if (out->latency_all().source() == "histogram") AddWarning(warning::kFromHistogram, out);
  PoolHistograms(results, Ok, out->mutable_latency_ok());
}

void SetOpenLoop(std::span<const Visit* const> visits, const Results& results,
                 v1::CaseResult* out) {
  v1::OpenLoop* open = out->mutable_open_loop();
  *open->mutable_latency_sent() = Pool(visits, &Kept::sent, Sent);
  *open->mutable_send_lag() = Pool(visits, &Kept::lag, Lag);
  PoolHistograms(results, Sent, open->mutable_latency_sent());
  PoolHistograms(results, Lag, open->mutable_send_lag());
  open->set_offered_per_s(OfferedPerSecond(results));
  for (const v1::CaseResult* result : results) {
    const v1::OpenLoop& of = result->open_loop();
    open->set_offered(open->offered() + of.offered());
    open->set_dropped(open->dropped() + of.dropped());
    open->set_waited(open->waited() + of.waited());
    open->set_sender_load(std::max(open->sender_load(), of.sender_load()));
    open->set_receiver_load(std::max(open->receiver_load(), of.receiver_load()));
    open->set_client_limited(open->client_limited() || of.client_limited());
    if (of.has_maximum_per_s()) open->set_maximum_per_s(of.maximum_per_s());
  }
}

// Each copy is a ratio to the calls of its own visit.
void SetKernelNumbers(const Results& results, v1::CaseResult* out) {
  v1::KernelNumbers& numbers = *out->mutable_kernel_numbers();
  numbers = results.front()->kernel_numbers();
  numbers.clear_effective_bandwidth();
  numbers.clear_copy_ratio();
  double logs = 0, ratios = 0;
  for (const v1::CaseResult* result : results) {
    const v1::KernelNumbers& of = result->kernel_numbers();
    numbers.set_iterations_per_sample(
        std::max(numbers.iterations_per_sample(), of.iterations_per_sample()));
    if (!of.has_copy_ratio()) continue;
    logs += std::log(of.copy_ratio());
    ++ratios;
  }
  if (ratios > 0) numbers.set_copy_ratio(std::exp(logs / ratios));
  const v1::Quantile& p50 = out->latency_ok().p50();
  if (p50.has_value()) numbers.set_effective_bandwidth(numbers.algorithmic_bytes() / p50.value());
  if (numbers.iterations_per_sample() <= 1) return;
  DropTailOfMeans(out->mutable_latency_ok());
  DropTailOfMeans(out->mutable_latency_all());
}

v1::NormAccuracy Worse(v1::NormAccuracy a, const v1::NormAccuracy& b) {
  // NaN is worse than any number.
  const auto worse = [](double x, double y) { return std::isnan(x) || x > y ? x : y; };
  a.set_err_scaled(worse(a.err_scaled(), b.err_scaled()));
  a.set_max_abs(worse(a.max_abs(), b.max_abs()));
  a.set_nonfinite_mismatches(std::max(a.nonfinite_mismatches(), b.nonfinite_mismatches()));
  if (b.has_rel_l2()) a.set_rel_l2(a.has_rel_l2() ? worse(a.rel_l2(), b.rel_l2()) : b.rel_l2());
  if (b.has_misrounded()) a.set_misrounded(worse(a.misrounded(), b.misrounded()));
  return a;
}

bool IsWorse(const v1::ModelAccuracy& a, const v1::ModelAccuracy& b) {
  const auto badness = [](const v1::ModelAccuracy& of) {
    return std::tuple(-of.images(), of.flips_beyond_tolerance(), of.flips(), -of.top1());
  };
  return badness(a) > badness(b);
}

// Where a visit was cut short its pass over the images was, too: others say more.
bool HasWholeVisit(const Results& results) {
  return std::ranges::any_of(results, [](const auto* result) { return result->status() == "ok"; });
}

void SetAccuracy(const Results& results, v1::CaseResult* out) {
  const bool whole = HasWholeVisit(results);
  for (const v1::CaseResult* result : results) {
    if (result->has_norm_accuracy()) {
      *out->mutable_norm_accuracy() = out->has_norm_accuracy()
                                          ? Worse(out->norm_accuracy(), result->norm_accuracy())
                                          : result->norm_accuracy();
    }
    if (!result->has_model_accuracy() || (whole && result->status() != "ok")) continue;
    if (!out->has_model_accuracy() || IsWorse(result->model_accuracy(), out->model_accuracy())) {
      *out->mutable_model_accuracy() = result->model_accuracy();
    }
  }
}

// Of all visits to one input, told apart by their bits.
void SetOutputs(std::span<const Visit* const> visits, v1::CaseResult* out) {
  int most = 0;
  std::set<OutputId> all;
  for (const Visit* visit : visits) {
    most = std::max(most, visit->result.distinct_outputs());
    all.insert(visit->kept.outputs.begin(), visit->kept.outputs.end());
  }
  // Checksums are kept of so many only: what is beyond is "more".
  constexpr int kMost = OutputLedger::kMaxDistinct + 1;
  std::map<int64_t, int> counts;
  for (const OutputId& id : all) most = std::max(most, std::min(kMost, ++counts[id.input]));
  if (most == 0) return;
  out->set_distinct_outputs(most);
}

// Of the last visit that failed, else of the last that was interrupted, else ok, with what the last
// request that failed said.
void SetStatus(const Case& c, std::span<const Visit> visits, v1::CaseResult* out) {
  const auto rank = [](const v1::CaseResult& result) {
    return result.status() == "failed" ? 2 : result.status() == "ok" ? 0 : 1;
  };
  const v1::CaseResult* worst = &visits.front().result;
  for (const Visit& visit : visits) {
    const bool says_nothing = rank(visit.result) == 0 && visit.result.error().empty();
    if (rank(visit.result) >= rank(*worst) && !says_nothing) worst = &visit.result;
  }
  out->set_status(worst->status());
  out->set_error(worst->error());
  out->set_error_code(worst->error_code());
  out->set_ended_by(worst->ended_by());
  if (out->status() == "ok" && static_cast<int>(visits.size()) < c.visits) {
    out->set_status("interrupted");
    if (!out->ended_by().empty()) out->set_ended_by("interrupted");
  }
  if (out->status() != "ok") AddWarning(warning::kPartial, out);
}

// REQUIRES: all have numbers.
void SetNumbers(std::span<const Visit* const> visits, v1::CaseResult* out) {
  Results results;
  for (const Visit* visit : visits) results.push_back(&visit->result);
  SetCounts(results, out);
  SetSteadyOf(results, out);
  SetRates(results, out);
  SetLatencies(visits, results, out);
  if (results.front()->has_open_loop()) SetOpenLoop(visits, results, out);
  if (results.front()->has_kernel_numbers()) SetKernelNumbers(results, out);
  SetAccuracy(results, out);
  for (const v1::CaseResult* result : results) {
    if (result->has_batching()) AddBatching(result->batching(), out->mutable_batching());
  }
  SetOutputs(visits, out);
  AddFewSamples(out);
  AddNormWarnings(out);
}

// What all visits have in common.
v1::CaseResult Common(const v1::CaseResult& visit) {
  v1::CaseResult out;
  out.set_key(visit.key());
  out.set_kind(visit.kind());
  out.set_rerun(visit.rerun());
  switch (visit.spec_case()) {
    case v1::CaseResult::kKernel:
      *out.mutable_kernel() = visit.kernel();
      break;
    case v1::CaseResult::kService:
      *out.mutable_service() = visit.service();
      break;
    case v1::CaseResult::kModel:
      *out.mutable_model() = visit.model();
      break;
    case v1::CaseResult::kInvariance:
    case v1::CaseResult::SPEC_NOT_SET:
      break;
  }
  return out;
}

}  // namespace

v1::CaseResult CombineVisits(const Case& c, std::span<const Visit> visits) {
  std::vector<const Visit*> measured;
  for (const Visit& visit : visits) {
    if (HasNumbers(visit.result)) measured.push_back(&visit);
  }
  v1::CaseResult out = visits.back().result;
  out.set_visits(static_cast<int32_t>(visits.size()));
  if (c.visits == 1 || measured.empty()) return out;
  if (measured.size() == 1) {
    out = measured.front()->result;  // its own intervals are better than none
    out.clear_expectations();
  } else {
    out = Common(measured.back()->result);
    SetNumbers(measured, &out);
  }
  out.set_visits(static_cast<int32_t>(measured.size()));
  SetStatus(c, visits, &out);
  RefuseNothing(c.seconds, &out);
  JudgeAll(c.expect, &out);
  return out;
}

}  // namespace normbench
