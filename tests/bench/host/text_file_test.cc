// SPDX-License-Identifier: Apache-2.0
#include "bench/host/text_file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace normbench {
namespace {

TEST(ReadTextFile, ReadsAllOfIt) {
  const std::string path = ::testing::TempDir() + "text_file_test";
  std::ofstream(path) << "two\nlines\n";
  EXPECT_EQ(ReadTextFile(path), "two\nlines\n");
  std::remove(path.c_str());
  EXPECT_EQ(ReadTextFile(path), "");
}

}  // namespace
}  // namespace normbench
