// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/options.h"

#include <gmock/gmock.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

Parsed Parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "norm_bench");
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  Parsed parsed = ParseOptions(static_cast<int>(flags.size()), flags.data());
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(ParseOptions, Defaults) {
  const Parsed parsed = Parse({});
  EXPECT_EQ(parsed.exit, std::nullopt);
  EXPECT_THAT(parsed.options.suites, ElementsAre("peers", "odd", "fused"));
  EXPECT_THAT(parsed.options.run.threads, ElementsAre(1, 2));
  EXPECT_THAT(parsed.options.stores, ElementsAre(Stores::kPlain));
  EXPECT_EQ(parsed.options.run.cache, Cache::kHot);
  EXPECT_TRUE(parsed.options.run.verify);
  EXPECT_TRUE(parsed.options.run.time);
  EXPECT_FALSE(IsBinding(parsed.options.run.rounds));
}

TEST(ParseOptions, WhatIsGiven) {
  const Parsed parsed = Parse({"--suite",     "fused,x.json", "--threads",  "2",
                               "--cache",     "cold",         "--stores",   "streaming,chosen",
                               "--pairs",     "15",           "--seconds",  "2",
                               "--no-verify", "--target",     "1.3",        "--json",
                               "out.json",    "--contenders", "torch,copy", "--isa",
                               "AVX2"});
  ASSERT_EQ(parsed.exit, std::nullopt);
  EXPECT_THAT(parsed.options.suites, ElementsAre("fused", "x.json"));
  EXPECT_THAT(parsed.options.run.threads, ElementsAre(2));
  EXPECT_EQ(parsed.options.run.cache, Cache::kCold);
  EXPECT_THAT(parsed.options.stores, ElementsAre(Stores::kStreaming, Stores::kChosen));
  EXPECT_FALSE(parsed.options.run.verify);
  EXPECT_THAT(parsed.options.target, Optional(1.3));
  EXPECT_THAT(parsed.options.contenders, ElementsAre("torch", "copy"));
  EXPECT_EQ(parsed.options.isa, "AVX2");
  EXPECT_TRUE(IsBinding(parsed.options.run.rounds));
}

TEST(ParseOptions, VerifyOnlyTimesNothing) {
  const Parsed parsed = Parse({"--verify-only", "--no-verify"});
  EXPECT_FALSE(parsed.options.run.time);
  EXPECT_TRUE(parsed.options.run.verify);
}

TEST(ParseOptions, MistakesEndWithTwoAndHelpWithZero) {
  EXPECT_THAT(Parse({"--pears", "6"}).exit, Optional(2));
  EXPECT_THAT(Parse({"--pairs", "5"}).exit, Optional(2));
  EXPECT_THAT(Parse({"--stores", "plane"}).exit, Optional(2));
  EXPECT_THAT(Parse({"--contenders", "onnx"}).exit, Optional(2));
  EXPECT_THAT(Parse({"--threads", "0"}).exit, Optional(2));
  EXPECT_THAT(Parse({"--help"}).exit, Optional(0));
}

}  // namespace
}  // namespace normbench
