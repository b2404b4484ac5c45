// SPDX-License-Identifier: Apache-2.0
#include "server/backends/libtorch_name.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace normbench {
namespace {

// How many times the name is among what this process has mapped, first pages only.
int Mapped() {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    count += line.ends_with("/lib/normbench/libtorch.so") && line.find(" 00000000 ") != line.npos;
  }
  return count;
}

TEST(LibTorchName, IsKnownAfterwardsAndLoadedOnce) {
  ASSERT_EQ(dlopen("libtorch.so", RTLD_NOW | RTLD_NOLOAD), nullptr) << "linked in, or CUDA's";
  EXPECT_EQ(Mapped(), 0);
  for (int i = 0; i < 2; ++i) {
    const absl::Status status = ProvideLibTorchName();
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_NE(dlopen("libtorch.so", RTLD_NOW | RTLD_NOLOAD), nullptr);
    EXPECT_EQ(Mapped(), 1);
  }
}

}  // namespace
}  // namespace normbench
