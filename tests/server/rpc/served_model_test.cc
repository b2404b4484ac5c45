// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/served_model.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using Code = grpc::StatusCode;

TEST(ServedModel, CountsInStatisticsAndForDashboards) {
  ServerMetrics metrics{ServerMetrics::Options()};
  const ServedModel model{.metrics = &metrics.model("m", 1), .cost_kind = ""};
  InferTimes times;
  times.batch = 4;
  times.queue = 1e-3;
  model.Count(Code::OK, times, 0.5);
  times.leads = false;
  times.batch = 2;
  model.Count(Code::OK, times, 0);
  model.Count(Code::INTERNAL, {}, 0.25);
  inference::ModelStatistics statistics;
  model.statistics->Describe(statistics);
  EXPECT_EQ(statistics.inference_count(), 6u);
  EXPECT_EQ(statistics.execution_count(), 0u) << "that is for who runs the model to count";
  EXPECT_EQ(statistics.inference_stats().fail().ns(), 250'000'000u);
  const std::string scrape = prometheus::TextSerializer().Serialize(metrics.registry().Collect());
  for (const char* line : {"nv_inference_count{model=\"m\",version=\"1\"} 6\n",
                           "nv_inference_queue_duration_us{model=\"m\",version=\"1\"} 2000\n",
                           "nv_inference_request_duration_us{model=\"m\",version=\"1\"} 500000\n",
                           "reason=\"BACKEND\",version=\"1\"} 1\n"}) {
    EXPECT_THAT(scrape, HasSubstr(line));
  }
}

TEST(ServedModels, AVersionHasOneFromTheFirstTimeOn) {
  ServerMetrics metrics{ServerMetrics::Options()};
  ServedModels models(metrics, {});
  const ServedModel& one = models.Of("m", 1);
  EXPECT_EQ(one.cost_kind, "model/m/1");
  EXPECT_EQ(&models.Of("m", 1), &one);
  EXPECT_NE(&models.Of("m", 2), &one);
  EXPECT_NE(&models.Of("n", 1), &one);
  EXPECT_THAT(prometheus::TextSerializer().Serialize(metrics.registry().Collect()),
              HasSubstr("nv_inference_count{model=\"m\",version=\"2\"} 0\n"));
}

TEST(FailureOf, SaysWhoseFaultItWas) {
  EXPECT_EQ(FailureOf(Code::UNAVAILABLE), V2Failure::kRejected);
  EXPECT_EQ(FailureOf(Code::RESOURCE_EXHAUSTED), V2Failure::kRejected);
  EXPECT_EQ(FailureOf(Code::CANCELLED), V2Failure::kCanceled);
  EXPECT_EQ(FailureOf(Code::DEADLINE_EXCEEDED), V2Failure::kCanceled);
  EXPECT_EQ(FailureOf(Code::INTERNAL), V2Failure::kBackend);
  EXPECT_EQ(FailureOf(Code::INVALID_ARGUMENT), V2Failure::kOther);
  EXPECT_EQ(FailureOf(Code::NOT_FOUND), V2Failure::kOther);
}

}  // namespace
}  // namespace normbench
