// SPDX-License-Identifier: Apache-2.0
#include "bench/load/arrival_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ArrivalSpec, WordsComeBackAsTheyWere) {
  for (const char* word :
       {"constant:250", "poisson:62.5", "poisson:80%", "spike:100x10@2+0.5", "spike:50%x4@2+0.5",
        "step:100,200,400", "step:25%,50%,100%", "trace:a/b c.txt"}) {
    const absl::StatusOr<ArrivalSpec> spec = ParseArrivalSpec(word);
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_EQ(ToString(*spec), word);
  }
}

TEST(ArrivalSpec, OtherFormsOfANumberBecomeTheShortest) {
  EXPECT_EQ(ToString(*ParseArrivalSpec("poisson:1e2")), "poisson:100");
  EXPECT_EQ(ToString(*ParseArrivalSpec("constant:0.10")), "constant:0.1");
}

TEST(ArrivalSpec, WhatCannotBeReadIsNamed) {
  struct Bad {
    const char* word;
    const char* says;
  };
  for (const Bad& bad : std::vector<Bad>{
           {"", "no ':'"},
           {"poisson", "no ':'"},
           {"poison:5",
            "unknown 'poison'; allowed: constant, poisson, spike, step, trace; nearest: "
            "poisson"},
           {"poisson:", "cannot be read from '' on"},
           {"poisson:fast", "cannot be read from 'fast' on"},
           {"poisson:5/s", "cannot be read from '/s' on"},
           {"poisson:5,6", "cannot be read from ',6' on"},
           {"poisson:0", "rate 0 is not in 0 .. 10000000"},
           {"poisson:-1", "rate -1 is not in"},
           {"poisson:nan", "rate nan is not in"},
           {"poisson:inf", "rate inf is not in"},
           {"poisson:1001%", "rate 1001% is not in 0% .. 1000%"},
           {"step:10,20%", "cannot be read"},
           {"step:10,", "cannot be read from '' on"},
           {"spike:100", "cannot be read from '' on"},
           {"spike:100x0@1+1", "the factor is not in"},
           {"spike:100x2@-1+1", "the start is not in"},
           {"spike:100x2@1+0", "the length is not in"},
           {"trace:", "no file"}}) {
    const absl::StatusOr<ArrivalSpec> spec = ParseArrivalSpec(bad.word);
    EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << bad.word;
    EXPECT_THAT(std::string(spec.status().message()), HasSubstr(bad.says)) << bad.word;
  }
}

int CountIn(const std::string& word, double from, double to) {
  const auto arrivals = ArrivalsOf(*ParseArrivalSpec(word), {.seconds = 10, .maximum = 1000});
  int count = 0;
  while (const auto time = arrivals->Next()) count += *time >= from && *time < to;
  return count;
}

TEST(ArrivalSpec, ASharesRateIsOfTheMaximum) {
  EXPECT_EQ(CountIn("constant:50%", 0, 10), 5000);
  EXPECT_EQ(CountIn("constant:500", 0, 10), 5000);
}

TEST(ArrivalSpec, StepsAreEqualPartsOfTheTime) {
  EXPECT_NEAR(CountIn("step:100,1000", 0, 5), 500, 90);
  EXPECT_NEAR(CountIn("step:100,1000", 5, 10), 5000, 280);
}

TEST(ArrivalSpec, ASpikeThatOutlastsTheRunEndsWithIt) {
  EXPECT_NEAR(CountIn("spike:10x100@9+5", 9, 10), 1000, 130);
  EXPECT_EQ(CountIn("spike:10x100@9+5", 10, 100), 0);
  EXPECT_EQ(CountIn("spike:10x100@20+5", 10, 100), 0);
}

TEST(ArrivalSpec, TheWarmUpComesFirstAtTheFirstRate) {
  const auto arrivals =
      ArrivalsOf(*ParseArrivalSpec("step:10,1000"), {.warmup_seconds = 100, .seconds = 2});
  int before = 0, first = 0, second = 0;
  while (const auto time = arrivals->Next()) {
    ++(*time < 100 ? before : *time < 101 ? first : second);
  }
  EXPECT_NEAR(before, 1000, 130);
  EXPECT_NEAR(first, 10, 13);
  EXPECT_NEAR(second, 1000, 130);
}

TEST(ParseTrace, ReadsTimesAndComments) {
  const auto times = ParseTrace("# from production\n0.5\r\n\n 1e0 # one\n1\n2.25");
  ASSERT_TRUE(times.ok()) << times.status();
  EXPECT_THAT(*times, ElementsAre(0.5, 1, 1, 2.25));
}

TEST(ParseTrace, NamesTheLineThatIsWrong) {
  EXPECT_THAT(std::string(ParseTrace("1\n2\n1.5\n").status().message()),
              HasSubstr("line 3 of the trace is '1.5'; allowed: seconds, not before the line above "
                        "(2)"));
  for (const char* text : {"-1", "nan", "inf", "a", "1 2"}) {
    EXPECT_THAT(std::string(ParseTrace(text).status().message()), HasSubstr("line 1")) << text;
  }
  EXPECT_THAT(std::string(ParseTrace("# nothing\n").status().message()), HasSubstr("no times"));
}

}  // namespace
}  // namespace normbench
