// SPDX-License-Identifier: Apache-2.0
// What is kept of the requests of a model version, however often it is loaded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/status.h"
#include "server/metrics/metrics.h"
#include "server/rpc/infer_statistics.h"

namespace normbench {

// Thread-safe.
struct ServedModel {
  const ModelMetrics* metrics;
  std::string cost_kind;  // of CostModel
  std::unique_ptr<InferStatistics> statistics = std::make_unique<InferStatistics>();

  // Counts a request that has ended, `seconds` after its handler began.
  void Count(grpc::StatusCode code, const InferTimes& times, double seconds) const;
};

// Those of every model version that ever served; there for as long as the server.
class ServedModels {
 public:
  // `metrics` outlives it.
  explicit ServedModels(ServerMetrics& metrics) : metrics_(metrics) {}

  // Made when it is first asked for: then its counters are there, at zero.
  const ServedModel& Of(const std::string& name, int64_t version);

 private:
  ServerMetrics& metrics_;
  absl::Mutex mutex_;
  std::map<std::string, std::map<int64_t, std::unique_ptr<ServedModel>>> models_
      ABSL_GUARDED_BY(mutex_);
};

// What dashboards call a request that ended with `code`. REQUIRES: not OK.
V2Failure FailureOf(grpc::StatusCode code);

}  // namespace normbench
