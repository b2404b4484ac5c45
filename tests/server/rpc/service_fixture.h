// SPDX-License-Identifier: Apache-2.0
// The services of normbench.v1 as a client meets them, in one process and without a port: real
// queue, budgets and metrics, the reference kernel, and kernels that wait or misbehave when a test
// says so.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/kernels/reference_kernel.h"
#include "server/kernels/registry.h"
#include "server/rpc/benchmark_service.h"
#include "server/rpc/normalization_service.h"
#include "tests/server/measure/wrapped_kernel.h"

namespace normbench {

// A launch with something before it; says that it converts where the layout is channels-last.
class HookedLaunch final : public BoundNorm {
 public:
  using Hook = std::function<void()>;

  HookedLaunch(std::unique_ptr<BoundNorm> inner, Hook hook, bool nhwc)
      : inner_(std::move(inner)), hook_(std::move(hook)), nhwc_(nhwc) {}
  absl::Status Launch() override {
    hook_();
    return inner_->Launch();
  }
  absl::Status Synchronize() override { return inner_->Synchronize(); }
  absl::StatusOr<double> Time(int iterations) override { return inner_->Time(iterations); }
  std::string time_source() const override { return inner_->time_source(); }
  bool converts_layout() const override { return nhwc_; }

 private:
  std::unique_ptr<BoundNorm> inner_;
  Hook hook_;
  const bool nhwc_;
};

// The reference under another name, with something that happens before each launch; f32 in ranks 2
// and 4 only, and channels-last by rearranging, as it says.
inline std::unique_ptr<NormKernel> HookedKernel(std::string name, HookedLaunch::Hook hook) {
  KernelCapabilities capabilities = MakeReferenceKernel()->capabilities();
  capabilities.any_thread = false;
  capabilities.copying = {Method::kGroup};
  capabilities.dtypes = {DType::kF32};
  capabilities.ranks = {2, 4};
  return std::make_unique<WrappedKernel>(
      std::move(name), std::move(capabilities),
      [hook = std::move(hook)](std::unique_ptr<BoundNorm> inner,
                               const WrappedKernel::Binding& binding) {
        return std::make_unique<HookedLaunch>(std::move(inner), hook,
                                              binding.layout == Layout::kNhwc);
      });
}

// The executor, and what calls did with it.
class CountingQueue : public CallQueue {
 public:
  explicit CountingQueue(Executor& executor) : queue_(executor) {}
  absl::StatusOr<JobId> Submit(Job job) override {
    job.drop = [this, drop = std::move(job.drop)](const absl::Status& reason) {
      drop(reason);
      Count(dropped_, true);
    };
    return Count(submitted_, queue_.Submit(std::move(job)));
  }
  bool Cancel(JobId id, const absl::Status& reason) override {
    return Count(cancelled_, queue_.Cancel(id, reason));
  }
  bool TryBeginInline() override {
    const bool begun = queue_.TryBeginInline();
    return begun ? Count(inlined_, begun) : begun;
  }
  void EndInline() override { queue_.EndInline(); }

  void WaitForSubmits(int count) { WaitFor(submitted_, count); }
  void WaitForCancels(int count) { WaitFor(cancelled_, count); }
  void WaitForDrops(int count) { WaitFor(dropped_, count); }
  int inlined() { return Get(inlined_); }
  int submitted() { return Get(submitted_); }

 private:
  // After the fact: who waits for the count finds it done.
  template <typename Result>
  Result Count(int& counter, Result result) {
    const absl::MutexLock lock(&mutex_);
    ++counter;
    return result;
  }
  int Get(const int& counter) {
    const absl::MutexLock lock(&mutex_);
    return counter;
  }
  void WaitFor(const int& counter, int count) {
    const auto reached = [&] { return counter >= count; };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&reached));
  }

  ExecutorQueue queue_;
  absl::Mutex mutex_;
  int submitted_ = 0, cancelled_ = 0, dropped_ = 0, inlined_ = 0;
};

inline std::string Bytes(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

inline std::vector<float> Floats(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

inline void Dims(v1::NormalizeRequest& request, const std::vector<int64_t>& dims) {
  request.mutable_shape()->Assign(dims.begin(), dims.end());
}

class ServiceFixture : public ::testing::Test {
 protected:
  ServiceFixture() {
    services_.limits.max_threads = 4;
    services_.limits.max_tensor_bytes = 1 << 20;
    services_.limits.cold_bytes = 1 << 17;
    v1::Environment environment;
    environment.set_cpu_model("a test's");
    normalization_ = std::make_unique<NormalizationService>(
        services_, registry_, NormalizationService::Options{.environment = std::move(environment)});
    BenchmarkService::Options options;
    options.set_threads = [this](int threads) { threads_set_.push_back(threads); };
    benchmark_ = std::make_unique<BenchmarkService>(services_, registry_, std::move(options));
    grpc::ServerBuilder builder;
    builder.RegisterService(normalization_.get());
    builder.RegisterService(benchmark_.get());
    server_ = builder.BuildAndStart();
    channel_ = server_->InProcessChannel({});
    stub_ = v1::Normalization::NewStub(channel_);
    benchmark_stub_ = v1::Benchmark::NewStub(channel_);
  }

  ~ServiceFixture() override {
    OpenGate();
    for (const auto& pending : pending_) pending->done.WaitForNotification();
    StopServer();
    executor_.Shutdown(std::chrono::milliseconds(0));  // its last job may still be in queue_
  }

  void OpenGate() {
    if (!gate_open_.HasBeenNotified()) gate_open_.Notify();
  }

  // Returns when every call has ended; counters are then final.
  void StopServer() {
    server_->Shutdown();
    server_->Wait();
  }

  // Layer norm without gamma and beta over (1, 2): y = -1, 1 but for eps.
  static v1::NormalizeRequest Small(const std::string& impl = "reference") {
    v1::NormalizeRequest request;
    request.mutable_spec()->set_norm("layer");
    request.add_shape(1);
    request.add_shape(2);
    request.set_impl(impl);
    request.set_x(Bytes({1, 3}));
    return request;
  }

  grpc::Status Normalize(const v1::NormalizeRequest& request,
                         v1::NormalizeResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::NormalizeResponse ignored;
    return stub_->Normalize(&context, request, response == nullptr ? &ignored : response);
  }

  // A call that goes on while the test does something else; the fixture waits for its end.
  struct Pending {
    grpc::ClientContext context;
    v1::NormalizeRequest request;
    v1::NormalizeResponse response;
    grpc::Status status;
    absl::Notification done;
  };
  Pending* Begin(const v1::NormalizeRequest& request) {
    pending_.push_back(std::make_unique<Pending>());
    Pending* raw = pending_.back().get();
    raw->request = request;
    stub_->async()->Normalize(&raw->context, &raw->request, &raw->response,
                              [raw](grpc::Status status) {
                                raw->status = std::move(status);
                                raw->done.Notify();
                              });
    return raw;
  }

  // A call that occupies the one worker until OpenGate().
  Pending* BeginGated() {
    Pending* pending = Begin(Small("gate"));
    gate_entered_.WaitForNotification();
    return pending;
  }

  double Counted(const std::string& rpc, grpc::StatusCode code) {
    return metrics_.rpc(rpc).requests[code]->Value();
  }
  // All codes together.
  double CountedInAll(const std::string& rpc) {
    double sum = 0;
    for (const prometheus::Counter* counter : metrics_.rpc(rpc).requests) sum += counter->Value();
    return sum;
  }
  static uint64_t Observations(const prometheus::Histogram& histogram) {
    return histogram.Collect().histogram.sample_count;
  }

  static std::vector<std::unique_ptr<NormKernel>> Kernels(ServiceFixture& test) {
    std::vector<std::unique_ptr<NormKernel>> kernels;
    kernels.push_back(MakeReferenceKernel());
    kernels.push_back(HookedKernel("gate", [&test] {
      if (!test.gate_entered_.HasBeenNotified()) test.gate_entered_.Notify();
      test.gate_open_.WaitForNotification();
    }));
    kernels.push_back(HookedKernel("hungry", [] { throw std::bad_alloc(); }));
    return kernels;
  }

  static ExecutorOptions OneWorker() {
    ExecutorOptions options;
    options.workers = 1;
    options.max_queued = 1;
    options.max_queued_exclusive = 2;
    return options;
  }

  std::vector<std::unique_ptr<Pending>> pending_;
  absl::Notification gate_entered_, gate_open_;
  std::vector<int> threads_set_;
  Executor executor_{OneWorker()};
  CountingQueue queue_{executor_};
  Admission admission_{{.slots = 16, .bytes = 1 << 20}};
  ServerMetrics metrics_{{.rpcs = {"Normalize", "ListImplementations", "Measure", "CheckInvariance",
                                   "Submit", "Watch", "Get", "List", "Cancel", "Delete"},
                          .impls = {"reference", "gate", "hungry"},
                          .devices = {"cpu"},
                          .version = "",
                          .sha = "",
                          .torch = ""}};
  Authorizer authorizer_;
  CostModel costs_;
  ServiceContext services_{executor_, queue_,      admission_, BufferPool::Create(1 << 20),
                           metrics_,  authorizer_, costs_,     {}};
  const KernelRegistry registry_{Kernels(*this)};
  std::unique_ptr<NormalizationService> normalization_;
  std::unique_ptr<BenchmarkService> benchmark_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Normalization::Stub> stub_;
  std::unique_ptr<v1::Benchmark::Stub> benchmark_stub_;
};

}  // namespace normbench
