// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/schema.h"

#include "gmock/gmock.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(PolicyAndComparisonSchema, CommittedFilesAreCurrent) {
  ExpectGolden(std::string(NORMBENCH_GATE_SOURCE) + "/policy.schema.json", PolicySchema());
  ExpectGolden(std::string(NORMBENCH_GATE_SOURCE) + "/comparison.schema.json", ComparisonSchema());
}

TEST(PolicySchema, FollowsTheDescriptor) {
  const std::string schema = PolicySchema();
  EXPECT_THAT(schema, HasSubstr(R"("$ref": "#/$defs/Policy")"));
  EXPECT_THAT(schema, HasSubstr(R"("version": {"const": 1})"));
  EXPECT_THAT(schema, HasSubstr(R"("required": ["version", "name", "cells"])"));
}

}  // namespace
}  // namespace normbench
