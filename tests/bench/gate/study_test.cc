// SPDX-License-Identifier: Apache-2.0
// gate_study as a process: a few gates, and a record that goes on where it ended.
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

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

std::vector<std::string> Lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class StudyTest : public ::testing::Test {
 protected:
  StudyTest() { std::filesystem::remove(out_); }

  const std::string out_ = ::testing::TempDir() + "study_test.jsonl";
};

TEST_F(StudyTest, CountsVerdictsByNoiseAndEffect) {
  const Ended ended = Study("--gates 2 --noise quiet --out " + out_);
  EXPECT_EQ(ended.code, 0) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("10 comparisons, 12 rounds A A' B"));
  EXPECT_THAT(ended.output, HasSubstr("quiet        +0      2    0.0 [0.0, 84.2]"));
  EXPECT_THAT(ended.output, HasSubstr("quiet       +10      2  100.0 [15.8, 100.0]"));
  const std::vector<std::string> lines = Lines(out_);
  ASSERT_THAT(lines, SizeIs(1 + 3 * 2)) << "the policy, and 0, +5 % and +10 %";
  EXPECT_EQ(nlohmann::json::parse(lines[0])["policy"]["name"], "study");
  EXPECT_EQ(lines[6], R"({"noise":"quiet","effect":0.1,"verdict":"REGRESSED"})");
}

TEST_F(StudyTest, GoesOnWhereItsRecordEnds) {
  ASSERT_EQ(Study("--gates 3 --noise quiet --out " + out_).code, 0);
  const std::vector<std::string> whole = Lines(out_);
  std::filesystem::remove(out_);
  ASSERT_EQ(Study("--gates 2 --noise quiet --out " + out_).code, 0);
  std::ofstream(out_, std::ios::app) << R"({"noise":"qui)";  // killed while it wrote
  ASSERT_EQ(Study("--gates 3 --noise quiet --out " + out_).code, 0);
  EXPECT_THAT(Lines(out_), ::testing::UnorderedElementsAreArray(whole));
  ASSERT_EQ(Study("--gates 3 --noise quiet --out " + out_).code, 0);
  EXPECT_THAT(Lines(out_), SizeIs(whole.size())) << "all of it was done";
}

TEST_F(StudyTest, RefusesARecordOfAnotherPolicy) {
  ASSERT_EQ(Study("--gates 1 --noise quiet --out " + out_).code, 0);
  const std::string policy = ::testing::TempDir() + "study_test_policy.json";
  std::ofstream(policy)
      << R"({"version": 1, "name": "p", "cells": [{"key": ["norm/rms?shape=1x4"]}]})";
  const Ended ended = Study("--gates 1 --noise quiet --policy " + policy + " --out " + out_);
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.output, HasSubstr("is of another policy"));
  EXPECT_THAT(Study("--gates 1 --noise quiet --policy " + policy).output,
              HasSubstr("1 comparisons, 12 rounds"));
  EXPECT_EQ(Study("--gates 1 --noise quiet --common --out " + out_).code, 2) << "another model";
}

TEST_F(StudyTest, UsageErrorsEndWithTwo) {
  EXPECT_EQ(Study("--gates 0").code, 2);
  EXPECT_EQ(Study("--noise loud").code, 2);
  EXPECT_EQ(Study("--policy /no/such/file").code, 2);
  EXPECT_EQ(Study("--gates 1 --noise quiet --out /no/such/folder/file").code, 2);
}

}  // namespace
