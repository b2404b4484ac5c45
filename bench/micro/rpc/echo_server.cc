// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/echo_server.h"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <limits>

#include "grpcpp/server_builder.h"
#include "normbench/v1/normalization.grpc.pb.h"

namespace normbench {
namespace {

class Echo final
    : public v1::Normalization::WithRawCallbackMethod_Normalize<v1::Normalization::Service> {
 public:
  grpc::ServerUnaryReactor* Normalize(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override {
    *response = *request;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int RunEchoServer(const std::string& ports_file) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Echo service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(std::numeric_limits<int>::max());
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 1;

  const std::string unfinished = ports_file + ".part";
  std::ofstream(unfinished) << "{\"grpc\": \"127.0.0.1:" << port << "\"}\n";
  if (std::rename(unfinished.c_str(), ports_file.c_str()) != 0) return 1;

  int received = 0;
  sigwait(&signals, &received);
  server->Shutdown();
  return 0;
}

}  // namespace normbench
