// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/printable.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(Printable, ReplacesWhatXmlCannotWrite) {
  EXPECT_EQ(Printable("a\x01\x1b[31m\tb\n"), "a??[31m\tb\n");
  EXPECT_EQ(Printable("\xc3\xa9"), "\xc3\xa9");
}

}  // namespace
}  // namespace normbench
