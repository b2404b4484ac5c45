// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/process.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

using ::testing::HasSubstr;

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() { std::filesystem::remove(file_); }

  absl::StatusOr<Process> Shell(const std::string& script) const {
    return Process::Start({"/bin/sh", "-c", script}, log_);
  }

  const std::string file_ = ::testing::TempDir() + "process_test_ports";
  const std::string log_ = ::testing::TempDir() + "process_test_log";
};

TEST_F(ProcessTest, WaitsForTheFile) {
  auto process = Shell("echo hello; touch " + file_ + "; exec sleep 600");
  ASSERT_TRUE(process.ok());
  EXPECT_TRUE(process->WaitForFile(file_).ok());
  std::string word;
  std::ifstream(log_) >> word;
  EXPECT_EQ(word, "hello");
}

TEST_F(ProcessTest, SaysThatItEnded) {
  auto process = Shell("exit 3");
  ASSERT_TRUE(process.ok());
  const absl::Status status = process->WaitForFile(file_);
  EXPECT_TRUE(absl::IsInternal(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(file_));
}

TEST_F(ProcessTest, DoesNotWaitForEver) {
  auto process = Shell("exec sleep 600");
  ASSERT_TRUE(process.ok());
  const absl::Status status = process->WaitForFile(file_, std::chrono::milliseconds(50));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(file_ + " after 0.05 s"));
}

TEST_F(ProcessTest, ReturnsTheExitCode) {
  auto process = Shell("exit 3");
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process->Wait(), 3);
}

TEST_F(ProcessTest, NamesTheProgramThatIsNotThere) {
  const auto process = Process::Start({"/no/such/program"}, log_);
  EXPECT_TRUE(absl::IsNotFound(process.status()));
  EXPECT_THAT(std::string(process.status().message()), HasSubstr("/no/such/program"));
}

}  // namespace
}  // namespace normbench
