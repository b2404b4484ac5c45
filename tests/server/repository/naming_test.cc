// SPDX-License-Identifier: Apache-2.0
#include "server/repository/naming.h"

#include <gtest/gtest.h>

#include <vector>

namespace normbench {
namespace {

TEST(NamingTest, ModelNames) {
  EXPECT_TRUE(IsModelName("plain6_bn2-batch.v1"));
  EXPECT_TRUE(IsModelName("a"));
  EXPECT_TRUE(IsModelName(std::string(128, 'a')));
  for (const std::string name :
       {"", ".", "..", ".hidden", "a/b", "../m", "a b", "a\nb", "m\xc3\xa4"}) {
    EXPECT_FALSE(IsModelName(name)) << name;
  }
  EXPECT_FALSE(IsModelName(std::string("a\0b", 3)));
  EXPECT_FALSE(IsModelName(std::string(129, 'a')));
}

TEST(NamingTest, FileNames) {
  for (const std::string name : {"model.pt", "..a", "a b", ".hidden"}) {
    EXPECT_TRUE(IsFileName(name)) << name;
  }
  for (const std::string name : {"", ".", "..", "a/b", "/a", "../a"}) {
    EXPECT_FALSE(IsFileName(name)) << name;
  }
  EXPECT_FALSE(IsFileName(std::string("a\0b", 3)));
  EXPECT_FALSE(IsFileName(std::string(129, 'a')));
}

TEST(NamingTest, QuotedIsPrintableAndShort) {
  EXPECT_EQ(Quoted("gn"), "'gn'");
  EXPECT_EQ(Quoted(""), "''");
  EXPECT_EQ(Quoted("a\n\xff"), "'a\\n\\xff'");
  EXPECT_EQ(Quoted(std::string(128, 'x')), "'" + std::string(128, 'x') + "'");
  EXPECT_EQ(Quoted(std::string(129, 'x')), "'" + std::string(128, 'x') + "...'");
}

TEST(NamingTest, NearestNote) {
  const std::vector<std::string> known = {"plain6_gn", "plain6_bn2"};
  EXPECT_EQ(NearestNote("plain6_gm", known), "; nearest: plain6_gn");
  EXPECT_EQ(NearestNote("zzzzzzzzz", known), "");
  EXPECT_EQ(NearestNote(std::string(1 << 24, 'p'), known), "");
}

}  // namespace
}  // namespace normbench
