// SPDX-License-Identifier: Apache-2.0
#include "server/grpc_server.h"

#include <grpc/impl/codegen/compression_types.h>
#include <grpc/impl/codegen/grpc_types.h>
#include <grpc/support/log.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace normbench {
namespace {

constexpr int kMaxStreams = 1024;            // calls at once of one connection
constexpr int kMaxMetadataBytes = 16 << 10;  // headers of one call
constexpr int kMaxSyncThreads = 16;          // reflection is gRPC's own synchronous service

void SetLimits(const GrpcServerOptions& options, grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("normbench");
  quota.Resize(static_cast<size_t>(options.quota_bytes)).SetMaxThreads(kMaxSyncThreads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(static_cast<int>(
      std::min<int64_t>(options.max_message_bytes, std::numeric_limits<int>::max())));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  if (!options.allow_compression) {
    // A decompressed message is not counted by the quota while it grows.
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<GrpcServer> server(new GrpcServer());
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  // Two servers would share one port silently, each with half of the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  int port = 0;
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &port);
  for (const NamedService& service : options.services) {
    builder.RegisterService(service.service);
  }
  builder.RegisterCallbackGenericService(&server->unknown_methods_);
  // gRPC's log of a port that cannot be had is a page of C++ source; the caller says it in a
  // sentence.
  gpr_set_log_function([](gpr_log_func_args*) {});
  server->server_ = builder.BuildAndStart();
  gpr_set_log_function(nullptr);
  if (server->server_ == nullptr || port == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("grpc: cannot listen on ", options.address,
                     ": the port is in use, or the host is not one of this machine's addresses"));
  }
  server->address_ = absl::StrCat(options.address.substr(0, options.address.rfind(':')), ":", port);
  server->SetServing("", false);
  for (const NamedService& service : options.services) server->SetServing(service.name, false);
  return server;
}

// gRPC's own destructor waits for every call, and one that watches health ends only when its client
// lets go.
GrpcServer::~GrpcServer() {
  if (server_ != nullptr) Shutdown(std::chrono::system_clock::now());
}

void GrpcServer::SetServing(const std::string& name, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

std::shared_ptr<grpc::Channel> GrpcServer::Connect() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

void GrpcServer::Shutdown(std::chrono::system_clock::time_point deadline) {
  server_->Shutdown(deadline);
}

}  // namespace normbench
