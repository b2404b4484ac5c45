// SPDX-License-Identifier: Apache-2.0
// Texts that are kept in files. NORMBENCH_UPDATE_GOLDEN=1 writes them anew, to be read in the diff.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"

namespace normbench {

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << " cannot be opened";
  return std::string(std::istreambuf_iterator<char>(file), {});
}

inline void ExpectGolden(const std::string& path, const std::string& text) {
  if (std::getenv("NORMBENCH_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(ReadFile(path), text) << "NORMBENCH_UPDATE_GOLDEN=1 writes " << path << " anew";
}

}  // namespace normbench
