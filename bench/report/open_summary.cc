// SPDX-License-Identifier: Apache-2.0
#include "bench/report/open_summary.h"

#include <algorithm>
#include <span>
#include <vector>

#include "bench/report/case_result.h"
#include "bench/report/latency.h"
#include "bench/report/open_series.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

// When the client, not the server, set the pace (measurement rules, section 0).
constexpr double kLeastLag = 50e-6;      // seconds
constexpr double kLagShare = 0.1;        // of p50
constexpr double kMostThreadLoad = 0.8;  // of a core
constexpr double kLeastRequests = 100;   // fewer: their p99 is the slowest one

void SetRaw(const OpenLoopResult& loop, v1::CaseResult* result, Kept* kept) {
  const OpenSeries series{loop};
  const auto summary = [](const std::vector<double>& seconds, KeptSeries* series) {
    *series = Keep(seconds);
    return SummarizeLatency(seconds, "open");
  };
  v1::OpenLoop* open = result->mutable_open_loop();
  *result->mutable_latency_ok() = summary(series.Ok(), &kept->ok);
  *result->mutable_latency_all() = summary(series.All(), &kept->all);
  if (result->latency_all().n() == result->latency_ok().n()) kept->all = {};
  *open->mutable_latency_sent() = summary(series.Sent(), &kept->sent);
  *open->mutable_send_lag() = summary(series.Lag(), &kept->lag);
}

// More than the recorder keeps.
void SetFromHistograms(const OpenLoopResult& loop, v1::CaseResult* result, Kept* kept) {
  const auto summary = [](const Histogram& histogram, double failures,
                          std::span<const double> prefix, KeptSeries* series) {
    *series = Keep(histogram, failures);
    return SummarizeHistogram({&histogram, failures, prefix, "open"});
  };
  const Recorder& recorder = loop.recorder;
  const OpenSeries prefix{loop, std::min(recorder.samples().size(), kPrefixSamples)};
  const double failures = Failures(loop);
  *result->mutable_latency_ok() = summary(recorder.histogram(), 0, prefix.Ok(), &kept->ok);
  *result->mutable_latency_all() = summary(
      recorder.histogram(), failures + static_cast<double>(loop.dropped), prefix.All(), &kept->all);
  v1::OpenLoop* open = result->mutable_open_loop();
  *open->mutable_latency_sent() = summary(recorder.sent(), failures, prefix.Sent(), &kept->sent);
  *open->mutable_send_lag() = summary(recorder.lag(), 0, prefix.Lag(), &kept->lag);
  AddWarning(warning::kFromHistogram, result);
}

// Images in a successful request, on average over those kept.
double ImagesPerRequest(const SampleList& samples) {
  double requests = 0, images = 0;
  for (const Sample& sample : samples) {
    if (sample.code != 0) continue;
    ++requests;
    images += sample.samples;
  }
  return requests == 0 ? 0 : images / requests;
}

void SetRates(const OpenLoopResult& loop, v1::CaseResult* result) {
  const double ok = static_cast<double>(loop.recorder.count() - loop.errors);
  result->set_requests(ok);
  // A window without a request has taken its time all the same.
  result->set_measured_seconds(loop.offered == 0 ? loop.offered_seconds : loop.measured_seconds);
  if (loop.measured_seconds > 0) {
    result->set_requests_per_s(ok / loop.measured_seconds);
    result->set_samples_per_s(ok * ImagesPerRequest(loop.recorder.samples()) /
                              loop.measured_seconds);
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

void SetOpenLoop(const OpenLoopResult& loop, v1::CaseResult* result, Kept* kept) {
  const Recorder& recorder = loop.recorder;
  if (AllKept(loop)) {
    SetRaw(loop, result, kept);
  } else {
    SetFromHistograms(loop, result, kept);
  }
  SetRates(loop, result);
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
