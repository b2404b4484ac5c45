// SPDX-License-Identifier: Apache-2.0
// A script stands in for the client: what it keeps is counted.
#include "bench/gate/study/real.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "bench/gate/gated_cell.h"
#include "bench/gate/policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace normbench {
namespace {

using ::testing::HasSubstr;

constexpr char kRegressed[] =
    R"({"schema_version": 1, "policy": {"version": 1, "name": "p", "cells": [{"key": ["norm/rms?shape=1x4"]}]}, "run_id": "r", "started": "s", "verdict": "REGRESSED", "exit_code": 3,
        "duration_seconds": 2, "cells": [{"key": "k", "metric": "p50", "verdict": "REGRESSED",
        "confirmation": "confirmed", "worse": 0.2, "detectable": 0.06, "rounds": 12}]})";

class RealStudyTest : public ::testing::Test {
 protected:
  RealStudyTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::ofstream(options_.policy_file) << R"({"version": 1, "name": "p",
        "cells": [{"key": ["norm/rms?shape=1x4"]}]})";
    ClientKeeps(kRegressed);
  }

  // A client that notes its arguments and keeps this comparison; none where it is empty.
  void ClientKeeps(const std::string& comparison) {
    std::ofstream(folder_ + "kept.json") << comparison;
    std::ofstream script(options_.client);
    script << "#!/bin/sh\necho \"$@\" >>" << folder_ << "calls\n"
           << "[ -s " << folder_ << "kept.json ] || { echo went wrong; exit 7; }\n"
           << "while [ \"$1\" != --out ]; do shift; done\n"
           << "mkdir -p \"$2\" && cp " << folder_ << "kept.json \"$2/comparison.json\"\n"
           << "exit $(cat " << folder_ << "code)\n";
    script.close();
    std::filesystem::permissions(options_.client, std::filesystem::perms::owner_all);
    ClientEnds(0);
  }

  void ClientEnds(int code) { std::ofstream(folder_ + "code") << code; }

  int Go() {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = RealStudy(options_);
    stdout_ = ::testing::internal::GetCapturedStdout();
    stderr_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  std::string Calls() const {
    std::ifstream file(folder_ + "calls");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string folder_ = ::testing::TempDir() + "real_study_test/";
  RealStudyOptions options_{.client = folder_ + "client",
                            .server = "server",
                            .policy_file = folder_ + "policy.json",
                            .out = folder_ + "out.jsonl",
                            .gates = 2,
                            .effect = 0.2};
  std::string stdout_, stderr_;
};

TEST_F(RealStudyTest, CountsWhatTheClientFound) {
  ASSERT_EQ(Go(), 0) << stderr_;
  EXPECT_THAT(Calls(), HasSubstr("compare --a server --b server --allow-faults --fault-delay 20%"));
  EXPECT_THAT(stdout_, HasSubstr("real, load 0 %       +20      2  100.0 [15.8, 100.0]"));
  EXPECT_THAT(stdout_,
              HasSubstr("k     p50          +20      2         +20.0                +6.0"));
  EXPECT_EQ(Go(), 0) << "all of it was done";
  const std::string calls = Calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), '\n'), 2);
}

TEST_F(RealStudyTest, WhatHasNoNumberIsNoZero) {
  ClientKeeps(
      R"({"schema_version": 1, "policy": {"version": 1, "name": "p", "cells": [{"key": ["norm/rms?shape=1x4"]}]}, "verdict": "INCONCLUSIVE", "exit_code": 5, "cells": [
          {"key": "k", "metric": "p50", "verdict": "INCONCLUSIVE", "worse": "Infinity"}]})");
  options_.gates = 1;
  ASSERT_EQ(Go(), 0) << stderr_;
  EXPECT_EQ(Go(), 0) << "what it kept it can read";
  EXPECT_THAT(stdout_, HasSubstr("+20      1             -                   -          0"));
}

TEST_F(RealStudyTest, WordsOfTheShellStayWhole) {
  options_.server = "'a b' $HOME";
  options_.effect = 0;
  options_.gates = 1;
  ASSERT_EQ(Go(), 0) << stderr_;
  EXPECT_THAT(Calls(), HasSubstr("--a 'a b' $HOME --b 'a b' $HOME --policy"));
}

TEST_F(RealStudyTest, ThePoliciesOfTheStudyAreSome) {
  for (const char* name : {"kernel_policy.json", "service_policy.json"}) {
    const auto policy = ReadPolicyFile(absl::StrCat(NORMBENCH_GATE_SOURCE, "/study/", name));
    EXPECT_TRUE(policy.ok()) << policy.status();
    EXPECT_TRUE(GatedCells(*policy, {}).ok());
  }
}

TEST_F(RealStudyTest, TheKeptVerdictsGiveTheTableThatIsPublished) {
  const std::string study = absl::StrCat(NORMBENCH_GATE_SOURCE, "/study/");
  std::filesystem::copy_file(study + "results/real_service.jsonl", options_.out);
  options_.policy_file = study + "service_policy.json";
  options_.gates = 100;
  options_.effect = 0;
  options_.load = 0.3;
  ASSERT_EQ(Go(), 0) << stderr_;
  EXPECT_EQ(Calls(), "") << "all of it was done";
  EXPECT_THAT(stdout_, HasSubstr("100  0.0 [0.0, 3.6]  93.0 [86.1, 97.1]"));
}

TEST_F(RealStudyTest, WithoutAnEffectBIsA) {
  options_.effect = 0;
  ASSERT_EQ(Go(), 0) << stderr_;
  EXPECT_THAT(Calls(), HasSubstr("compare --a server --b server --policy"));
}

TEST_F(RealStudyTest, EndsWithWhatTheClientCannotDo) {
  ClientKeeps("");
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("the client ended with 7, see " + options_.out + ".last.log"));
  ClientKeeps(kRegressed);
  ClientEnds(1);
  EXPECT_EQ(Go(), 2) << "a server that could not be measured is no verdict";
  ClientEnds(130);
  EXPECT_EQ(Go(), 130);
  options_.policy_file = "/no/such/file";
  EXPECT_EQ(Go(), 2);
}

}  // namespace
}  // namespace normbench
