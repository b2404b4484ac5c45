// SPDX-License-Identifier: Apache-2.0
// Service normbench.v1.Benchmark: measures one kernel case where it runs, alone, and streams how
// far it is.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "normbench/v1/benchmark.grpc.pb.h"
#include "server/kernels/registry.h"
#include "server/rpc/event_stream.h"
#include "server/rpc/offered_kernels.h"
#include "server/rpc/service_context.h"

namespace normbench {

using RawBenchmark = v1::Benchmark::WithRawCallbackMethod_Measure<v1::Benchmark::Service>;

class BenchmarkService final : public RawBenchmark {
 public:
  struct Options {
    std::string default_device = "cpu";
    int threads_per_worker = 1;  // what a worker is set to between measurements
    // Sets the intra-op threads of the calling thread.
    std::function<void(int)> set_threads = [](int) {};
  };

  // `services` and `registry` outlive the service. REQUIRES: services.metrics knows the method
  // Measure, and every implementation and device of `registry`.
  BenchmarkService(ServiceContext& services, const KernelRegistry& registry, Options options);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Measure(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request) override;

 private:
  // Someone whose measurement is queued, to be told where it stands while another one runs.
  struct Waiter {
    JobId job;
    std::weak_ptr<EventStream> stream;
  };

  absl::Status Start(Call& call, const grpc::ByteBuffer& request,
                     const std::shared_ptr<EventStream>& stream);
  void TellWaiters();

  ServiceContext& services_;
  const OfferedKernels kernels_;
  const Options options_;
  const Rpc measure_;

  absl::Mutex mutex_;
  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
