// SPDX-License-Identifier: Apache-2.0
#include "bench/report/expect.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

v1::CaseResult Result(const std::string& text) {
  v1::CaseResult result;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &result)) << text;
  return result;
}

std::string ErrorOf(const std::string& text) {
  const auto expect = ParseExpect(text);
  return expect.ok() ? "parsed" : std::string(expect.status().message());
}

TEST(ParseExpect, ReadsMetricOperatorValueUnit) {
  const auto p99 = ParseExpect("p99<20ms");
  ASSERT_TRUE(p99.ok());
  EXPECT_EQ(p99->metric, "p99");
  EXPECT_EQ(p99->op, "<");
  EXPECT_DOUBLE_EQ(p99->value, 0.02);
  EXPECT_DOUBLE_EQ(ParseExpect("p50<=2ns")->value, 2e-9);
  EXPECT_DOUBLE_EQ(ParseExpect("mean > 1.5 us")->value, 1.5e-6);
  EXPECT_DOUBLE_EQ(ParseExpect("max<1e-1s")->value, 0.1);
  EXPECT_EQ(ParseExpect("errors==0")->op, "==");
  EXPECT_EQ(ParseExpect("outputs!=2")->op, "!=");
  EXPECT_TRUE(ParseExpect("err_scaled<=bound")->bound);
  EXPECT_FALSE(ParseExpect("err_scaled<=4")->bound);
}

TEST(ParseExpect, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf("p99"), HasSubstr("'p99': no operator"));
  EXPECT_THAT(ErrorOf("p99=20ms"), HasSubstr("no operator"));
  EXPECT_THAT(ErrorOf("top_1>=0.5"), HasSubstr("nearest: top1"));
  EXPECT_THAT(ErrorOf("p99<20"), HasSubstr("unit '' of p99; allowed: ns, us, ms, s"));
  EXPECT_THAT(ErrorOf("p99<20min"), HasSubstr("unit 'min'"));
  EXPECT_THAT(ErrorOf("top1>=75%"), HasSubstr("top1 has no unit"));
  EXPECT_THAT(ErrorOf("errors=="), HasSubstr("is no number"));
  EXPECT_THAT(ErrorOf("errors==bound"), HasSubstr("'bound' is no number"));
  EXPECT_THAT(ErrorOf("err_scaled<=bund"), HasSubstr("not the word bound"));
  EXPECT_THAT(ErrorOf("p99<1ms<2ms"), HasSubstr("is no number"));
  EXPECT_THAT(ErrorOf("top1>=75"), HasSubstr("top1: 75; allowed: 0 .. 1"));
  EXPECT_THAT(ErrorOf("top1>=-0.1"), HasSubstr("allowed: 0 .. 1"));
  EXPECT_THAT(ErrorOf("p99<1e999s"), HasSubstr("p99: 1e999s; allowed: finite numbers"));
  EXPECT_EQ(ErrorOf("top1<=1"), "parsed");
  EXPECT_THAT(ErrorOf(""), HasSubstr("no operator"));
}

TEST(CheckApplies, KnowsWhatEachKindHas) {
  const auto applies = [](const char* text, CaseKind kind) {
    return CheckApplies(*ParseExpect(text), kind).ok();
  };
  EXPECT_TRUE(applies("p50<1s", CaseKind::kKernel));
  EXPECT_TRUE(applies("err_scaled<=bound", CaseKind::kService));
  EXPECT_TRUE(applies("top1>=0", CaseKind::kModel));
  EXPECT_FALSE(applies("err_scaled<=bound", CaseKind::kModel));
  EXPECT_FALSE(applies("errors==0", CaseKind::kKernel));
  EXPECT_FALSE(applies("flips<=2", CaseKind::kService));
  EXPECT_TRUE(applies("equal==1", CaseKind::kInvariance));
  EXPECT_TRUE(applies("equal==1", CaseKind::kModel));
  EXPECT_FALSE(applies("equal==1", CaseKind::kKernel));
  EXPECT_FALSE(applies("p50<1s", CaseKind::kInvariance));
}

TEST(Judge, ComparesLatenciesOfAllRequests) {
  const v1::CaseResult result = Result(
      "latency_all { n: 500 p99 { value: 0.0199 low: 0.01 } } latency_ok { p99 { value: 0.001 } }");
  EXPECT_TRUE(Judge("p99<20ms", result).holds());
  EXPECT_FALSE(Judge("p99<19.9ms", result).holds());
  EXPECT_TRUE(Judge("p99<=19.9ms", result).holds());
  EXPECT_EQ(Judge("p99<2ms", result).observed(), "19.9 ms");
  EXPECT_FALSE(Judge("p99<2ms", result).accuracy());
}

TEST(Judge, BitsAreEqualOnlyIfAllAre) {
  const v1::CaseResult some = Result(
      "invariance_numbers { all { comparisons: 10000 equal: 9999 max_abs: 2e-6 first_failing_n: 33 "
      "} }");
  EXPECT_FALSE(Judge("equal==1", some).holds());
  EXPECT_EQ(Judge("equal==1", some).observed(), "just below 1");
  EXPECT_TRUE(Judge("equal==1", some).accuracy());
  EXPECT_TRUE(Judge("max_diff<=2e-6", some).holds());
  EXPECT_EQ(Judge("first_failing_n>33", some).observed(), "33");
  const v1::CaseResult all = Result("invariance_numbers { all { comparisons: 9 equal: 9 } }");
  EXPECT_TRUE(Judge("equal==1", all).holds());
  EXPECT_TRUE(Judge("max_diff==0", all).holds());
  EXPECT_TRUE(Judge("first_failing_n>65536", all).holds()) << "none failed";
  EXPECT_EQ(Judge("equal==1", Result("status: 'failed' error: 'no'")).observed(),
            "not measured: no");
}

TEST(Judge, AnswersInBatchesAreEqualOnlyIfAllWereComparedAndAre) {
  const auto of = [](const std::string& formed) {
    return Result(
        "model { model: 'm' } batching { formed { formed_batch: 1 answers: 3 compared: 3 "
        "equal: 3 max_abs_difference: 0 } formed { formed_batch: 4 answers: 5 " +
        formed + " } }");
  };
  const v1::CaseResult all = of("compared: 5 equal: 5 max_abs_difference: 0");
  EXPECT_TRUE(Judge("equal==1", all).holds());
  EXPECT_TRUE(Judge("max_diff==0", all).holds());
  const v1::CaseResult some = of("compared: 5 equal: 1 max_abs_difference: 0.5");
  EXPECT_EQ(Judge("equal==1", some).observed(), "0.500") << "4 of 8, whatever the batch";
  EXPECT_FALSE(Judge("max_diff<0.5", some).holds());
  const v1::CaseResult partly = of("compared: 4 equal: 4 max_abs_difference: 0");
  EXPECT_FALSE(Judge("equal==1", partly).holds());
  EXPECT_EQ(Judge("equal==1", partly).observed(), "7 of 8 answers compared");
  EXPECT_EQ(Judge("equal==1", Result("model { model: 'm' }")).observed(), "not measured");
}

TEST(Judge, InfiniteLatencyMissesUpperLimits) {
  const v1::CaseResult result = Result("latency_all { n: 500 p99 { is_infinite: true } }");
  EXPECT_FALSE(Judge("p99<20ms", result).holds());
  EXPECT_EQ(Judge("p99<20ms", result).observed(), "inf");
}

TEST(Judge, WhatCannotBeSaidDoesNotHoldAndSaysWhy) {
  const v1::CaseResult few = Result("latency_all { n: 100 p99 { n_eff: 80 } }");
  EXPECT_FALSE(Judge("p99<20ms", few).holds());
  EXPECT_EQ(Judge("p99<20ms", few).observed(), "too few samples (n 100, effective 80)");
  const v1::CaseResult failed = Result("status: 'failed' error: 'no such model'");
  for (const char* text : {"p50>0s", "top1>=0", "errors==0", "flips<=9", "requests_per_s>=0"}) {
    EXPECT_FALSE(Judge(text, failed).holds()) << text;
    EXPECT_EQ(Judge(text, failed).observed(), "not measured: no such model") << text;
  }
  EXPECT_EQ(Judge("top1>=0", Result("status: 'ok'")).observed(), "not measured");
}

TEST(Judge, ATailOfMeansIsNotAFewSamples) {
  const v1::CaseResult means = Result(
      "kernel_numbers { iterations_per_sample: 16 } latency_all { n: 500 p90 { n_eff: 20 } }");
  EXPECT_EQ(Judge("p99<20ms", means).observed(), "a sample is the mean of 16 calls");
  EXPECT_EQ(Judge("max<20ms", means).observed(), "a sample is the mean of 16 calls");
  EXPECT_EQ(Judge("p90<20ms", means).observed(), "too few samples (n 500, effective 20)");
}

TEST(Judge, AQuantileWithoutAnIntervalDoesNotHold) {
  const v1::CaseResult stall = Result("latency_all { n: 2000 p99 { value: 0.01 n_eff: 40 } }");
  EXPECT_FALSE(Judge("p99<20ms", stall).holds());
  EXPECT_EQ(Judge("p99<20ms", stall).observed(), "too few samples (n 2000, effective 40)");
}

TEST(Judge, APartOfTheImagesSaysNothing) {
  const v1::CaseResult part = Result(
      "latency_all { n: 900 } error: 'the latest failed request said: no'"
      "model_accuracy { images: 7000 planned_images: 10000 }");
  for (const char* text : {"top1>=0", "flips<=9", "flips_beyond_tolerance==0"}) {
    EXPECT_FALSE(Judge(text, part).holds()) << text;
    EXPECT_EQ(Judge(text, part).observed(), "7000 of 10000 images answered") << text;
  }
}

TEST(Judge, OpenLoopsHaveMetricsOfTheirOwn) {
  const v1::CaseResult open = Result(R"(
      goodput_per_s: 180.5 open_loop { dropped: 3 send_lag { p99 { value: 4e-5 low: 3e-5 } } })");
  EXPECT_TRUE(Judge("goodput_per_s>=180", open).holds());
  EXPECT_EQ(Judge("dropped==0", open).observed(), "3");
  EXPECT_TRUE(Judge("lag_p99<50us", open).holds());
  EXPECT_FALSE(Judge("lag_p99<50us", open).accuracy());
  const v1::CaseResult closed = Result("requests: 10");
  EXPECT_EQ(Judge("goodput_per_s>=1", closed).observed(), "no deadline_seconds");
  EXPECT_EQ(Judge("dropped==0", closed).observed(), "a closed loop");
  EXPECT_EQ(Judge("lag_p99<1s", closed).observed(), "a closed loop");
  EXPECT_EQ(Judge("lag_p99<1s", Result("open_loop { }")).observed(), "too few samples");
}

TEST(Judge, AccuracyMetricsAreMarked) {
  const v1::CaseResult result = Result(R"(
      requests: 10 errors: 1
      norm_accuracy { err_scaled: 3.5 bound: 4 rel_l2: 1e-7 nonfinite_mismatches: 0
                      misrounded: 0.02 }
      model_accuracy { top1: 0.797 flips: 3 flips_beyond_tolerance: 1 }
      distinct_outputs: 2)");
  EXPECT_TRUE(Judge("err_scaled<=bound", result).holds());
  EXPECT_TRUE(Judge("err_scaled<=bound", result).accuracy());
  EXPECT_FALSE(Judge("err_scaled<3.5", result).holds());
  EXPECT_TRUE(Judge("rel_l2<1e-6", result).holds());
  EXPECT_TRUE(Judge("misrounded<=0.02", result).holds());
  EXPECT_TRUE(Judge("misrounded<=0.02", result).accuracy());
  EXPECT_EQ(Judge("misrounded<1", Result("norm_accuracy { }")).observed(), "not of a 16-bit dtype");
  EXPECT_TRUE(Judge("nonfinite==0", result).holds());
  EXPECT_TRUE(Judge("top1>=0.75", result).holds());
  EXPECT_EQ(Judge("top1>=0.8", result).observed(), "0.797");
  EXPECT_TRUE(Judge("top1>=0.8", result).accuracy());
  EXPECT_FALSE(Judge("flips<=2", result).holds());
  EXPECT_FALSE(Judge("flips_beyond_tolerance==0", result).holds());
  EXPECT_FALSE(Judge("outputs==1", result).holds());
  EXPECT_FALSE(Judge("errors==0", result).holds());
  EXPECT_FALSE(Judge("errors==0", result).accuracy());
}

TEST(JudgeAll, KeepsTheOrder) {
  v1::CaseResult result = Result("requests: 1");
  JudgeAll({"errors==0", "errors>0"}, &result);
  ASSERT_EQ(result.expectations_size(), 2);
  EXPECT_EQ(result.expectations(0).text(), "errors==0");
  EXPECT_TRUE(result.expectations(0).holds());
  EXPECT_FALSE(result.expectations(1).holds());
}

}  // namespace
}  // namespace normbench
