// SPDX-License-Identifier: Apache-2.0
#include "bench/report/open_summary.h"

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "bench/report/case_result.h"
#include "bench/report/latency.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// When the client, not the server, set the pace (measurement rules, section 0).
constexpr double kLeastLag = 50e-6;      // seconds
constexpr double kLagShare = 0.1;        // of p50
constexpr double kMostThreadLoad = 0.8;  // of a core
constexpr double kLeastRequests = 100;   // fewer: their p99 is the slowest one

// Latencies in the order of completion, drops where they happened; ragged requests left out.
struct Series {
  std::vector<double> ok;    // from the scheduled send
  std::vector<double> all;   // the same, failures and drops as +inf
  std::vector<double> sent;  // from the actual send, failures as +inf
  std::vector<double> lag;   // of every request, ragged ones, too
  double requests = 0;       // successes, with ragged ones
  double images = 0;         // in them
};

void Add(const Sample& sample, Series* series) {
  const bool ok = sample.code == 0;
  series->lag.push_back(sample.lag_seconds);
  series->requests += ok;
  if (ok) series->images += sample.samples;
  if (sample.ragged) return;
  const double latency = sample.lag_seconds + sample.latency_seconds;
  if (ok) series->ok.push_back(latency);
  series->all.push_back(ok ? latency : kInfinity);
  series->sent.push_back(ok ? sample.latency_seconds : kInfinity);
}

Series SeriesOf(const OpenLoopResult& loop) {
  Series series;
  auto drop = loop.drop_times.begin();
  for (const Sample& sample : loop.recorder.samples()) {
    const double end = sample.start_seconds + sample.latency_seconds;
    for (; drop != loop.drop_times.end() && *drop <= end; ++drop) series.all.push_back(kInfinity);
    Add(sample, &series);
  }
  series.all.insert(series.all.end(), static_cast<size_t>(loop.drop_times.end() - drop), kInfinity);
  return series;
}

double Failures(const OpenLoopResult& loop) {
  return static_cast<double>(loop.errors - loop.recorder.ragged_errors());
}

void SetRaw(const Series& series, v1::CaseResult* result) {
  *result->mutable_latency_ok() = SummarizeLatency(series.ok, "open");
  *result->mutable_latency_all() = SummarizeLatency(series.all, "open");
  *result->mutable_open_loop()->mutable_latency_sent() = SummarizeLatency(series.sent, "open");
  *result->mutable_open_loop()->mutable_send_lag() = SummarizeLatency(series.lag, "open");
}

// More than the recorder keeps.
void SetFromHistograms(const OpenLoopResult& loop, const Series& kept, v1::CaseResult* result) {
  const auto summary = [](const Histogram& histogram, double failures,
                          std::span<const double> prefix) {
    return SummarizeHistogram({&histogram, failures, prefix, "open"});
  };
  const Recorder& recorder = loop.recorder;
  const double failures = Failures(loop);
  *result->mutable_latency_ok() = summary(recorder.histogram(), 0, kept.ok);
  *result->mutable_latency_all() =
      summary(recorder.histogram(), failures + static_cast<double>(loop.dropped), kept.all);
  v1::OpenLoop* open = result->mutable_open_loop();
  *open->mutable_latency_sent() = summary(recorder.sent(), failures, kept.sent);
  *open->mutable_send_lag() = summary(recorder.lag(), 0, kept.lag);
  AddWarning(warning::kFromHistogram, result);
}

void SetRates(const OpenLoopResult& loop, const Series& kept, v1::CaseResult* result) {
  const double ok = static_cast<double>(loop.recorder.count() - loop.errors);
  const double per_request = kept.requests == 0 ? 0 : kept.images / kept.requests;
  result->set_requests(ok);
  result->set_measured_seconds(loop.measured_seconds);
  if (loop.measured_seconds > 0) {
    result->set_requests_per_s(ok / loop.measured_seconds);
    result->set_samples_per_s(ok * per_request / loop.measured_seconds);
  }
  v1::OpenLoop* open = result->mutable_open_loop();
  open->set_offered(static_cast<double>(loop.offered));
  if (loop.offered_seconds > 0) open->set_offered_per_s(open->offered() / loop.offered_seconds);
  open->set_dropped(static_cast<double>(loop.dropped));
  open->set_waited(static_cast<double>(loop.waited));
  open->set_sender_load(loop.sender_load);
  open->set_receiver_load(loop.receiver_load);
}

}  // namespace

bool IsClientLimited(const OpenLoopResult& loop) {
  if (std::max(loop.sender_load, loop.receiver_load) > kMostThreadLoad) return true;
  const Histogram& lag = loop.recorder.lag();
  if (lag.count() < kLeastRequests) return false;
  const Histogram& latency = loop.recorder.histogram();
  const double p50 = latency.count() == 0 ? 0 : latency.Quantile(0.5);
  return lag.Quantile(0.99) > std::max(kLeastLag, kLagShare * p50);
}

void SetOpenLoop(const OpenLoopResult& loop, v1::CaseResult* result) {
  const Recorder& recorder = loop.recorder;
  const Series series = SeriesOf(loop);
  const bool all_kept = recorder.count() == static_cast<int64_t>(recorder.samples().size()) &&
                        loop.dropped == static_cast<int64_t>(loop.drop_times.size());
  if (all_kept) {
    SetRaw(series, result);
  } else {
    SetFromHistograms(loop, series, result);
  }
  SetRates(loop, series, result);
  result->set_warmup_discarded(static_cast<double>(loop.warmup_requests));
  v1::OpenLoop* open = result->mutable_open_loop();
  AddHistogram(recorder.histogram(), result->mutable_latency_ok());
  AddHistogram(recorder.sent(), open->mutable_latency_sent());
  AddHistogram(recorder.lag(), open->mutable_send_lag());
  open->set_client_limited(IsClientLimited(loop));
  if (open->client_limited()) AddWarning(warning::kClientLimited, result);
  if (loop.waited > 0) AddWarning(warning::kWaited, result);
  if (loop.dropped > 0) AddWarning(warning::kDropped, result);
}

}  // namespace normbench
