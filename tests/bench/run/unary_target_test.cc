// SPDX-License-Identifier: Apache-2.0
#include "bench/run/unary_target.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bench/run/floor.h"
#include "bench/run/message.h"
#include "inference/grpc_service.grpc.pb.h"
#include "normbench/v1/normalization.grpc.pb.h"

namespace normbench {
namespace {

// y = x; "fail" answers RESOURCE_EXHAUSTED, "empty" without y, "hang" not before the call is
// cancelled.
class Echo final : public v1::Normalization::CallbackService {
 public:
  grpc::ServerUnaryReactor* Normalize(grpc::CallbackServerContext* context,
                                      const v1::NormalizeRequest* request,
                                      v1::NormalizeResponse* response) override {
    class Reactor final : public grpc::ServerUnaryReactor {
     public:
      Reactor(std::atomic<int>* cancelled, bool hang) : cancelled_(cancelled), hang_(hang) {}
      void OnCancel() override {
        cancelled_->fetch_add(1);
        if (hang_) Finish(grpc::Status::CANCELLED);
      }
      void OnDone() override { delete this; }

     private:
      std::atomic<int>* cancelled_;
      bool hang_;
    };
    (void)context;
    const bool hang = request->x() == "hang";
    auto* reactor = new Reactor(&cancelled, hang);
    response->set_compute_seconds(++calls * 0.001);  // differs from call to call
    if (request->x() == "fail") {
      reactor->Finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "slots: 64 of 64 in use"});
    } else if (!hang) {
      if (request->x() != "empty") response->set_y(request->x());
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }

  std::atomic<int> calls = 0;
  std::atomic<int> cancelled = 0;
};

class Live final : public inference::GRPCInferenceService::CallbackService {
 public:
  grpc::ServerUnaryReactor* ServerLive(grpc::CallbackServerContext* context,
                                       const inference::ServerLiveRequest*,
                                       inference::ServerLiveResponse* response) override {
    ++calls;
    std::this_thread::sleep_for(pause.load());
    response->set_live(true);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  std::atomic<int> calls = 0;
  std::atomic<std::chrono::milliseconds> pause{};
};

class UnaryTargetTest : public ::testing::Test {
 protected:
  UnaryTargetTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&echo_);
    builder.RegisterService(&live_);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                         grpc::InsecureChannelCredentials(), arguments);
  }

  // One request for each of `inputs`.
  std::unique_ptr<UnaryTarget> Make(int slots, double timeout_seconds = 30) {
    UnaryTargetOptions options{.method = "/normbench.v1.Normalization/Normalize",
                               .requests = {},
                               .payload_field = v1::NormalizeResponse::kYFieldNumber,
                               .slots = slots,
                               .timeout_seconds = timeout_seconds};
    for (const std::string& x : inputs_) {
      options.requests.push_back(
          WithTensor(v1::NormalizeRequest(), v1::NormalizeRequest::kXFieldNumber,
                     {reinterpret_cast<const std::byte*>(x.data()), x.size()}));
    }
    return std::make_unique<UnaryTarget>(channel_, std::move(options));
  }

  static Clock::time_point Soon() { return Clock::now() + std::chrono::seconds(30); }

  static std::string Text(const Completion& completion) {
    return {reinterpret_cast<const char*>(completion.payload.data()), completion.payload.size()};
  }

  std::vector<std::string> inputs_ = {"one",  "two",   std::string(300000, 'x'),
                                      "fail", "empty", "hang"};
  Echo echo_;
  Live live_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(UnaryTargetTest, GivesTheTensorOfEachInputAndReusesSlots) {
  auto target = Make(1);
  for (int round = 0; round < 3; ++round) {
    for (int input = 0; input < 3; ++input) {
      target->Send(0, input);
      const auto done = target->Wait(Soon());
      ASSERT_TRUE(done.has_value());
      EXPECT_EQ(done->code, 0);
      EXPECT_EQ(Text(*done), inputs_[input]);
    }
  }
  EXPECT_EQ(echo_.calls, 9);
}

TEST_F(UnaryTargetTest, KeepsSlotsApart) {
  auto target = Make(2);
  target->Send(0, 0);
  target->Send(1, 1);
  std::set<std::pair<int, std::string>> seen;
  for (int i = 0; i < 2; ++i) {
    const auto done = target->Wait(Soon());
    ASSERT_TRUE(done.has_value());
    seen.emplace(done->slot, Text(*done));
  }
  EXPECT_EQ(seen, (std::set<std::pair<int, std::string>>{{0, "one"}, {1, "two"}}));
}

TEST_F(UnaryTargetTest, ReportsTheCodeAndWordsOfAFailure) {
  auto target = Make(1);
  target->Send(0, 3);
  const auto failed = target->Wait(Soon());
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->code, 8);
  EXPECT_EQ(target->last_error().message(), "slots: 64 of 64 in use");
  EXPECT_TRUE(target->failing());
  target->Send(0, 4);
  const auto empty = target->Wait(Soon());
  ASSERT_TRUE(empty.has_value());
  EXPECT_EQ(empty->code, 13);
  EXPECT_EQ(target->last_error().message(), "the answer has no tensor bytes (field 7)");
  target->Send(0, 0);
  const auto fine = target->Wait(Soon());
  ASSERT_TRUE(fine.has_value());
  EXPECT_EQ(fine->code, 0);
  EXPECT_FALSE(target->failing());
}

TEST_F(UnaryTargetTest, WaitsNoLongerThanAsked) {
  auto target = Make(1);
  EXPECT_FALSE(target->Wait(Clock::now()).has_value());
  target->Send(0, 5);
  EXPECT_FALSE(target->Wait(Clock::now() + std::chrono::milliseconds(20)).has_value());
}

TEST_F(UnaryTargetTest, EndsARequestAtItsDeadline) {
  auto target = Make(1, /*timeout_seconds=*/0.05);
  target->Send(0, 5);
  const auto done = target->Wait(Soon());
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->code, 4);
}

TEST_F(UnaryTargetTest, CancelsWhatIsUnderWayWhenItGoes) {
  {
    auto target = Make(2);
    target->Send(0, 5);
    target->Send(1, 0);
    ASSERT_TRUE(target->Wait(Soon()).has_value());
  }
  server_->Shutdown();  // waits for every call, so the cancellation has arrived
  EXPECT_GE(echo_.cancelled, 1);
}

TEST_F(UnaryTargetTest, AServerThatIsGoneIsUnavailable) {
  auto target = Make(1);
  server_->Shutdown();
  target->Send(0, 0);
  const auto done = target->Wait(Soon());
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->code, 14);
}

TEST_F(UnaryTargetTest, FloorIsTwoHundredCallsAfterWarmUp) {
  const auto floor = MeasureFloor(channel_, [] { return false; });
  ASSERT_TRUE(floor.ok()) << floor.status();
  EXPECT_EQ(floor->seconds.size(), 200u);
  EXPECT_LE(live_.calls, 250);
  EXPECT_GT(live_.calls, 200) << "a warm-up, which ends after a quarter of the time at the latest";
  for (const double seconds : floor->seconds) EXPECT_GT(seconds, 0);
}

TEST_F(UnaryTargetTest, FloorOfALostServerIsAnError) {
  server_->Shutdown();
  EXPECT_EQ(MeasureFloor(channel_, [] { return false; }).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(UnaryTargetTest, FloorIsGivenUpWhenAsked) {
  int polls = 0;
  const auto floor = MeasureFloor(channel_, [&] { return ++polls == 10; });
  EXPECT_EQ(floor.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(live_.calls, 20);
}

TEST_F(UnaryTargetTest, FloorOfASlowConnectionTakesASecond) {
  live_.pause = std::chrono::milliseconds(30);
  const auto floor = MeasureFloor(channel_, [] { return false; });
  ASSERT_TRUE(floor.ok()) << floor.status();
  EXPECT_GE(floor->seconds.size(), 1u);
  EXPECT_LT(live_.calls, 40);
}

// The answer arrives in many slices; gathering them is this end's work and takes no less than a
// quarter of a copy from memory that is already warm.
TEST_F(UnaryTargetTest, TheAnswersTimeIsBeforeItIsRead) {
  auto target = Make(1);
  target->Send(0, 2);
  const auto before = Clock::now();
  const auto done = target->Wait(Soon());
  const auto read = Clock::now();
  ASSERT_TRUE(done.has_value());
  EXPECT_GT(done->time, before);
  std::vector<std::byte> copy(done->payload.size());
  Clock::duration fastest = Clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    const auto start = Clock::now();
    std::copy(done->payload.begin(), done->payload.end(), copy.begin());
    fastest = std::min(fastest, Clock::now() - start);
  }
  EXPECT_GE(read - done->time, fastest / 4) << done->payload.size() << " bytes";
}

}  // namespace
}  // namespace normbench
