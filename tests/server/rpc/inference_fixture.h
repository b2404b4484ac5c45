// SPDX-License-Identifier: Apache-2.0
// The V2 service as a client meets it, in one process and without a port: a real repository in a
// temporary folder, real queue and budgets, backends that compute nothing or misbehave on purpose.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "inference/grpc_service.grpc.pb.h"
#include "server/backends/identity.h"
#include "server/rpc/count_load.h"
#include "server/rpc/inference_service.h"

namespace normbench {

// Where the models of GateBackend wait.
struct Gate {
  absl::Notification entered;
  absl::Notification open;
  std::vector<std::vector<float>> batches;  // first value of each sample, in the order of running
};

// Answers with its inputs once the gate is open; fails where a value is negative.
class GateBackend : public Backend {
 public:
  explicit GateBackend(Gate& gate) : gate_(gate) {}
  std::string name() const override { return "gate"; }
  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec&) override {
    class GateModel : public Model {
     public:
      explicit GateModel(Gate& gate) : gate_(gate) {}
      absl::Status Infer(std::span<const TensorIn> inputs,
                         const AllocateOutput& allocate) override {
        if (!gate_.entered.HasBeenNotified()) gate_.entered.Notify();
        gate_.open.WaitForNotification();
        std::vector<float> values(inputs[0].bytes / sizeof(float));
        std::memcpy(values.data(), inputs[0].data, inputs[0].bytes);
        const size_t row = values.size() / static_cast<size_t>(inputs[0].shape[0]);
        gate_.batches.emplace_back();
        for (size_t i = 0; i < values.size(); i += row) gate_.batches.back().push_back(values[i]);
        if (std::ranges::any_of(values, [](float value) { return value < 0; })) {
          return absl::InternalError("a value is negative");
        }
        std::memcpy(allocate(0, inputs[0].shape, inputs[0].bytes), inputs[0].data, inputs[0].bytes);
        return absl::OkStatus();
      }
      int64_t WorkspaceBytes(int64_t batch) const override { return 1000 * batch; }

     private:
      Gate& gate_;
    };
    return std::make_unique<GateModel>(gate_);
  }

 private:
  Gate& gate_;
};

// Does what its parameter "fault" says: error, throw, forget.
class FaultyBackend : public Backend {
 public:
  std::string name() const override { return "faulty"; }
  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    class FaultyModel : public Model {
     public:
      explicit FaultyModel(std::string fault) : fault_(std::move(fault)) {}
      absl::Status Infer(std::span<const TensorIn>, const AllocateOutput&) override {
        if (fault_ == "error") return absl::InternalError("the model failed");
        if (fault_ == "throw") throw std::bad_alloc();
        return absl::OkStatus();
      }
      int64_t WorkspaceBytes(int64_t) const override { return 0; }

     private:
      const std::string fault_;
    };
    const auto fault = spec.parameters.find("fault");
    if (fault == spec.parameters.end()) return absl::InvalidArgumentError("no weights");
    return std::make_unique<FaultyModel>(fault->second);
  }
};

// The executor, and how many jobs it was given and has dropped.
class WatchedQueue : public CallQueue {
 public:
  explicit WatchedQueue(Executor& executor) : queue_(executor) {}
  absl::StatusOr<JobId> Submit(Job job) override {
    job.drop = [this, drop = std::move(job.drop)](const absl::Status& reason) {
      drop(reason);
      Add(dropped_);
    };
    auto id = queue_.Submit(std::move(job));
    Add(submitted_);
    return id;
  }
  bool Cancel(JobId id, const absl::Status& reason) override { return queue_.Cancel(id, reason); }
  bool TryBeginInline() override { return queue_.TryBeginInline(); }
  void EndInline() override { queue_.EndInline(); }

  void WaitForJobs(int count) { WaitFor(submitted_, count); }
  void WaitForDrops(int count) { WaitFor(dropped_, count); }

 private:
  void Add(int& counter) {
    const absl::MutexLock lock(&mutex_);
    ++counter;
  }
  void WaitFor(const int& counter, int count) {
    const auto reached = [&] { return counter >= count; };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&reached));
  }

  ExecutorQueue queue_;
  absl::Mutex mutex_;  // guards both
  int submitted_ = 0;
  int dropped_ = 0;
};

class InferenceFixture : public ::testing::Test {
 protected:
  // `more` is about tracing and readiness; the rest of it is the fixture's.
  explicit InferenceFixture(InferenceService::Options more = {}) {
    authorizer_.SetReady(true);
    std::filesystem::remove_all(root_);
    AddModel("echo", Tensors("identity", 8, "FP32", "dims: [ 2, 3 ]"));
    AddModel("single", Tensors("identity", 0, "FP32", "dims: 3"));
    AddModel("broken", Tensors("faulty", 8, "FP32", "dims: 3"));
    AddModel("gate", Tensors("gate", 8, "FP32", "dims: 3"));
    for (const std::string fault : {"error", "throw", "forget"}) {
      AddModel(fault, Tensors("faulty", 8, "FP32", "dims: 3") +
                          "parameters { key: 'fault' value { string_value: '" + fault + "' } }");
    }
    AddModel("pair", R"(backend: "identity" max_batch_size: 4
        input { name: "a" data_type: TYPE_FP32 dims: 2 }
        input { name: "b" data_type: TYPE_INT64 dims: -1 }
        output { name: "c" data_type: TYPE_FP32 dims: 2 }
        output { name: "d" data_type: TYPE_INT64 dims: -1 })");
    AddModel("words", Tensors("identity", 4, "STRING", "dims: 2"));
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(MakeIdentityBackend());
    backends.push_back(std::make_unique<GateBackend>(gate_));
    backends.push_back(std::make_unique<FaultyBackend>());
    repository_ =
        *ModelRepository::Open(root_.string(), "cpu", std::move(backends),
                               [this](const ModelStatus& tried) { CountLoad(tried, metrics_); });
    repository_->LoadAll();
    service_ = std::make_unique<InferenceService>(
        services_, *repository_,
        InferenceService::Options{.version = "1.2.3",
                                  .regions = &regions_,
                                  .controls_models = true,
                                  .strict_readiness = more.strict_readiness,
                                  .tracer = more.tracer});
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    channel_ = server_->InProcessChannel({});
    stub_ = inference::GRPCInferenceService::NewStub(channel_);
  }

  ~InferenceFixture() override {
    if (!gate_.open.HasBeenNotified()) gate_.open.Notify();
    StopServer();
    std::filesystem::remove_all(root_);
  }

  // Returns when every call has ended; counters are then final.
  void StopServer() {
    server_->Shutdown();
    server_->Wait();
  }

  static std::string Tensors(const std::string& backend, int batch, const std::string& type,
                             const std::string& dims) {
    const std::string tensor = "data_type: TYPE_" + type + " " + dims + " }\n";
    return "backend: '" + backend + "' max_batch_size: " + std::to_string(batch) +
           "\ninput { name: 'x' " + tensor + "output { name: 'y' " + tensor;
  }

  void AddModel(const std::string& name, const std::string& config) {
    std::filesystem::create_directories(root_ / name / "1");
    std::ofstream(root_ / name / "config.pbtxt") << config;
  }

  static ServerMetrics::Options MetricsOptions() {
    ServerMetrics::Options options;
    options.rpcs = InferenceRpcNames();
    return options;
  }

  static std::string Bytes(const std::vector<float>& values) {
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  }

  // A request for "echo" or "gate" with one input x of `shape`, its values 0, 1, 2 ...
  static inference::ModelInferRequest Request(const std::string& model,
                                              const std::vector<int64_t>& shape) {
    inference::ModelInferRequest request;
    request.set_model_name(model);
    auto& input = *request.add_inputs();
    input.set_name("x");
    input.set_datatype("FP32");
    input.mutable_shape()->Add(shape.begin(), shape.end());
    int64_t elements = 1;
    for (const int64_t dim : shape) elements *= dim;
    std::vector<float> values;
    for (int64_t i = 0; i < elements; ++i) values.push_back(static_cast<float>(i));
    request.add_raw_input_contents(Bytes(values));
    return request;
  }

  grpc::Status Infer(const inference::ModelInferRequest& request,
                     inference::ModelInferResponse* response = nullptr) {
    grpc::ClientContext context;
    inference::ModelInferResponse ignored;
    return stub_->ModelInfer(&context, request, response == nullptr ? &ignored : response);
  }

  double Counted(const std::string& rpc, grpc::StatusCode code) {
    return metrics_.rpc(rpc).requests[code]->Value();
  }
  double CountedOfModel(const std::string& model, grpc::StatusCode code) {
    return metrics_.model(model, 1).requests[code]->Value();
  }

  // All codes together.
  double CountedInAll(const std::string& rpc) {
    double sum = 0;
    for (const prometheus::Counter* counter : metrics_.rpc(rpc).requests) sum += counter->Value();
    return sum;
  }

  const std::filesystem::path root_ =
      std::filesystem::path(::testing::TempDir()) /
      (std::string("inference_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
  Gate gate_;
  Executor executor_{ExecutorOptions()};  // one worker
  WatchedQueue queue_{executor_};
  Admission admission_{{.bytes = 1 << 20}};
  ServerMetrics metrics_{MetricsOptions()};
  Authorizer authorizer_;
  CostModel costs_;
  ServiceContext services_{executor_, queue_,      admission_, BufferPool::Create(1 << 20),
                           metrics_,  authorizer_, costs_,     {}};
  Regions regions_;
  std::unique_ptr<ModelRepository> repository_;
  std::unique_ptr<InferenceService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

}  // namespace normbench
