// SPDX-License-Identifier: Apache-2.0
// Service normbench.v1.Benchmark: measures one kernel case, or compares its answers, where it runs,
// alone, and streams how far it is. Its methods about whole runs are those of RunMethods.
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
#include "server/rpc/run_methods.h"
#include "server/rpc/service_context.h"

namespace normbench {

using RawRuns = v1::Benchmark::WithRawCallbackMethod_Submit<
    v1::Benchmark::WithRawCallbackMethod_Watch<v1::Benchmark::WithRawCallbackMethod_Get<
        v1::Benchmark::WithRawCallbackMethod_List<v1::Benchmark::WithRawCallbackMethod_Cancel<
            v1::Benchmark::WithRawCallbackMethod_Delete<v1::Benchmark::Service>>>>>>;
using RawBenchmark = v1::Benchmark::WithRawCallbackMethod_Measure<
    v1::Benchmark::WithRawCallbackMethod_CheckInvariance<RawRuns>>;

class BenchmarkService final : public RawBenchmark {
 public:
  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;
  using Unary = grpc::ServerUnaryReactor;

  struct Options {
    std::string default_device = "cpu";
    int threads_per_worker = 1;  // what a worker is set to between measurements
    // Sets the intra-op threads of the calling thread.
    std::function<void(int)> set_threads = [](int) {};
    Runs* runs = nullptr;  // outlives the service; null: no history is kept
  };

  // `services` and `registry` outlive the service. REQUIRES: services.metrics knows the methods of
  // the service, and every implementation and device of `registry`.
  BenchmarkService(ServiceContext& services, const KernelRegistry& registry, Options options);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Measure(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* CheckInvariance(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;

  Unary* Submit(Context* context, const Bytes* request, Bytes* response) override;
  grpc::ServerWriteReactor<Bytes>* Watch(Context* context, const Bytes* request) override;
  Unary* Get(Context* context, const Bytes* request, Bytes* response) override;
  Unary* List(Context* context, const Bytes* request, Bytes* response) override;
  Unary* Cancel(Context* context, const Bytes* request, Bytes* response) override;
  Unary* Delete(Context* context, const Bytes* request, Bytes* response) override;

 private:
  using Tell = std::function<void(v1::MeasureResponse)>;

  // What a method does with a device of its own.
  struct Task {
    int64_t bytes = 0;   // of memory
    double seconds = 0;  // estimate
    int64_t answer_bytes = 0;
    // On a worker, whose number of threads is set back afterwards. Returns the last event.
    std::function<absl::StatusOr<v1::MeasureResponse>(Call& running, const Tell& tell)> run;
  };
  // Someone whose measurement is queued, to be told where it stands while another one runs.
  struct Waiter {
    JobId job;
    std::weak_ptr<EventStream> stream;
  };

  // One call of `rpc`: parses and queues its task, streams what it tells.
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Serve(
      grpc::CallbackServerContext& context, const grpc::ByteBuffer& request, const Rpc& rpc,
      const std::function<absl::StatusOr<Task>(const grpc::ByteBuffer&)>& parse);
  absl::StatusOr<Task> MeasureTask(const grpc::ByteBuffer& request);
  absl::StatusOr<Task> InvarianceTask(const grpc::ByteBuffer& request);
  absl::Status Start(Call& call, Task task, const std::shared_ptr<EventStream>& stream);
  void TellWaiters();

  ServiceContext& services_;
  const OfferedKernels kernels_;
  const Options options_;
  const Rpc measure_, check_invariance_;
  RunMethods runs_;

  absl::Mutex mutex_;
  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
