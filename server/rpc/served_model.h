// SPDX-License-Identifier: Apache-2.0
// What is kept of the requests of a model version, however often it is loaded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/status.h"
#include "server/exec/batcher.h"
#include "server/metrics/metrics.h"
#include "server/rpc/infer_statistics.h"

namespace normbench {

// Thread-safe.
struct ServedModel {
  const ModelMetrics* metrics;
  std::string cost_kind;  // of CostModel
  std::unique_ptr<InferStatistics> statistics = std::make_unique<InferStatistics>();
  std::unique_ptr<Batcher> batcher = nullptr;  // for the requests of a model that has rules for it

  // Counts a request that has ended, `seconds` after its handler began.
  void Count(grpc::StatusCode code, const InferTimes& times, double seconds) const;
};

// Those of every model version that ever served; there for as long as the server.
class ServedModels {
 public:
  // `metrics` outlives it. `batching` is that of every model's batcher.
  ServedModels(ServerMetrics& metrics, Batcher::Options batching)
      : metrics_(metrics), batching_(std::move(batching)) {}

  // Made when it is first asked for: then its counters are there, at zero.
  const ServedModel& Of(const std::string& name, int64_t version);

 private:
  ServerMetrics& metrics_;
  const Batcher::Options batching_;
  absl::Mutex mutex_;
  std::map<std::string, std::map<int64_t, std::unique_ptr<ServedModel>>> models_
      ABSL_GUARDED_BY(mutex_);
};

// What dashboards call a request that ended with `code`. REQUIRES: not OK.
V2Failure FailureOf(grpc::StatusCode code);

}  // namespace normbench
