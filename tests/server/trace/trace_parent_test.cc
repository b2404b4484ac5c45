// SPDX-License-Identifier: Apache-2.0
#include "server/trace/trace_parent.h"

#include <gtest/gtest.h>

#include <string>

namespace normbench {
namespace {

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kParent = "b7ad6b7169203331";
const std::string kIds = kTrace + "-" + kParent;

TEST(ParseTraceParent, TakesIdsAndTheSampledFlag) {
  const auto sampled = ParseTraceParent("00-" + kIds + "-01");
  ASSERT_TRUE(sampled.has_value());
  EXPECT_EQ(sampled->trace_id, kTrace);
  EXPECT_EQ(sampled->parent_span_id, kParent);
  EXPECT_TRUE(sampled->sampled);
  for (const char* flags : {"00", "02", "fe"}) {
    EXPECT_FALSE(ParseTraceParent("00-" + kIds + "-" + flags)->sampled) << flags;
  }
  EXPECT_TRUE(ParseTraceParent("00-" + kIds + "-ff")->sampled);
}

TEST(ParseTraceParent, ALaterVersionMayGoOn) {
  for (const char* text : {"", "-", "-more"}) {
    EXPECT_TRUE(ParseTraceParent("01-" + kIds + "-01" + text).has_value()) << text;
  }
  EXPECT_FALSE(ParseTraceParent("01-" + kIds + "-01x").has_value());
  EXPECT_FALSE(ParseTraceParent("00-" + kIds + "-01-more").has_value()) << "00 has no more";
}

TEST(ParseTraceParent, WhatIsNoneIsNothing) {
  std::string upper = kIds;
  upper[1] = 'A';
  std::string spaced = kIds;
  spaced[5] = ' ';
  for (const std::string& text : {
           std::string(),
           std::string(55, '-'),
           std::string(55, '0'),
           "ff-" + kIds + "-01",
           "0g-" + kIds + "-01",
           "00-" + upper + "-01",
           "00-" + spaced + "-01",
           "00-" + kIds + "-0x",
           "00-" + kIds + "-1",
           "00-" + kIds,
           "00-" + std::string(32, '0') + "-" + kParent + "-01",
           "00-" + kTrace + "-" + std::string(16, '0') + "-01",
           "00_" + kIds + "-01",
           "00-" + kTrace + "_" + kParent + "-01",
           "00-" + kIds + "_01",
       }) {
    EXPECT_FALSE(ParseTraceParent(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace normbench
