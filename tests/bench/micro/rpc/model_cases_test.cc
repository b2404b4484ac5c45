// SPDX-License-Identifier: Apache-2.0
// What the comparisons measure is for rpc_bench_test.py.
#include "bench/micro/rpc/model_cases.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

namespace fs = std::filesystem;

TEST(WriteBenchModels, MakesTheRepositoryAnew) {
  const fs::path folder = fs::path(testing::TempDir()) / "model_cases";
  fs::remove_all(folder);
  fs::create_directories(folder / "models" / "old");
  fs::create_directories(folder / "more" / "network" / "1");
  std::ofstream(folder / "more" / "network" / "1" / "weights.pt") << "x";
  ASSERT_TRUE(WriteBenchModels(folder / "models", folder / "more").ok());
  EXPECT_FALSE(fs::exists(folder / "models" / "old"));
  EXPECT_TRUE(fs::exists(folder / "models" / "small" / "config.pbtxt"));
  EXPECT_TRUE(fs::exists(folder / "models" / "large" / "1"));
  EXPECT_TRUE(fs::exists(folder / "models" / "network" / "1" / "weights.pt"));
  ASSERT_TRUE(WriteBenchModels(folder / "models", "").ok());
  EXPECT_FALSE(fs::exists(folder / "models" / "network"));
  fs::remove_all(folder);
}

TEST(WriteBenchModels, NamesAFolderThatIsNotThere) {
  const absl::Status status =
      WriteBenchModels(fs::path(testing::TempDir()) / "model_cases_none", "/nowhere");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message().substr(0, 19), "--models: '/nowhere");
}

}  // namespace
}  // namespace normbench
