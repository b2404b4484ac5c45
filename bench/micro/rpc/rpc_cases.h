// SPDX-License-Identifier: Apache-2.0
// The comparisons rpc_bench makes, each on servers that are already up.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/stats/pairs.h"
#include "grpcpp/channel.h"

namespace normbench {

struct RpcBenchSetup {
  std::shared_ptr<grpc::Channel> server;  // normbench-server
  std::shared_ptr<grpc::Channel> echo;    // bare callback echo
  std::string server_address;             // its gRPC address
  std::string http_address;               // its metrics
  std::string client_program;             // normbench
  std::string scratch;                    // folder for logs, reports and models
  std::string models;                     // repository with more models; empty: none
  int pairs = 15;
  double seconds = 2;  // of each arm of a pair
};

// p50 of Normalize over p50 of the echo, both with one request of 4 KiB in flight.
absl::StatusOr<PairedRatio> CompareLatency(const RpcBenchSetup& setup, const std::string& impl);

// Calls/s of Normalize over calls/s of the echo, 64 requests of 4 KiB in flight.
absl::StatusOr<PairedRatio> CompareThroughput(const RpcBenchSetup& setup, const std::string& impl);

// Server time of a 25 MB Normalize outside the kernel (handler start to Finish) over the time of
// one warm memcpy of 25 MB in this process.
absl::StatusOr<PairedRatio> CompareCopies(const RpcBenchSetup& setup);

// Calls/s that `normbench run` reaches over calls/s of the minimal loop, one request of 4 KiB in
// flight.
absl::StatusOr<PairedRatio> CompareClient(const RpcBenchSetup& setup);

// Time that recording a request of an open loop takes over the CPU time that the minimal loop
// spends on a call at its full rate, 64 requests of 4 KiB in flight.
absl::StatusOr<PairedRatio> CompareRecording(const RpcBenchSetup& setup);

}  // namespace normbench
