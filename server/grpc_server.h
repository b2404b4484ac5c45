// SPDX-License-Identifier: Apache-2.0
// The gRPC endpoint: limits, health, reflection, one port. What it serves is given to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "grpcpp/server.h"
#include "server/unknown_methods.h"

namespace normbench {

struct NamedService {
  std::string name;  // as health knows it, for example normbench.v1.Normalization
  grpc::Service* service = nullptr;
  bool needs_models = false;  // its health is also that of the models
};

struct GrpcServerOptions {
  std::string address = "127.0.0.1:8001";  // HOST:PORT; port 0 takes a free one
  std::vector<NamedService> services;      // outlive the server
  int64_t quota_bytes = int64_t{1} << 30;  // of messages in transfer, all connections together
  int64_t max_message_bytes = int64_t{1} << 28;  // of one request
  bool allow_compression = false;  // gzip and deflate: a small message can become a huge one
};

// Thread-safe, but for Shutdown.
class GrpcServer {
 public:
  // Listens, and is not serving yet. Returns FAILED_PRECONDITION with one sentence where the
  // address cannot be listened on; another server on the same port is noticed.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options);
  ~GrpcServer();  // Shutdown() at once
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  const std::string& address() const { return address_; }  // with the port in use

  // What grpc.health.v1 answers for a service and for "" (the server as a whole): at first that it
  // does not serve.
  void SetServing(const std::string& name, bool serving);

  // A connection to this server that stays within the process.
  std::shared_ptr<grpc::Channel> Connect();

  // Refuses new calls, waits until those that run have ended or `deadline` has passed, then cancels
  // what is left and waits for it. Not from a thread of gRPC's.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  GrpcServer() = default;

  std::string address_;
  UnknownMethods unknown_methods_;  // outlives server_
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace normbench
