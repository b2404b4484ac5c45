// SPDX-License-Identifier: Apache-2.0
#include "bench/report/validate.h"

#include <cmath>

#include "bench/report/case_key.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& key) {
  const auto spec = ParseCaseKey(key);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return std::string(ValidateCase(*spec).message());
}

TEST(ValidateCase, AcceptsWhatTheContractNames) {
  for (const char* key :
       {"norm/group?shape=1x64", "norm/rms?shape=1x4x2x2&affine=element&dev=cuda:3&impl=reference",
        "service/batch?shape=2x4&stats=batch&in_flight=4096", "model/m?data=dir/x.npy&labels=y.npy",
        "model/m?data=fmnist-wide&request_batch=65536&images=7",
        "invariance/batch?shape=1x4&stats=folded&n=1,65536&threads=1,1024"}) {
    EXPECT_EQ(ErrorOf(key), "") << key;
  }
}

TEST(ValidateCase, NamesFieldValueAndRange) {
  EXPECT_THAT(ErrorOf("norm/group?shape=1x48"), HasSubstr("groups: 32"));
  EXPECT_THAT(ErrorOf("norm/rms?shape=1x4&dev=cuda:"), HasSubstr("device: unknown 'cuda:'"));
  EXPECT_THAT(ErrorOf("norm/rms?shape=1x4&dev=cuda:1x"), HasSubstr("device: unknown"));
  EXPECT_THAT(ErrorOf("norm/rms?shape=1x4&threads=2000"),
              HasSubstr("threads: 2000 is not in 1 .. 1024"));
  EXPECT_THAT(ErrorOf("service/rms?shape=1x4&in_flight=4097"), HasSubstr("in_flight: 4097"));
  EXPECT_THAT(ErrorOf("model/m?data=fmnist-wide&request_batch=65537"),
              HasSubstr("request_batch: 65537"));
  EXPECT_THAT(ErrorOf("model/m?data=mnist"), HasSubstr("a file that ends in .npy"));
}

TEST(ValidateCase, AnInvarianceCaseIsOfOneSampleWithStatisticsOfItsOwn) {
  EXPECT_THAT(ErrorOf("invariance/rms?shape=2x4"), HasSubstr("shape: 2x4; allowed: N = 1"));
  EXPECT_THAT(ErrorOf("invariance/batch?shape=1x4&stats=batch"), HasSubstr("by definition"));
  EXPECT_THAT(ErrorOf("invariance/rms?shape=1x4&n=65537"), HasSubstr("batch_sizes: 65537"));
  EXPECT_THAT(ErrorOf("invariance/rms?shape=1x4&threads=1,1025"), HasSubstr("threads: 1025"));
  EXPECT_THAT(ErrorOf("invariance/group?shape=1x48"), HasSubstr("groups: 32"));
}

TEST(ValidateBudget, AnInvarianceCaseHasNone) {
  Case c;
  c.spec = *ParseCaseKey("invariance/rms?shape=1x4");
  EXPECT_TRUE(ValidateBudget(c).ok());
  c.seconds = 1;
  EXPECT_THAT(std::string(ValidateBudget(c).message()), HasSubstr("seconds: 1 is not in 0 .. 0"));
}

TEST(ValidateBudget, HasAnUpperEnd) {
  Case c;
  c.spec = *ParseCaseKey("norm/rms?shape=1x4");
  c.seconds = 60;
  EXPECT_TRUE(ValidateBudget(c).ok());
  c.seconds = 60.5;
  EXPECT_THAT(std::string(ValidateBudget(c).message()),
              HasSubstr("seconds: 60.5 is not in 0 .. 60"));
  c.spec = *ParseCaseKey("service/rms?shape=1x4");
  EXPECT_TRUE(ValidateBudget(c).ok());
  c.warmup_seconds = std::nan("");
  EXPECT_FALSE(ValidateBudget(c).ok());
}

}  // namespace
}  // namespace normbench
