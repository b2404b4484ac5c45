// SPDX-License-Identifier: Apache-2.0
#include "server/ports_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

TEST(PortsFile, IsWrittenWholeAndReplacesAnOldOne) {
  const std::string path = ::testing::TempDir() + "/ports_file_test.json";
  std::ofstream(path) << "an old, longer file ..............................................";
  ASSERT_TRUE(WritePortsFile(path, {"127.0.0.1:1", "127.0.0.1:2"}).ok());
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), "{\n  \"grpc\": \"127.0.0.1:1\",\n  \"http\": \"127.0.0.1:2\"\n}\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  std::filesystem::remove(path);
}

TEST(PortsFile, NamesTheFileItCannotWrite) {
  const absl::Status status = WritePortsFile("/no/such/folder/p.json", {});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "--print-ports: cannot write '/no/such/folder/p.json': No such file or directory");
}

TEST(PortsFile, LeavesNothingBehindWhereItFails) {
  const std::string folder = ::testing::TempDir() + "/ports_file_test_folder";
  std::filesystem::create_directory(folder);
  const absl::Status status = WritePortsFile(folder, {});
  EXPECT_EQ(std::string(status.message()),
            "--print-ports: cannot write '" + folder + "': Is a directory");
  EXPECT_FALSE(std::filesystem::exists(folder + ".part"));
  std::filesystem::remove(folder);
}

}  // namespace
}  // namespace normbench
