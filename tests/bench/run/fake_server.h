// SPDX-License-Identifier: Apache-2.0
// A small server with every method the client calls, on a port of its own: right by the reference,
// wrong on demand.
#pragma once

#include <grpcpp/server.h>

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/run/run_watcher.h"
#include "bench/run/session.h"
#include "inference/grpc_service.grpc.pb.h"
#include "normbench/v1/benchmark.grpc.pb.h"
#include "normbench/v1/normalization.grpc.pb.h"

namespace normbench {

// Which cases were visited, and which had their last visit.
class KeyList final : public RunWatcher {
 public:
  void Started(const std::string& key, double) override { started.push_back(key); }
  void Phase(std::string_view, double) override {}
  void Finished(const Case& c, const v1::CaseResult& result) override {
    finished.push_back(c.key);
    results.push_back(result);
  }

  std::vector<std::string> started, finished;
  std::vector<v1::CaseResult> results;
};

class FakeNormalization final : public v1::Normalization::Service {
 public:
  grpc::Status Normalize(grpc::ServerContext*, const v1::NormalizeRequest* request,
                         v1::NormalizeResponse* response) override;
  grpc::Status ListImplementations(grpc::ServerContext*, const v1::ListImplementationsRequest*,
                                   v1::ListImplementationsResponse* response) override;

  std::atomic<int> calls = 0;
  std::string host = "another-host";
  std::vector<std::string> devices = {"cpu"};
  std::atomic<float> offset = 0;   // added to the first element of every answer
  std::atomic<int> refuse = 0;     // so many requests
  std::atomic<bool> hang = false;  // until the call is cancelled
  // x of each request, by the connection that brought it.
  std::map<std::string, std::multiset<std::string>> received() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return received_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::multiset<std::string>> received_;
};

class FakeBenchmark final : public v1::Benchmark::Service {
 public:
  grpc::Status Measure(grpc::ServerContext* context, const v1::MeasureRequest* request,
                       grpc::ServerWriter<v1::MeasureResponse>* writer) override;
  grpc::Status CheckInvariance(grpc::ServerContext* context,
                               const v1::CheckInvarianceRequest* request,
                               grpc::ServerWriter<v1::MeasureResponse>* writer) override;

  std::atomic<bool> hang = false;    // until the call is cancelled
  std::atomic<bool> silent = false;  // ends without a result
  std::atomic<bool> newer = false;   // ends with an event that this client does not know
  std::atomic<double> err_scaled = 1;
  std::atomic<int> cancelled = 0;
  std::function<void()> on_call = [] {};
  // N of the measured shapes, in order.
  std::vector<int> batch_sizes() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return batch_sizes_;
  }
  std::vector<v1::MeasureBudget> budgets() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return budgets_;
  }

 private:
  std::mutex mutex_;
  std::vector<int> batch_sizes_;
  std::vector<v1::MeasureBudget> budgets_;

  // What comes before the result; not OK: instead of it.
  grpc::Status Begin(grpc::ServerContext* context, const std::string& impl,
                     grpc::ServerWriter<v1::MeasureResponse>* writer);
};

// Model "toy": x (batch, 1, 2) -> the same two numbers as logits.
class FakeInference final : public inference::GRPCInferenceService::Service {
 public:
  grpc::Status ServerLive(grpc::ServerContext*, const inference::ServerLiveRequest*,
                          inference::ServerLiveResponse* response) override;
  grpc::Status ServerReady(grpc::ServerContext*, const inference::ServerReadyRequest*,
                           inference::ServerReadyResponse* response) override;
  grpc::Status ModelMetadata(grpc::ServerContext*, const inference::ModelMetadataRequest* request,
                             inference::ModelMetadataResponse* response) override;
  grpc::Status ModelConfig(grpc::ServerContext*, const inference::ModelConfigRequest*,
                           inference::ModelConfigResponse* response) override;
  grpc::Status ModelInfer(grpc::ServerContext*, const inference::ModelInferRequest* request,
                          inference::ModelInferResponse* response) override;

  std::atomic<int> single = 0;  // requests with one image
  std::atomic<int> calls = 0;
  std::function<void()> on_live = [] {};
  std::atomic<bool> has_config = true;
  std::atomic<bool> batch_matters = false;  // swaps the logits of the first image of a larger batch
  std::atomic<bool> says_formed = false;    // the size of the batch, to those who ask
  // Requests after so many ride in a batch of four more, as if others had sent them.
  std::atomic<int> joins_after = std::numeric_limits<int>::max();
};

class FakeServer {
 public:
  // `foreign`: only the inference service.
  explicit FakeServer(bool foreign = false);
  ~FakeServer();

  void Stop();

  std::string address;
  FakeNormalization normalization;
  FakeBenchmark benchmark;
  FakeInference inference;
  std::atomic<bool> stop = false;  // what the session's stop() says
  KeyList watcher;
  Session session();

 private:
  std::unique_ptr<grpc::Server> server_;
};

// Writes a .npy file below the test's temporary folder and returns its path. `type` as numpy names
// it.
std::string WriteNpy(const std::string& name, const std::string& type, const std::string& shape,
                     const std::string& data);

// Bytes of `values`.
template <typename T>
std::string BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace normbench
