// SPDX-License-Identifier: Apache-2.0
#include "bench/run/channel.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "inference/grpc_service.grpc.pb.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

// Ready from the third question on.
class SlowStart final : public inference::GRPCInferenceService::Service {
 public:
  grpc::Status ServerReady(grpc::ServerContext*, const inference::ServerReadyRequest*,
                           inference::ServerReadyResponse* response) override {
    response->set_ready(++asked >= ready_from);
    return grpc::Status::OK;
  }
  int ready_from = 3;
  std::atomic<int> asked = 0;
};

bool Never() {
  return false;
}

std::unique_ptr<grpc::Server> Start(grpc::Service* service, int* port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", *port), grpc::InsecureServerCredentials(),
                           port);
  builder.RegisterService(service);
  return builder.BuildAndStart();
}

TEST(ChannelTest, WaitsUntilTheServerIsReady) {
  SlowStart service;
  int port = 0;
  const auto server = Start(&service, &port);
  const auto channel =
      Connect({.address = absl::StrCat("127.0.0.1:", port), .timeout_seconds = 30}, Never);
  ASSERT_TRUE(channel.ok()) << channel.status();
  EXPECT_EQ(service.asked, 3);
}

TEST(ChannelTest, WaitsForAServerThatIsNotThereYet) {
  SlowStart service;
  service.ready_from = 1;
  int port = 0;
  Start(&service, &port)->Shutdown();  // a port that is free now
  std::atomic<int> polls = 0;
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel;
  std::thread client([&] {
    channel = Connect({.address = absl::StrCat("127.0.0.1:", port), .timeout_seconds = 30}, [&] {
      ++polls;
      return false;
    });
  });
  while (polls < 3) std::this_thread::yield();  // it has failed to connect
  const auto server = Start(&service, &port);
  client.join();
  EXPECT_TRUE(channel.ok()) << channel.status();
  EXPECT_EQ(service.asked, 1);
}

TEST(ChannelTest, AServerThatNeverGetsReadyIsNamed) {
  SlowStart service;
  service.ready_from = 1 << 30;
  int port = 0;
  const auto server = Start(&service, &port);
  const auto channel =
      Connect({.address = absl::StrCat("127.0.0.1:", port), .timeout_seconds = 0.3}, Never);
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(channel.status().ToString(), HasSubstr("says it is not ready"));
}

TEST(ChannelTest, SaysWhatWasTriedForHowLongAndWhatToDo) {
  const auto channel = Connect({.address = "127.0.0.1:1", .timeout_seconds = 0.3}, Never);
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(
      std::string(channel.status().message().data(), channel.status().message().size()),
      "no server at 127.0.0.1:1 after 0.3 s (nothing answers there); start normbench-server, or "
      "name another one with --server, or wait longer with --connect-timeout");
}

TEST(ChannelTest, StopsWhenAsked) {
  const auto channel =
      Connect({.address = "127.0.0.1:1", .timeout_seconds = 3600}, [] { return true; });
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kCancelled);
}

TEST(ChannelTest, RefusesWhatIsNoAddress) {
  for (const char* address :
       {"", "localhost", ":8001", "localhost:http", "localhost:0", "h:65536"}) {
    EXPECT_EQ(Connect({.address = address, .timeout_seconds = 3600}, Never).status().code(),
              absl::StatusCode::kInvalidArgument)
        << address;
  }
}

TEST(ChannelTest, KnowsLoopback) {
  EXPECT_TRUE(IsLoopback("ipv4:127.0.0.1:8001"));
  EXPECT_TRUE(IsLoopback("ipv6:[::1]:8001"));
  EXPECT_TRUE(IsLoopback("ipv6:%5B::1%5D:8001"));
  EXPECT_FALSE(IsLoopback("ipv4:10.0.0.7:8001"));
  EXPECT_FALSE(IsLoopback(""));
}

}  // namespace
}  // namespace normbench
