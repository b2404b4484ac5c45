// SPDX-License-Identifier: Apache-2.0
#include "bench/run/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;

class MeasureTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::MeasureResult> Call(double stall_seconds = 60) {
    v1::MeasureRequest request;
    request.mutable_norm_case()->set_impl(impl_);
    return Measure(
        server_.session().channel, request,
        {.stop = [this] { return server_.stop.load(); },
         .on_event =
             [this](const v1::MeasureResponse& event) {
               events_.push_back(event.has_queued() ? "queued" : event.progress().phase());
             },
         .stall_seconds = stall_seconds});
  }
  FakeServer server_;
  std::string impl_ = "torch";
  std::vector<std::string> events_;
};

TEST_F(MeasureTest, GivesTheResultAndShowsTheWay) {
  const auto result = Call();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sample_seconds_size(), 1000);
  EXPECT_EQ(result->norm_case().impl(), "torch");
  EXPECT_THAT(events_, ElementsAre("queued", "measure"));
}

TEST_F(MeasureTest, PassesOnWhatTheServerSays) {
  impl_ = "nobody";
  const auto result = Call();
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(result.status().message(), "impl: unknown 'nobody'; allowed: torch, reference");
}

TEST_F(MeasureTest, CancelsWhenToldToStop) {
  server_.benchmark.hang = true;
  server_.benchmark.on_call = [this] { server_.stop = true; };
  EXPECT_EQ(Call().status().code(), absl::StatusCode::kCancelled);
  server_.Stop();
  EXPECT_EQ(server_.benchmark.cancelled, 1);
}

TEST_F(MeasureTest, GivesUpOnSilence) {
  server_.benchmark.hang = true;
  EXPECT_EQ(Call(/*stall_seconds=*/0.05).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(MeasureTest, AnEndWithoutResultIsAnError) {
  server_.benchmark.silent = true;
  EXPECT_EQ(Call().status().code(), absl::StatusCode::kInternal);
}

TEST_F(MeasureTest, AnEventOfANewerServerIsNoResult) {
  server_.benchmark.newer = true;
  EXPECT_EQ(Call().status().code(), absl::StatusCode::kInternal);
}

TEST_F(MeasureTest, AServerThatIsGoneIsUnavailable) {
  server_.Stop();
  EXPECT_EQ(Call().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace normbench
