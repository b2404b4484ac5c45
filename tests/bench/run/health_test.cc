// SPDX-License-Identifier: Apache-2.0
#include "bench/run/health.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "inference/grpc_service.grpc.pb.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class HealthTest : public ::testing::Test {
 protected:
  std::shared_ptr<grpc::Channel> Start(bool with_health) {
    grpc::EnableDefaultHealthCheckService(with_health);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    return grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                               grpc::InsecureChannelCredentials());
  }

  absl::Status Await(const std::shared_ptr<grpc::Channel>& channel, double seconds = 30) {
    return AwaitServing(
        channel, seconds, [this] { return stop_.load(); }, [this] { return process_(); });
  }

  inference::GRPCInferenceService::Service service_;
  std::unique_ptr<grpc::Server> server_;
  std::atomic<bool> stop_ = false;
  std::function<absl::Status()> process_ = [] { return absl::OkStatus(); };
};

TEST_F(HealthTest, ReturnsWhenTheServerSaysThatItServes) {
  const auto channel = Start(true);
  server_->GetHealthCheckService()->SetServingStatus(false);
  // Says that it serves when it has been asked about three times, each a poll apart.
  int asked = 0;
  process_ = [&] {
    if (++asked == 3) server_->GetHealthCheckService()->SetServingStatus(true);
    return absl::OkStatus();
  };
  EXPECT_TRUE(Await(channel).ok());
  EXPECT_GE(asked, 3);
}

TEST_F(HealthTest, EndsWithTheProcess) {
  const auto channel = Start(true);
  server_->GetHealthCheckService()->SetServingStatus(false);
  int asked = 0;
  process_ = [&] { return ++asked > 2 ? absl::UnavailableError("exit 3") : absl::OkStatus(); };
  EXPECT_EQ(Await(channel).message(), "exit 3");
}

TEST_F(HealthTest, StopsAndTimesOut) {
  const auto channel = Start(true);
  server_->GetHealthCheckService()->SetServingStatus(false);
  EXPECT_THAT(std::string(Await(channel, 0.2).message()), HasSubstr("within 0.2 s"));
  stop_ = true;
  EXPECT_TRUE(absl::IsCancelled(Await(channel)));
  stop_ = false;
  const auto nobody = grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  EXPECT_TRUE(absl::IsUnavailable(Await(nobody, 0.3)));
}

TEST_F(HealthTest, SaysWhereThereIsNoHealth) {
  EXPECT_TRUE(absl::IsUnimplemented(Await(Start(false))));
}

}  // namespace
}  // namespace normbench
