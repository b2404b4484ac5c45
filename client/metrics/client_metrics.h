// SPDX-License-Identifier: Apache-2.0
// Every metric family of the client, in one struct. Two registries: what grows while a case runs
// (for a scrape), and what a finished case or run found (for a scrape, a file and a Pushgateway,
// where counters of a process that is gone would mislead). Cases go by CaseLabel.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/closed_loop.h"
#include "normbench/v1/report.pb.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace normbench {

// Not thread-safe but for the registries, which may be scraped meanwhile.
class ClientMetrics {
 public:
  // Labels are bounded: the cases after these have no metrics and are counted in
  // normbench_client_refused_cases_total.
  static constexpr size_t kMaxCases = 200;

  // `sweep`: a registered name, the sweep's.
  explicit ClientMetrics(const std::string& sweep);
  ~ClientMetrics();
  ClientMetrics(const ClientMetrics&) = delete;
  ClientMetrics& operator=(const ClientMetrics&) = delete;

  // The next case, or one that comes again; what is observed belongs to it.
  void BeginCase(const std::string& key);

  // A few times a second while a loop of the case runs, and when it has ended. Several loops may
  // follow each other.
  void Observe(const LoopProgress& progress);

  // Publishes what a case found. Numbers that cannot be said have no series.
  void EndCase(const v1::CaseResult& result);

  // Publishes which run it was, and when, if all went well.
  // `now`: seconds since 1970.
  void EndRun(const v1::Report& report, double now);

  const std::shared_ptr<prometheus::Registry>& live() const { return live_; }
  const std::shared_ptr<prometheus::Registry>& results() const { return results_; }

 private:
  struct Families;

  // Of the present case.
  struct CaseCounters {
    std::string label;  // empty: refused
    std::map<int, prometheus::Counter*> by_code;
    prometheus::Counter* dropped = nullptr;
    prometheus::Histogram* scheduled = nullptr;
    prometheus::Histogram* sent = nullptr;
    prometheus::Histogram* lag = nullptr;
  };
  // What was already counted of the present loop.
  struct Seen {
    int64_t samples = 0;
    int64_t dropped = 0;
    std::map<int, int64_t> codes;
  };

  void CountCpu();
  void CountCodes(const Recorder& recorder);
  void CountDropped(int64_t dropped);
  void AddSamples(const Recorder& recorder);
  void SetQuantiles(const v1::LatencySummary& latency, const std::string& label);

  const std::string sweep_;
  std::shared_ptr<prometheus::Registry> live_;
  std::shared_ptr<prometheus::Registry> results_;
  std::unique_ptr<Families> families_;
  std::map<std::string, std::string> labels_;  // by key; empty: refused
  CaseCounters case_;
  Seen seen_;
  prometheus::Counter* cpu_ = nullptr;
  double cpu_seconds_ = 0;  // when it was last counted
};

}  // namespace normbench
