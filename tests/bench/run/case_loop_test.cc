// SPDX-License-Identifier: Apache-2.0
#include "bench/run/case_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "bench/report/case_key.h"
#include "bench/report/closed_probe.h"
#include "bench/report/percent.h"
#include "bench/run/channel.h"
#include "bench/run/message.h"
#include "normbench/v1/normalization.pb.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class CaseLoopTest : public ::testing::Test {
 protected:
  Case Of(const std::string& arrivals, const std::string& more = "") {
    Case c;
    c.key = "service/rms?shape=1x4&arrivals=" + PercentEncode(arrivals) + more;
    c.spec = *ParseCaseKey(c.key);
    c.warmup_seconds = 0;
    c.seconds = 0.1;
    return c;
  }

  absl::StatusOr<LoopRun> Run(const Case& c) {
    v1::NormalizeRequest request;
    request.mutable_spec()->set_norm("rms");
    request.add_shape(1);
    request.add_shape(4);
    request.set_dtype("f32");
    request.set_layout("nchw");
    const CaseLoop loop(
        session_, {.target = {.method = "/normbench.v1.Normalization/Normalize",
                              .requests = {WithTensor(request, v1::NormalizeRequest::kXFieldNumber,
                                                      std::as_bytes(std::span(x_)))},
                              .payload_field = v1::NormalizeResponse::kYFieldNumber}});
    return loop.Run(c);
  }

  const std::vector<float> x_ = {1, 2, 3, 4};
  FakeServer server_;
  Session session_ = server_.session();
};

TEST_F(CaseLoopTest, SharesAreOfAMaximumThatIsMeasuredOnce) {
  const Case c = Of("constant:50%");
  session_.maxima->emplace(ClosedProbe(c).key, 400);
  const auto run = Run(c);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->open->offered, 20);
  EXPECT_EQ(run->maximum_per_s, 400);
  EXPECT_FALSE(Run(Of("constant:200"))->maximum_per_s.has_value());
}

TEST_F(CaseLoopTest, TheMaximumIsThatOfAClosedLoop) {
  const Case c = Of("constant:1%");
  const auto run = Run(c);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_GT(*run->maximum_per_s, 10);
  EXPECT_EQ(session_.maxima->at(ClosedProbe(c).key), *run->maximum_per_s);
}

TEST_F(CaseLoopTest, AServerThatRefusesHasNoMaximum) {
  server_.normalization.refuse = std::numeric_limits<int>::max();
  const auto run = Run(Of("constant:1%"));
  EXPECT_EQ(run.status().code(), absl::StatusCode::kResourceExhausted) << run.status();
}

// Its requests have 30 s each: it is given up before the first of them is.
TEST_F(CaseLoopTest, ASilentServerIsLostWhenTheSessionsPatienceEnds) {
  server_.normalization.hang = true;
  session_.patience_seconds = 0.2;
  for (const char* key : {"service/rms?shape=1x4", "service/rms?shape=1x4&arrivals=constant:100"}) {
    Case c = Of("constant:100");
    c.key = key;
    c.spec = *ParseCaseKey(c.key);
    const auto run = Run(c);
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_THAT(std::string(run->lost().message()), HasSubstr("no answer for 0.2 s")) << key;
  }
}

TEST_F(CaseLoopTest, EndsAfterSoManyRequests) {
  Case c = Of("constant:500");
  c.seconds = 10;
  c.max_requests = 7;
  EXPECT_EQ(Run(c)->open->offered, 7);
  MutableLoad(&c.spec)->Clear();
  EXPECT_EQ(Run(c)->closed->recorder.count(), 7);
}

TEST_F(CaseLoopTest, ChannelsAreConnectionsOfTheirOwn) {
  ASSERT_TRUE(Run(Of("constant:300", "&channels=3")).ok());
  EXPECT_EQ(server_.normalization.received().size(), 3u);
}

TEST_F(CaseLoopTest, ADeadlineEndsRequests) {
  server_.normalization.hang = true;
  const auto run = Run(Of("constant:50", "&deadline=0.05"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->open->recorder.codes().at(4), 5) << "DEADLINE_EXCEEDED";
  EXPECT_EQ(run->last_error.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(run->lost().ok()) << "nothing succeeded";
}

TEST_F(CaseLoopTest, WithoutAServerThereAreNoMoreChannels) {
  session_.channels = [this](int count) {
    return MoreChannels(session_.channel, "127.0.0.1:1", count);
  };
  const auto run = Run(Of("constant:50", "&channels=2"));
  EXPECT_EQ(run.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(run.status().message()), HasSubstr("only 1 of 2 connections"));
}

}  // namespace
}  // namespace normbench
