// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/result_json.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/bench/micro/kernels/results.h"

namespace normbench {
namespace {

using nlohmann::json;

TEST(ResultJson, HasWhatWasAskedForAndWhatWasFound) {
  BenchOptions options;
  options.target = 1.2;
  Surroundings surroundings;
  surroundings.torch = "2.15.0 AVX2";
  const json all = json::parse(
      ResultJson(options, surroundings, ResultsOf({RowOf("torch", 4, 1), RowOf("native", 5, 2)})));
  EXPECT_EQ(all["schema_version"], kResultVersion);
  EXPECT_EQ(all["options"]["pairs"], 15);
  EXPECT_EQ(all["options"]["verdicts_bind"], false);
  EXPECT_EQ(all["surroundings"]["torch"], "2.15.0 AVX2");
  EXPECT_TRUE(all["surroundings"]["steal_ratio"].is_null());
  const json& one = all["cases"][0];
  EXPECT_EQ(one["label"], "group 1x64x7x7 g=32 f32 nchw");
  EXPECT_EQ(one["algorithmic_bytes"], 2 * 64 * 49 * 4);
  const json& native = one["contenders"][1];
  EXPECT_NEAR(native["times"]["p50_us"], 100, 1e-9);
  EXPECT_EQ(native["times"]["iters_per_sample"], 1);
  EXPECT_EQ(native["percent_of_copy"], 50);
  EXPECT_EQ(native["torch_over_this"]["ratio"], 2);
  EXPECT_EQ(native["verdict"], "met");
  EXPECT_EQ(native["accuracy"]["err_scaled"], 5);
  EXPECT_EQ(native["accuracy"]["right"], true);
}

TEST(ResultJson, WhatIsNotThereHasNoField) {
  ContenderResult row;
  row.contender = "native";
  row.not_offered = "f64";
  const json all = json::parse(ResultJson({}, {}, ResultsOf({row})));
  const json& native = all["cases"][0]["contenders"][0];
  EXPECT_EQ(native["not_offered"], "f64");
  for (const char* field : {"times", "accuracy", "verdict", "torch_over_this", "description"}) {
    EXPECT_FALSE(native.contains(field)) << field;
  }
}

TEST(ResultJson, AnInfiniteErrorIsNull) {
  const auto infinite = RowOf("torch", std::numeric_limits<double>::infinity(), 1);
  const json all = json::parse(ResultJson({}, {}, ResultsOf({infinite})));
  EXPECT_TRUE(all["cases"][0]["contenders"][0]["accuracy"]["err_scaled"].is_null());
}

}  // namespace
}  // namespace normbench
