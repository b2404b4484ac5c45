// SPDX-License-Identifier: Apache-2.0
#include "bench/run/utf8.h"

#include "gtest/gtest.h"

namespace normbench {
namespace {

TEST(ValidUtf8, LeavesCharactersAlone) {
  for (const std::string text : {"", "slots: 64", "a\tb\n", "\x7F", "\xC2\x80", "\xDF\xBF",
                                 "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD",
                                 "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xC3\xA9\xE2\x82\xAC"}) {
    EXPECT_EQ(ValidUtf8(text), text);
  }
  EXPECT_EQ(ValidUtf8(std::string(1, '\0')), std::string(1, '\0'));
}

TEST(ValidUtf8, ReplacesEachByteThatIsPartOfNone) {
  EXPECT_EQ(ValidUtf8("bad \xFF byte"), "bad ? byte");
  EXPECT_EQ(ValidUtf8("\x80"), "?") << "no lead";
  EXPECT_EQ(ValidUtf8("\xC0\xAF"), "??") << "a longer form of /";
  EXPECT_EQ(ValidUtf8("\xE0\x9F\xBF"), "???") << "a longer form";
  EXPECT_EQ(ValidUtf8("\xED\xA0\x80"), "???") << "a surrogate";
  EXPECT_EQ(ValidUtf8("\xF0\x8F\xBF\xBF"), "????") << "a longer form";
  EXPECT_EQ(ValidUtf8("\xF4\x90\x80\x80"), "????") << "above U+10FFFF";
  EXPECT_EQ(ValidUtf8("\xF5\x80\x80\x80"), "????");
  EXPECT_EQ(ValidUtf8("\xE2\x82"), "??") << "cut";
  EXPECT_EQ(ValidUtf8("\xE2\x28\xA1"), "?(?");
  EXPECT_EQ(ValidUtf8("\xE2\x82\xC3\xA9"), "??\xC3\xA9") << "the next one begins early";
}

}  // namespace
}  // namespace normbench
