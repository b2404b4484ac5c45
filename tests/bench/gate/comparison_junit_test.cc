// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/comparison_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/sample.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ComparisonJunit, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/junit.xml", ComparisonJunit(SampleComparison()));
}

TEST(ComparisonJunit, OpenCellsFailWhereThePolicySaysSo) {
  v1::Comparison comparison = SampleComparison();
  EXPECT_THAT(ComparisonJunit(comparison),
              HasSubstr(R"(tests="7" failures="2" errors="0" skipped="3")"));
  comparison.mutable_policy()->set_inconclusive("fail");
  EXPECT_THAT(ComparisonJunit(comparison),
              HasSubstr(R"(tests="7" failures="5" errors="0" skipped="0")"));
}

// Green here and exit 1 there would be a lie.
TEST(ComparisonJunit, WhatHasNoVerdictIsAnError) {
  v1::Comparison comparison;
  comparison.set_verdict("FAILED");
  comparison.set_why("B: no answer");
  for (const int code : {1, 2, 6, 130}) {
    comparison.set_exit_code(code);
    EXPECT_THAT(ComparisonJunit(comparison), HasSubstr(R"(errors="1")")) << code;
    EXPECT_THAT(ComparisonJunit(comparison),
                HasSubstr(R"(<error message="FAILED: B: no answer"/>)"));
  }
  for (const int code : {0, 3, 4, 5}) {
    comparison.set_exit_code(code);
    EXPECT_THAT(ComparisonJunit(comparison), HasSubstr(R"(errors="0")")) << code;
  }
}

TEST(ComparisonJunit, EscapesAndReplacesWhatXmlCannotSay) {
  v1::Comparison comparison = SampleComparison();
  comparison.mutable_cells(0)->set_key(kHostile);
  comparison.set_why(kHostile);
  comparison.mutable_accuracy()->set_worse(0, kHostile);
  const std::string xml = ComparisonJunit(comparison);
  EXPECT_THAT(xml, HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(xml, Not(HasSubstr("\x1b")));
  EXPECT_THAT(xml, Not(HasSubstr("\x01")));
}

}  // namespace
}  // namespace normbench
