// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/expiry.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bench/micro/rpc/process.h"
#include "bench/micro/rpc/stub_loop.h"
#include "inference/grpc_service.grpc.pb.h"
#include "nlohmann/json.hpp"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Stub = inference::GRPCInferenceService::Stub;

inference::ModelInferRequest Request(int64_t timeout_us) {
  inference::ModelInferRequest request;
  request.set_model_name("held");
  auto& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.add_shape(1);
  input.add_shape(1);
  request.add_raw_input_contents(std::string(sizeof(float), '\0'));
  if (timeout_us > 0) {
    (*request.mutable_parameters())[std::string("timeout")].set_int64_param(timeout_us);
  }
  return request;
}

void WriteModel(const fs::path& models) {
  fs::create_directories(models / "held" / "1");
  std::ofstream(models / "held" / "config.pbtxt")
      << "backend: 'identity' max_batch_size: 8 "
         "input { name: 'x' data_type: TYPE_FP32 dims: 1 } "
         "output { name: 'y' data_type: TYPE_FP32 dims: 1 } "
         "dynamic_batching { default_queue_policy { allow_timeout_override: true } }\n";
}

// The worker stands still from the first request on, for longer than all of this takes; a minute is
// the most that a server accepts.
absl::StatusOr<Process> StartHeld(const ExpirySetup& setup, const std::string& ports_file) {
  const std::string models = setup.scratch + "/rpc_limits_models";
  WriteModel(models);
  fs::remove(ports_file);
  const double seconds = 2 + 0.05 * setup.requests / setup.in_flight;
  auto server =
      Process::Start({setup.bin + "/normbench-server", "--listen", "127.0.0.1:0", "--http",
                      "127.0.0.1:0", "--print-ports", ports_file, "--models", models, "--workers",
                      "1", "--ready-gap", "0", "--drain-seconds", "0", "--allow-faults",
                      "--fault-stall", absl::StrCat(std::min(seconds, 60.0), "s@0s")},
                     setup.scratch + "/server.log");
  if (!server.ok()) return server.status();
  if (absl::Status ready = server->WaitForFile(ports_file); !ready.ok()) return ready;
  return server;
}

// Seconds from the timeout to the refusal.
absl::StatusOr<double> Expire(Stub& stub, int64_t timeout_us) {
  const inference::ModelInferRequest request = Request(timeout_us);
  grpc::ClientContext context;
  inference::ModelInferResponse response;
  const auto start = Clock::now();
  const grpc::Status status = stub.ModelInfer(&context, request, &response);
  const std::chrono::duration<double> took = Clock::now() - start;
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
    return absl::InternalError(absl::StrCat("a request was not refused but ended with ",
                                            status.error_code(), " ", status.error_message()));
  }
  return took.count() - static_cast<double>(timeout_us) * 1e-6;
}

class Lags {
 public:
  void Add(const absl::StatusOr<double>& lag) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (lag.ok()) lags_.push_back(*lag);
    if (status_.ok()) status_ = lag.status();
  }
  absl::StatusOr<std::vector<double>> Sorted() {
    if (!status_.ok()) return status_;
    std::ranges::sort(lags_);
    return lags_;
  }

 private:
  std::mutex mutex_;
  std::vector<double> lags_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::vector<double>> ExpiryLags(const ExpirySetup& setup) {
  fs::create_directories(setup.scratch);
  const std::string ports_file = setup.scratch + "/server.json";
  const auto server = StartHeld(setup, ports_file);
  if (!server.ok()) return server.status();
  std::ifstream file(ports_file);
  const auto ports = nlohmann::json::parse(file, nullptr, false);
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel(ports.value("grpc", std::string())));

  grpc::ClientContext holding;
  std::thread holder([&] {
    inference::ModelInferResponse response;
    stub->ModelInfer(&holding, Request(0), &response);
  });
  Lags lags;
  std::atomic<int> left{setup.requests};
  std::vector<std::thread> clients;
  for (int i = 0; i < setup.in_flight; ++i) {
    clients.emplace_back([&] {
      for (int number = --left; number >= 0; number = --left) {
        lags.Add(Expire(*stub, 5000 + number % 46 * 1000));
      }
    });
  }
  for (std::thread& client : clients) client.join();
  holding.TryCancel();
  holder.join();
  return lags.Sorted();
}

}  // namespace normbench
