// SPDX-License-Identifier: Apache-2.0
// Everything of the server that computes, and nothing that listens: device, implementations,
// models, budgets, workers, metrics. Constructed in the order of its members, which is the order in
// which they need each other.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/exec/admission.h"
#include "server/exec/buffer_pool.h"
#include "server/exec/executor.h"
#include "server/faults/faults.h"
#include "server/kernels/registry.h"
#include "server/metrics/metrics.h"
#include "server/options.h"
#include "server/repository/poller.h"
#include "server/repository/repository.h"
#include "server/rpc/authorize.h"
#include "server/rpc/cost_model.h"
#include "server/rpc/service_context.h"
#include "server/shm/regions.h"
#include "server/trace/tracer.h"

namespace normbench {

// Each worker computes with one thread: W workers use W cores, whatever they run.
inline constexpr int kThreadsPerWorker = 1;

// Of the calling thread, for every implementation that can use more than one.
void SetThreads(int threads);

// Makes the calling thread one that computes as workers do.
void SetWorkerThreads();

// What every kind of health answers.
struct Readiness {
  bool serving = false;  // the server takes work
  bool all = false;      // and, where that is asked for, so do all models
  bool operator==(const Readiness&) const = default;
};

// Thread-safe, but for LoadModels and Stop.
class Engine {
 public:
  // Opens the device and the trace file. REQUIRES: Validate(options) holds and nothing in it is
  // left to the machine's defaults. Returns FAILED_PRECONDITION with one sentence for a device that
  // is not here, a file that cannot be written and a fault that cannot be had.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(const ServerOptions& options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Loads and warms the models of options().models, all or those of load_models, and begins to poll
  // the folder where that is asked for. Call once, before
  // repository(). Returns NOT_FOUND for a folder that cannot be read and a model that is not there;
  // one that cannot be loaded is only in repository().index().
  absl::Status LoadModels();

  const ServerOptions& options() const { return options_; }
  const MemoryShares& memory() const { return memory_; }
  const std::string& device() const { return device_; }
  const KernelRegistry& kernels() const { return kernels_; }
  ModelRepository& repository() { return *repository_; }
  const ModelRepository& repository() const { return *repository_; }
  ServerMetrics& metrics() { return metrics_; }
  Authorizer& authorizer() { return authorizer_; }
  ServiceContext& services() { return services_; }
  Regions& regions() { return regions_; }
  Tracer* tracer() { return tracer_.get(); }  // null: nothing is traced

  // What authorizer() says of the server, and the repository of the models.
  Readiness readiness() const;

  // See Authorizer.
  void SetReady(bool ready);

  // Calls `watch` now and whenever readiness() has changed, once at a time. Null: not any more.
  void WatchReadiness(std::function<void(const Readiness& now)> watch);

  // Sets the gauges that are read, not kept.
  void RefreshGauges();

  // Work that waits or runs.
  int under_way() const;

  // No handler is at work, nothing is queued, nothing runs, and every answer has been sent.
  bool Idle() const;

  // No changed model is loaded any more. Does not wait.
  void StopPolling();

  // Drops what is queued and waits for what runs.
  void Stop();

 private:
  Engine(const ServerOptions& options, std::string device, std::shared_ptr<Faults> faults);

  absl::Status OpenTrace();
  void TellReadiness() ABSL_LOCKS_EXCLUDED(watch_mutex_);

  const ServerOptions options_;
  const MemoryShares memory_;
  const std::string device_;              // cpu, cuda:0
  const std::shared_ptr<Faults> faults_;  // null: none was asked for
  const KernelRegistry kernels_;
  ServerMetrics metrics_;
  std::unique_ptr<Tracer> tracer_;
  Admission admission_;
  Executor executor_;
  ExecutorQueue queue_{executor_};
  Authorizer authorizer_;
  CostModel costs_;
  ServiceContext services_;
  Regions regions_;
  absl::Mutex watch_mutex_;
  std::function<void(const Readiness&)> watch_ ABSL_GUARDED_BY(watch_mutex_);
  std::optional<Readiness> told_ ABSL_GUARDED_BY(watch_mutex_);
  std::unique_ptr<ModelRepository> repository_;
  std::unique_ptr<RepositoryPoller> poller_;  // null: nothing is polled
};

}  // namespace normbench
