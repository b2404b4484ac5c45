// SPDX-License-Identifier: Apache-2.0
// The program itself: what only a process can show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Both outputs of `normbench` with these arguments.
std::string OutputOf(const std::string& arguments) {
  std::FILE* pipe = popen(absl::StrCat(NORMBENCH_PROGRAM, " ", arguments, " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  std::string output;
  for (size_t n = 1; n > 0;) {
    n = std::fread(buffer.data(), 1, buffer.size(), pipe);
    output.append(buffer.data(), n);
  }
  pclose(pipe);
  return output;
}

TEST(MainTest, AMalformedAnswerIsSaidOnceAndByTheProgram) {
  FakeServer server;
  server.normalization.host = "\xff is no UTF-8";
  const std::string output =
      OutputOf(absl::StrCat("run norm rms --shape 4 --server ", server.address, " --out ",
                            ::testing::TempDir(), "main_test_out"));
  EXPECT_THAT(output, HasSubstr("normbench: the server's answer cannot be parsed"));
  EXPECT_THAT(output, Not(HasSubstr("libprotobuf")));
}

TEST(MainTest, ExplainsAndShowsReportsWithoutAServer) {
  EXPECT_THAT(OutputOf("explain NB104"), HasSubstr("NB104 co_located\n"));
  EXPECT_THAT(OutputOf("explain NB99x"), HasSubstr("unknown warning code 'NB99x'"));
  EXPECT_THAT(OutputOf("report /no/such/report.json"), HasSubstr("cannot be read: No such file"));
}

TEST(MainTest, PrintsEachSchema) {
  for (const char* name : {"report", "sweep", "policy", "comparison"}) {
    EXPECT_THAT(OutputOf(absl::StrCat("schema ", name)),
                HasSubstr(absl::StrCat("\"title\": \"normbench ",
                                       std::string(name) == "policy" ? "gate policy" : name)));
  }
}

}  // namespace
}  // namespace normbench
