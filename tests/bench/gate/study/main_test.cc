// SPDX-License-Identifier: Apache-2.0
// gate_study as a process.
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Ended {
  int code = -1;
  std::string output;  // and errors
};

Ended Study(const std::string& arguments) {
  Ended ended;
  std::FILE* pipe = popen((std::string(NORMBENCH_STUDY) + " " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ended;
  char buffer[4096];
  while (std::fgets(buffer, sizeof(buffer), pipe) != nullptr) ended.output += buffer;
  ended.code = WEXITSTATUS(pclose(pipe));
  return ended;
}

TEST(GateStudy, HasTwoStudies) {
  const Ended help = Study("--help");
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("simulated"), HasSubstr("real")));
  const Ended simulated = Study("simulated --gates 1 --noise quiet");
  EXPECT_EQ(simulated.code, 0) << simulated.output;
  EXPECT_THAT(simulated.output, HasSubstr("REGRESSED %"));
  const Ended real = Study("real --client c --server s --policy /no/such/file --out o");
  EXPECT_EQ(real.code, 2);
  EXPECT_THAT(real.output, HasSubstr("/no/such/file"));
}

TEST(GateStudy, UsageErrorsEndWithTwo) {
  EXPECT_EQ(Study("").code, 2);
  EXPECT_EQ(Study("simulated --gates 0").code, 2);
  EXPECT_EQ(Study("simulated --noise loud").code, 2);
  EXPECT_EQ(Study("real --gates 1").code, 2) << "it needs programs, a policy and a file";
  EXPECT_EQ(Study("real --client c --server s --policy p --out o --load 2").code, 2);
}

}  // namespace
