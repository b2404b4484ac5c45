// SPDX-License-Identifier: Apache-2.0
#include "bench/report/percent.h"

#include "gtest/gtest.h"

namespace normbench {
namespace {

TEST(Percent, KeepsPlainBytesAndEncodesTheRest) {
  EXPECT_EQ(PercentEncode("aZ09._~:/,-"), "aZ09._~:/,-");
  EXPECT_EQ(PercentEncode("a b&c=d%?'"), "a%20b%26c%3Dd%25%3F%27");
  EXPECT_EQ(PercentEncode("\xC3\xA9"), "%C3%A9");
}

TEST(Percent, DecodesEitherCase) {
  EXPECT_EQ(*PercentDecode("a%2fb%2F"), "a/b/");
  EXPECT_EQ(*PercentDecode(""), "");
}

TEST(Percent, RefusesHalfAnEscape) {
  for (const char* text : {"%", "%4", "a%zz", "%4g"}) {
    EXPECT_FALSE(PercentDecode(text).ok()) << text;
  }
}

}  // namespace
}  // namespace normbench
