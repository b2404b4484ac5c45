// SPDX-License-Identifier: Apache-2.0
// The program: whether it runs, not what it finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;

// Exit code and both outputs of the program with these arguments.
std::pair<int, std::string> Bench(const std::string& arguments) {
  const std::string command =
      std::string(NORMBENCH_HISTORY_BENCH) + " --scratch " + ::testing::TempDir() + " " + arguments;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  std::string output;
  for (size_t n = 1; n > 0;) {
    n = std::fread(buffer.data(), 1, buffer.size(), pipe);
    output.append(buffer.data(), n);
  }
  return {WEXITSTATUS(pclose(pipe)), output};
}

TEST(HistoryBench, PrintsALineForEachKindOfCall) {
  const auto [code, output] = Bench("--runs 20 --cases 2 --calls 10");
  EXPECT_TRUE(code == 0 || code == 3) << output;  // a target may be missed on a busy machine
  EXPECT_THAT(output, HasSubstr("20 runs of 2 cases"));
  EXPECT_THAT(output, HasSubstr("List, newest 50"));
  EXPECT_THAT(output, HasSubstr("Get, any report"));
}

TEST(HistoryBench, SaysWhatIsWrong) {
  EXPECT_EQ(Bench("--runs 0").first, 2);
  const auto [code, output] = Bench("--runs 1 --bin /nowhere");
  EXPECT_EQ(code, 1);
  EXPECT_THAT(output, HasSubstr("history_bench: "));
}

}  // namespace
}  // namespace normbench
