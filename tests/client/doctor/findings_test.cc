// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/findings.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(FindingsTest, MemoryIsTheLessOfMachineAndGroup) {
  Findings findings;
  findings.facts.memory_bytes = 8e9;
  EXPECT_EQ(MemoryOf(findings), 8e9);
  findings.memory_limit_bytes = 2e9;
  EXPECT_EQ(MemoryOf(findings), 2e9);
  findings.memory_limit_bytes = 64e9;
  EXPECT_EQ(MemoryOf(findings), 8e9);
}

}  // namespace
}  // namespace normbench
