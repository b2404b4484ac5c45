// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "bench/report/case_key.h"
#include "bench/report/summarize.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

Case GroupCase() {
  Case c;
  c.key = "norm/group?impl=auto&shape=8x4&g=2&dtype=f32&layout=nchw&dev=auto";
  c.spec = *ParseCaseKey(c.key);
  c.expect = {"err_scaled<=bound", "p50<1us"};
  return c;
}

// 100 samples: 2 us and 3 us in turn, then one of 9 us.
v1::MeasureResult Measured(const std::string& more) {
  v1::MeasureResult measured;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(norm_case { spec { norm: "group" groups: 2 } shape: [ 8, 4 ] impl: "torch" device: "cpu" }
         iterations_per_sample: 1 time_source: "steady_clock" first_call_seconds: 0.5
         warmup_calls: 7 algorithmic_bytes: 3000 distinct_outputs: 1
         accuracy { err_scaled: 2 bound: 4 } )" +
          more,
      &measured))
      << more;
  const double pattern[] = {2e-6, 3e-6, 3e-6, 2e-6, 3e-6, 2e-6, 3e-6, 2e-6, 3e-6, 3e-6};
  for (int i = 0; i < 100; ++i) measured.add_sample_seconds(pattern[i % 10]);
  return measured;
}

TEST(SummarizeKernel, KeepsTheKeyAndTheSpecThatRan) {
  const v1::CaseResult result = SummarizeKernel(GroupCase(), Measured(""));
  EXPECT_EQ(result.key(), GroupCase().key);
  EXPECT_EQ(result.kind(), "kernel");
  EXPECT_EQ(result.kernel().impl(), "torch");
  EXPECT_EQ(result.status(), "ok");
  EXPECT_EQ(result.rerun(), "normbench run '" + GroupCase().key + "'");
}

TEST(SummarizeKernel, DerivesRatesFromTheMedianAndTheMean) {
  const v1::CaseResult result =
      SummarizeKernel(GroupCase(), Measured("copy_seconds: [ 1e-6, 9e-6, 1.5e-6 ]"));
  EXPECT_DOUBLE_EQ(result.latency_ok().p50().value(), 3e-6);
  EXPECT_DOUBLE_EQ(result.kernel_numbers().effective_bandwidth(), 3000 / 3e-6);
  EXPECT_DOUBLE_EQ(result.kernel_numbers().copy_ratio(), 0.5);  // median 1.5 us
  EXPECT_NEAR(result.samples_per_s(), 8 / 2.6e-6, 8 / 2.6e-6 * 0.05);
  EXPECT_EQ(result.first_call_seconds(), 0.5);
  EXPECT_GE(result.warmup_discarded(), 7);
  EXPECT_EQ(result.latency_ok().loop(), "none");
  EXPECT_FALSE(result.has_requests_per_s());
}

// Copies are timed by the steady clock.
TEST(SummarizeKernel, ComparesWithCopiesOfTheSameClockOnly) {
  v1::MeasureResult measured = Measured("copy_seconds: 1e-6");
  measured.set_time_source("cuda_event");
  const v1::CaseResult result = SummarizeKernel(GroupCase(), measured);
  EXPECT_FALSE(result.kernel_numbers().has_copy_ratio());
  EXPECT_TRUE(result.kernel_numbers().has_effective_bandwidth());
}

TEST(SummarizeKernel, GivesNoTailOfMeans) {
  v1::MeasureResult measured = Measured("");
  for (int i = 0; i < 900; ++i) measured.add_sample_seconds(measured.sample_seconds(i % 100));
  EXPECT_TRUE(SummarizeKernel(GroupCase(), measured).latency_all().p99().has_value());
  measured.set_iterations_per_sample(16);
  const v1::CaseResult result = SummarizeKernel(GroupCase(), measured);
  EXPECT_FALSE(result.latency_all().has_p99());
  EXPECT_FALSE(result.latency_ok().has_p999());
  EXPECT_FALSE(result.latency_all().has_max());
  EXPECT_TRUE(result.latency_all().has_min());
  EXPECT_TRUE(result.latency_all().p90().has_value());
  EXPECT_EQ(result.requests(), result.latency_ok().n() * 16);
}

TEST(SummarizeKernel, JudgesExpectations) {
  const v1::CaseResult result = SummarizeKernel(GroupCase(), Measured(""));
  ASSERT_EQ(result.expectations_size(), 2);
  EXPECT_TRUE(result.expectations(0).holds());
  EXPECT_FALSE(result.expectations(1).holds());
}

TEST(SummarizeKernel, AGoodCaseHasNoWarnings) {
  const v1::CaseResult few = SummarizeKernel(GroupCase(), Measured(""));
  EXPECT_THAT(few.warnings(), IsEmpty());
  EXPECT_FALSE(few.has_steady()) << "100 samples are not tested";
}

TEST(SummarizeKernel, OnePreemptionDoesNotDecideWhatIsWarmUp) {
  v1::MeasureResult measured = Measured("");
  measured.clear_sample_seconds();
  for (int i = 0; i < 1000; ++i) {
    measured.add_sample_seconds(i < 50 ? 6e-6 : 2e-6 + 1e-7 * (i * i % 11));
  }
  measured.set_sample_seconds(700, 5e-3);
  const v1::CaseResult result = SummarizeKernel(GroupCase(), measured);
  EXPECT_TRUE(result.steady());
  EXPECT_THAT(result.warnings(), IsEmpty());
  EXPECT_GE(result.warmup_discarded(), 7 + 50);
  EXPECT_LE(result.warmup_discarded(), 7 + 60);
  EXPECT_EQ(result.latency_all().max(), 5e-3) << "what is kept is kept as it was";
}

TEST(SummarizeKernel, WarnsWhereTimesDrift) {
  v1::MeasureResult measured = Measured("");
  for (int i = 0; i < 900; ++i) measured.add_sample_seconds(3e-6 + 1e-8 * i);
  const v1::CaseResult result = SummarizeKernel(GroupCase(), measured);
  EXPECT_TRUE(result.has_steady());
  EXPECT_FALSE(result.steady());
  EXPECT_THAT(result.warnings(), Contains("NB101"));
}

TEST(SummarizeKernel, WarnsOfWhatMakesItDoubtful) {
  v1::MeasureResult bad = Measured("warnings: \"NB110\"");
  bad.mutable_accuracy()->set_err_scaled(4.5);
  bad.mutable_accuracy()->set_nonfinite_mismatches(1);
  bad.set_distinct_outputs(2);
  EXPECT_THAT(SummarizeKernel(GroupCase(), bad).warnings(),
              UnorderedElementsAre("NB110", "NB120", "NB121", "NB122"));
  v1::MeasureResult few = Measured("");
  few.mutable_sample_seconds()->Truncate(4);
  const v1::CaseResult result = SummarizeKernel(GroupCase(), few);
  EXPECT_THAT(result.warnings(), Not(Contains("NB101"))) << "not tested";
  EXPECT_THAT(result.warnings(), Contains("NB102"));
  EXPECT_FALSE(result.latency_all().p50().has_value());
  EXPECT_FALSE(result.kernel_numbers().has_effective_bandwidth());
  EXPECT_THAT(result.warnings(), Not(Contains("NB120")));
}

TEST(SummarizeKernel, OfNoSamples) {
  v1::MeasureResult none = Measured("");
  none.clear_sample_seconds();
  const v1::CaseResult result = SummarizeKernel(GroupCase(), none);
  EXPECT_EQ(result.latency_all().n(), 0);
  EXPECT_FALSE(result.has_samples_per_s());
}

}  // namespace
}  // namespace normbench
