// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/study/simulated.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class SimulatedStudyTest : public ::testing::Test {
 protected:
  SimulatedStudyTest() { std::filesystem::remove(options_.out); }

  int Go(int gates) {
    options_.gates = gates;
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = SimulatedStudy(options_);
    stdout_ = ::testing::internal::GetCapturedStdout();
    stderr_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::ifstream file(options_.out);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  SimulatedStudyOptions options_{.noise = "quiet",
                                 .out = ::testing::TempDir() + "simulated_study_test.jsonl"};
  std::string stdout_, stderr_;
};

TEST_F(SimulatedStudyTest, CountsVerdictsByNoiseAndEffect) {
  EXPECT_EQ(Go(2), 0) << stderr_;
  EXPECT_THAT(stdout_, HasSubstr("10 comparisons, "));
  EXPECT_THAT(stdout_, HasSubstr("quiet        +0      2    0.0 [0.0, 84.2]"));
  EXPECT_THAT(stdout_, HasSubstr("quiet       +10      2  100.0 [15.8, 100.0]"));
  const std::vector<std::string> lines = Lines();
  ASSERT_THAT(lines, SizeIs(1 + 3 * 2)) << "the policy, and 0, +5 % and +10 %";
  const auto policy = nlohmann::json::parse(lines[0])["policy"];
  EXPECT_EQ(policy["name"], "study");
  EXPECT_GE(policy["rounds"], 12) << "as it was planned";
  EXPECT_EQ(lines[6], R"({"noise":"quiet","effect":0.1,"verdict":"REGRESSED"})");
}

TEST_F(SimulatedStudyTest, GoesOnWhereItsRecordEnds) {
  ASSERT_EQ(Go(3), 0);
  const std::vector<std::string> whole = Lines();
  std::filesystem::remove(options_.out);
  ASSERT_EQ(Go(2), 0);
  ASSERT_EQ(Go(3), 0);
  EXPECT_THAT(Lines(), ::testing::UnorderedElementsAreArray(whole));
  ASSERT_EQ(Go(3), 0);
  EXPECT_THAT(Lines(), SizeIs(whole.size())) << "all of it was done";
}

TEST_F(SimulatedStudyTest, RefusesARecordOfAnotherPolicyOrModel) {
  ASSERT_EQ(Go(1), 0);
  options_.common = true;
  EXPECT_EQ(Go(1), 2);
  EXPECT_THAT(stderr_, HasSubstr("is of another policy or model"));
  options_.common = false;
  options_.policy_file = ::testing::TempDir() + "simulated_study_test.json";
  std::ofstream(options_.policy_file)
      << R"({"version": 1, "name": "p", "cells": [{"key": ["norm/rms?shape=1x4"]}]})";
  EXPECT_EQ(Go(1), 2);
  options_.out = "";
  EXPECT_EQ(Go(1), 0);
  EXPECT_THAT(stdout_, HasSubstr("1 comparisons, 20 rounds"));
  options_.policy_file = "/no/such/file";
  EXPECT_EQ(Go(1), 2);
}

}  // namespace
}  // namespace normbench
