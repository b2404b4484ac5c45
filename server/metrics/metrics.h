// SPDX-License-Identifier: Apache-2.0
// Every metric family of the server, in one struct. Handles are made once and kept: nothing is
// looked up by label while a request runs. Label values are only registered names, so cardinality
// is bounded.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "server/metrics/v2_metrics.h"

namespace normbench {

inline constexpr int kStatusCodes = 17;    // canonical codes OK .. UNAUTHENTICATED
inline constexpr size_t kMaxSweeps = 100;  // whose last success is told

using CountersByCode = std::array<prometheus::Counter*, kStatusCodes>;

// Of one RPC, named as in its proto, for example Normalize or ModelInfer.
struct RpcMetrics {
  CountersByCode requests;          // exactly one increment a request, failures included
  prometheus::Histogram* duration;  // seconds: handler start to Finish
  prometheus::Histogram* queue;
  prometheus::Histogram* encode;
  prometheus::Gauge* in_flight;
};

// Of one norm, implementation and device.
struct NormMetrics {
  CountersByCode requests;
  prometheus::Histogram* compute;
};

// Of one model version.
struct ModelMetrics {
  CountersByCode requests;
  prometheus::Histogram *queue, *input, *output;  // seconds, of each request
  prometheus::Histogram *compute, *formed_batch;  // of each execution
  // Answers of batches that were run again one by one.
  prometheus::Counter *audit_same, *audit_different, *audit_skipped;
  V2Counters v2;
};

// Thread-safe.
class ServerMetrics {
 public:
  struct Options {
    std::vector<std::string> rpcs;  // every RPC the server offers
    std::vector<std::string> impls;
    std::vector<std::string> devices;
    std::string version, sha, torch;  // of build_info
  };
  explicit ServerMetrics(const Options& options);
  ~ServerMetrics();
  ServerMetrics(const ServerMetrics&) = delete;
  ServerMetrics& operator=(const ServerMetrics&) = delete;

  // REQUIRES: named in Options.
  const RpcMetrics& rpc(std::string_view name) const;
  const NormMetrics& norm(std::string_view norm, std::string_view impl,
                          std::string_view device) const;

  // Requests whose handler has started and that have not ended, of all RPCs but `but` together.
  double in_flight(std::string_view but = "") const;

  // Made on first use: call when a model is loaded.
  const ModelMetrics& model(const std::string& name, int64_t version);

  prometheus::Counter& model_loads(const std::string& model, bool ok);
  // REQUIRES: slots | bytes | cost | queue | draining | run.
  prometheus::Counter& rejections(std::string_view budget);
  prometheus::Counter& trace_errors() { return *trace_errors_; }
  prometheus::Counter& network_bytes_received() { return *received_; }
  prometheus::Counter& network_bytes_sent() { return *sent_; }

  prometheus::Gauge& run_active() { return *run_active_; }
  prometheus::Gauge& run_queue_length() { return *run_queue_length_; }
  // A run of `sweep` ended well at `when`, seconds since 1970. Names come from clients: those after
  // the first kMaxSweeps have no series.
  void RunSucceeded(const std::string& sweep, double when);

  prometheus::Gauge& queued_requests() { return *queued_; }
  // Gauges that are read, not kept: set from admission just before each scrape.
  prometheus::Gauge& admitted_bytes() { return *admitted_bytes_; }
  prometheus::Gauge& admitted_bytes_limit() { return *admitted_bytes_limit_; }

  prometheus::Registry& registry() { return *registry_; }

 private:
  struct Families;

  void AddNorms(const std::string& impl, const std::vector<std::string>& devices);

  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Families> families_;
  prometheus::Counter* received_ = nullptr;
  prometheus::Counter* sent_ = nullptr;
  prometheus::Counter* trace_errors_ = nullptr;
  prometheus::Gauge* queued_ = nullptr;
  prometheus::Gauge* run_active_ = nullptr;
  prometheus::Gauge* run_queue_length_ = nullptr;
  prometheus::Gauge* admitted_bytes_ = nullptr;
  prometheus::Gauge* admitted_bytes_limit_ = nullptr;
  std::map<std::string, RpcMetrics, std::less<>> rpcs_;
  std::map<std::string, NormMetrics, std::less<>> norms_;  // by norm/impl/device
  std::map<std::string, prometheus::Counter*, std::less<>> rejections_;
  absl::Mutex mutex_;
  std::map<std::string, ModelMetrics> models_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> successes_ ABSL_GUARDED_BY(mutex_);  // sweeps that have a series
};

}  // namespace normbench
