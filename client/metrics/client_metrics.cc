// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/client_metrics.h"

#include <ctime>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/norm/metric_buckets.h"
#include "client/metrics/bucketed.h"
#include "client/metrics/case_label.h"
#include "prometheus/gauge.h"

namespace normbench {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using LiveHistogram = prometheus::Histogram;  // bench/load has another one
using prometheus::Registry;

Family<Counter>& Counters(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& Gauges(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<LiveHistogram>& Histograms(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

double ProcessCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::string CodeName(int code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

}  // namespace

struct ClientMetrics::Families {
  Families(Registry& live, Registry& results) : live(live), results(results) {}

  Registry& live;
  Registry& results;
  Family<Counter>& requests =
      Counters(live, "normbench_client_requests_total",
               "Requests that ended in the measured windows, failures included, by their code");
  Family<Counter>& dropped =
      Counters(live, "normbench_client_dropped_total", "Requests of a schedule that were not sent");
  Family<LiveHistogram>& latency =
      Histograms(live, "normbench_client_latency_seconds",
                 "Of successful requests, from the scheduled (open loops) and the actual send");
  Family<LiveHistogram>& lag = Histograms(live, "normbench_client_send_lag_seconds",
                                          "How much later than scheduled requests were sent");
  Family<Counter>& cpu = Counters(live, "normbench_client_cpu_seconds_total",
                                  "CPU time of this process while loops ran");
  Family<Counter>& refused = Counters(live, "normbench_client_refused_cases_total",
                                      "Cases without metrics because 200 others have them");
  Family<Gauge>& case_latency =
      Gauges(results, "normbench_case_latency_seconds",
             "Quantiles of a finished case, failures as +Inf, with a 95 % interval: bound = est, "
             "lo, hi");
  Family<Gauge>& throughput =
      Gauges(results, "normbench_case_throughput_samples_per_second",
             "Tensors or images answered a second in the steady window of a finished case");
  Family<Gauge>& error_ratio =
      Gauges(results, "normbench_case_error_ratio",
             "Share of failed and dropped requests of a finished case, 0 to 1");
  Family<Gauge>& scaled_error =
      Gauges(results, "normbench_case_scaled_error",
             "Largest error of a finished norm case in units of the roundoff of its dtype");
  Family<Gauge>& error_bound =
      Gauges(results, "normbench_case_scaled_error_bound",
             "What normbench_case_scaled_error may be, derived for the norm, data and length");
  Family<Gauge>& nonfinite = Gauges(
      results, "normbench_case_nonfinite_mismatches",
      "NaN and Inf out of place in the answers of a finished norm case, which no error counts");
  Family<Gauge>& client_limited =
      Gauges(results, "normbench_case_client_limited",
             "1: the client could not keep the schedule of this open loop, 0: it did");
  Family<Gauge>& case_info =
      Gauges(results, "normbench_case_info", "Always 1: the key of a case label");
  Family<Gauge>& run_info =
      Gauges(results, "normbench_run_info", "Always 1: which run these results are of");
  Family<Gauge>& last_success =
      Gauges(results, "normbench_run_last_success_timestamp_seconds",
             "When a run of the sweep last ended with exit code 0, since 1970");
};

ClientMetrics::ClientMetrics(const std::string& sweep)
    : sweep_(sweep),
      live_(std::make_shared<Registry>()),
      results_(std::make_shared<Registry>()),
      families_(std::make_unique<Families>(*live_, *results_)),
      cpu_(&families_->cpu.Add({})) {
  families_->refused.Add({});
}

ClientMetrics::~ClientMetrics() = default;

void ClientMetrics::BeginCase(const std::string& key) {
  case_ = {};
  seen_ = {};
  cpu_seconds_ = ProcessCpuSeconds();
  const auto [entry, is_new] =
      labels_.try_emplace(key, labels_.size() < kMaxCases ? CaseLabel(key) : "");
  case_.label = entry->second;
  if (case_.label.empty()) {
    if (is_new) families_->refused.Add({}).Increment();
    return;
  }
  families_->case_info.Add({{"case", case_.label}, {"key", key}}).Set(1);
}

void ClientMetrics::Observe(const LoopProgress& progress) {
  CountCpu();
  if (case_.label.empty() || progress.recorder == nullptr) return;
  if (progress.recorder->count() < seen_.samples) seen_ = {};  // another loop has begun
  CountDropped(progress.dropped);
  CountCodes(*progress.recorder);
  AddSamples(*progress.recorder);
}

void ClientMetrics::CountCpu() {
  const double now = ProcessCpuSeconds();
  cpu_->Increment(now - cpu_seconds_);
  cpu_seconds_ = now;
}

void ClientMetrics::CountCodes(const Recorder& recorder) {
  for (const auto& [code, count] : recorder.codes()) {
    Counter*& counter = case_.by_code[code];
    if (counter == nullptr) {
      counter = &families_->requests.Add({{"case", case_.label}, {"code", CodeName(code)}});
    }
    counter->Increment(static_cast<double>(count - seen_.codes[code]));
    seen_.codes[code] = count;
  }
}

void ClientMetrics::CountDropped(int64_t dropped) {
  if (case_.dropped == nullptr) case_.dropped = &families_->dropped.Add({{"case", case_.label}});
  if (dropped > seen_.dropped)
    case_.dropped->Increment(static_cast<double>(dropped - seen_.dropped));
  seen_.dropped = dropped;
}

// In one go for all samples since the last time: the histograms are locked for each observation.
void ClientMetrics::AddSamples(const Recorder& recorder) {
  const auto latency = [this](const char* from) {
    return &families_->latency.Add({{"case", case_.label}, {"from", from}}, RequestBuckets());
  };
  if (case_.sent == nullptr) case_.sent = latency("sent");
  if (recorder.open() && case_.scheduled == nullptr) {
    case_.scheduled = latency("scheduled");
    case_.lag = &families_->lag.Add({{"case", case_.label}}, ComputeBuckets());
  }
  Bucketed sent(RequestBuckets()), scheduled(RequestBuckets()), lag(ComputeBuckets());
  for (; seen_.samples < recorder.count(); ++seen_.samples) {
    const std::optional<Sample> sample = recorder.Find(seen_.samples);
    if (!sample) continue;  // overwritten: more came than a poll can be late
    const bool counts = sample->code == 0 && !sample->ragged;
    if (counts) sent.Add(sample->latency_seconds);
    if (!recorder.open()) continue;
    if (counts) scheduled.Add(sample->latency_seconds + sample->lag_seconds);
    lag.Add(sample->lag_seconds);
  }
  sent.MoveTo(*case_.sent);
  if (!recorder.open()) return;
  scheduled.MoveTo(*case_.scheduled);
  lag.MoveTo(*case_.lag);
}

void ClientMetrics::SetQuantiles(const v1::LatencySummary& latency, const std::string& label) {
  const std::pair<const char*, const v1::Quantile*> quantiles[] = {{"0.5", &latency.p50()},
                                                                   {"0.9", &latency.p90()},
                                                                   {"0.99", &latency.p99()},
                                                                   {"0.999", &latency.p999()}};
  for (const auto& [name, quantile] : quantiles) {
    const auto set = [&, name = name](const char* bound, bool given, double value) {
      if (!given) return;
      families_->case_latency
          .Add({{"sweep", sweep_}, {"case", label}, {"quantile", name}, {"bound", bound}})
          .Set(value);
    };
    const bool infinite = quantile->is_infinite();
    // A quantile without an interval would make rules fire on what the next run need not see.
    set("est", infinite || quantile->has_low(),
        infinite ? std::numeric_limits<double>::infinity() : quantile->value());
    set("lo", quantile->has_low(), quantile->low());
    set("hi", quantile->has_high(), quantile->high());
  }
}

void ClientMetrics::EndCase(const v1::CaseResult& result) {
  if (case_.label.empty() || result.status() == "skipped") return;
  const prometheus::Labels labels = {{"sweep", sweep_}, {"case", case_.label}};
  const auto set = [&labels](Family<Gauge>& family, bool given, double value) {
    if (given) family.Add(labels).Set(value);
  };
  SetQuantiles(result.latency_all(), case_.label);
  set(families_->throughput, result.has_samples_per_s(), result.samples_per_s());
  const double failed = result.errors() + result.open_loop().dropped();
  const double all = result.requests() + failed;
  // A case that failed before it had a request has failed whole.
  set(families_->error_ratio, true, all > 0 ? failed / all : result.status() == "failed" ? 1 : 0);
  set(families_->scaled_error, result.has_norm_accuracy(), result.norm_accuracy().err_scaled());
  set(families_->error_bound, result.has_norm_accuracy(), result.norm_accuracy().bound());
  set(families_->nonfinite, result.has_norm_accuracy(),
      result.norm_accuracy().nonfinite_mismatches());
  set(families_->client_limited, result.has_open_loop(), result.open_loop().client_limited());
}

void ClientMetrics::EndRun(const v1::Report& report, double now) {
  families_->run_info.Add({{"sweep", sweep_}, {"run_id", report.run_id()}}).Set(1);
  if (report.exit_code() == 0) families_->last_success.Add({{"sweep", sweep_}}).Set(now);
}

}  // namespace normbench
