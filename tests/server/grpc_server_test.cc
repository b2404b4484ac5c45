// SPDX-License-Identifier: Apache-2.0
#include "server/grpc_server.h"

#include <chrono>
#include <future>
#include <string>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

GrpcServerOptions At(const std::string& address) {
  GrpcServerOptions options;
  options.address = address;
  return options;
}

// A health watch of the server as a whole: an empty request, answers until somebody ends it.
struct Watch : grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  void Begin() {
    StartWriteLast(&request, {});
    StartRead(&answer);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (ok && !told.HasBeenNotified()) told.Notify();
  }
  void OnDone(const grpc::Status&) override { done.Notify(); }

  grpc::ClientContext context;
  grpc::Slice nothing;
  grpc::ByteBuffer request{&nothing, 1};
  grpc::ByteBuffer answer;
  absl::Notification told, done;
};

TEST(GrpcServer, TellsThePortItTook) {
  const auto server = GrpcServer::Start(At("127.0.0.1:0"));
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT((*server)->address(), MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
}

TEST(GrpcServer, NoticesAnotherServerOnItsPort) {
  const auto first = GrpcServer::Start(At("127.0.0.1:0"));
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = GrpcServer::Start(At((*first)->address()));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("grpc: cannot listen on " + (*first)->address() + ": the port is in use"));
}

TEST(GrpcServer, FreesItsPort) {
  std::string address;
  {
    const auto server = GrpcServer::Start(At("127.0.0.1:0"));
    ASSERT_TRUE(server.ok());
    address = (*server)->address();
    (*server)->SetServing("", true);
    (*server)->Shutdown(std::chrono::system_clock::now());
  }
  EXPECT_TRUE(GrpcServer::Start(At(address)).ok());
}

TEST(GrpcServer, ItsEndDoesNotWaitForAClientThatWatchesHealth) {
  auto server = GrpcServer::Start(At("127.0.0.1:0"));
  ASSERT_TRUE(server.ok()) << server.status();
  grpc::GenericStub stub(
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()));
  Watch watch;
  stub.PrepareBidiStreamingCall(&watch.context, "/grpc.health.v1.Health/Watch", {}, &watch);
  watch.Begin();
  watch.told.WaitForNotification();
  std::future<void> end = std::async(std::launch::async, [&] { server->reset(); });
  EXPECT_EQ(end.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  watch.context.TryCancel();
  watch.done.WaitForNotification();
}

TEST(GrpcServer, AddressesThatAreNone) {
  for (const char* address : {"no.such.host.invalid:1", "192.0.2.1:9"}) {
    EXPECT_FALSE(GrpcServer::Start(At(address)).ok()) << address;
  }
}

}  // namespace
}  // namespace normbench
