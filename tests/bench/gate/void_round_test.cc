// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/void_round.h"

#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

std::string WhyVoidOf(const std::string& round) {
  const auto policy = Parse<v1::Policy>("max_steal: 0.1 max_throttled: 0.05");
  return WhyVoid(policy, Parse<v1::Round>(round));
}

TEST(WhyVoid, NamesTheArmTheShareAndTheLimit) {
  EXPECT_EQ(WhyVoidOf("visits { arm: 'A' } visits { arm: 'B' host { steal_ratio: 0.125 } }"),
            "steal 12.5 % while B was visited, above 10 %");
  EXPECT_EQ(WhyVoidOf("visits { arm: \"A'\" host { throttled_ratio: 0.07 } }"),
            "throttled for 7.0 % of the visit to A', above 5 %");
}

TEST(WhyVoid, PressureAndLoadCountWhereThePolicyLimitsThem) {
  const auto round = Parse<v1::Round>(
      "visits { arm: 'A' } visits { arm: 'B' host { cpu_pressure: 0.31 load_average: 2.5 } }");
  EXPECT_EQ(WhyVoid(Parse<v1::Policy>("max_steal: 0.1 max_pressure: 0.3"), round),
            "threads waited for a CPU in 31.0 % of the visit to B, above 30 %");
  EXPECT_EQ(WhyVoid(Parse<v1::Policy>("max_pressure: 0.31 max_load: 2.4"), round),
            "load average 2.50 after the visit to B, above 2.4");
  EXPECT_EQ(WhyVoid(Parse<v1::Policy>("max_pressure: 0.31 max_load: 2.5"), round), "");
  EXPECT_EQ(WhyVoid(Parse<v1::Policy>("max_steal: 0.1 max_throttled: 0.05"), round), "")
      << "no limit unless it is said";
}

TEST(WhyVoid, LimitsThemselvesAreAllowed) {
  EXPECT_EQ(WhyVoidOf("visits { arm: 'A' host { steal_ratio: 0.1 throttled_ratio: 0.05 } }"), "");
}

TEST(WhyVoid, WhatCannotBeReadVoidsNothing) {
  EXPECT_EQ(WhyVoidOf("visits { arm: 'A' } visits { arm: 'B' host { } }"), "");
  EXPECT_EQ(WhyVoidOf(""), "");
}

}  // namespace
}  // namespace normbench
