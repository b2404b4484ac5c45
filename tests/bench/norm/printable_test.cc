// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/printable.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(Printable, KeepsQuotesAndEscapesTheRest) {
  EXPECT_EQ(Printable(""), "");
  EXPECT_EQ(Printable("a \"b\" 'c' ~"), "a \"b\" 'c' ~");
  EXPECT_EQ(Printable("\x01\n\x7f\xff"), "\\x01\\x0a\\x7f\\xff");
}

}  // namespace
}  // namespace normbench
