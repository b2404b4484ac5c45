// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace normbench {
namespace {

const std::vector<std::string> kWords = {"batch", "layer", "instance", "group", "rms"};

TEST(Nearest, FindsTheWordMeant) {
  EXPECT_EQ(Nearest("gruop", kWords), "group");         // two replaced
  EXPECT_EQ(Nearest("grup", kWords), "group");          // one missing
  EXPECT_EQ(Nearest("instannce", kWords), "instance");  // one too many
  EXPECT_EQ(Nearest("lauer", kWords), "layer");         // one replaced
  EXPECT_EQ(Nearest("group", kWords), "group");
}

TEST(Nearest, SaysNothingWhereHalfTheWordWouldHaveToChange) {
  EXPECT_EQ(Nearest("rm", {kWords.data() + 4, 1}), "");  // distance 1 of 2 letters
  EXPECT_EQ(Nearest("rmss", {kWords.data() + 4, 1}), "rms");
  EXPECT_EQ(Nearest("softmax", kWords), "");
  EXPECT_EQ(Nearest("", kWords), "");
  EXPECT_EQ(Nearest("group", {}), "");
}

TEST(Nearest, TakesTheFirstOfEquals) {
  const std::vector<std::string> words = {"axb", "ayb"};
  EXPECT_EQ(Nearest("azb", words), "axb");
}

TEST(Nearest, DoesNotSearchForAWordOfEndlessLength) {
  const std::string endless(1 << 20, 'a');
  const std::vector<std::string> words = {endless};
  EXPECT_EQ(Nearest(endless, words), "");
  EXPECT_LT(UnknownWord("norm", endless, kWords).size(), 256u);
}

TEST(UnknownWord, NamesFieldValueRangeAndNearest) {
  EXPECT_EQ(UnknownWord("norm", "gruop", kWords),
            "norm: unknown 'gruop'; allowed: batch, layer, instance, group, rms; nearest: group");
  EXPECT_EQ(UnknownWord("norm", "softmax", kWords),
            "norm: unknown 'softmax'; allowed: batch, layer, instance, group, rms");
}

}  // namespace
}  // namespace normbench
