// SPDX-License-Identifier: Apache-2.0
#include "client/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "bench/gate/comparison_text.h"
#include "client/files.h"
#include "client/folder_lock.h"
#include "client/results_folder.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CompareTest : public ::testing::Test {
 protected:
  CompareTest() {
    std::filesystem::remove_all(out_);
    Policy(R"("rounds": 6, "extension_rounds": 0, "confirmation_rounds": 0)");
  }

  void Policy(const std::string& more) {
    ASSERT_TRUE(WriteWhole(arguments_.policy, R"({"version": 1, "name": "test", "max_steal": 1,
        "max_throttled": 1, "cells": [
        {"key": ["norm/rms?impl=torch&shape=8x4"], "seconds": 0.01}], )" +
                                                  more + "}")
                    .ok());
  }

  int Go() {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = Compare(
        arguments_, {.allocator = "test allocator", .stop = [this] { return a_.stop.load(); }});
    stdout_ = ::testing::internal::GetCapturedStdout();
    stderr_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  const std::string out_ = ::testing::TempDir() + "compare_test_out";
  FakeServer a_, b_;
  CompareArguments arguments_{.a = a_.address,
                              .b = b_.address,
                              .policy = ::testing::TempDir() + "compare_test.json",
                              .out = out_,
                              .pin = false};
  std::string stdout_, stderr_;
};

TEST_F(CompareTest, ShowsPlanAndVerdictAndKeepsAll) {
  b_.benchmark.err_scaled = 1e6;
  EXPECT_EQ(Go(), 4) << stderr_;
  EXPECT_THAT(stdout_, AllOf(HasSubstr("plan   "), HasSubstr("VERDICT  ACCURACY"),
                             HasSubstr("comparison.json")));
  const auto kept = ComparisonFromJson(*ReadWhole(out_ + "/comparison.json"));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->exit_code(), 4);
  EXPECT_EQ(kept->rounds_size(), 6);
  EXPECT_TRUE(std::filesystem::exists(out_ + "/junit.xml"));
}

TEST_F(CompareTest, ItsFolderHasTheNameOfItsComparison) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::create_directories(out_);
  std::filesystem::current_path(out_);
  arguments_.out = "";
  Go();
  std::filesystem::current_path(before);
  const std::filesystem::directory_iterator folder(out_ + "/normbench-results");
  const auto kept = ComparisonFromJson(*ReadWhole(folder->path() / "comparison.json"));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(folder->path().filename(),
            std::filesystem::path(ResultsFolder("", kept->started(), kept->run_id())).filename());
}

TEST_F(CompareTest, ADryRunStartsNothing) {
  arguments_.dry_run = true;
  EXPECT_EQ(Go(), 0);
  EXPECT_THAT(stdout_,
              HasSubstr("norm/rms?impl=torch&shape=8x4&dtype=f32&layout=nchw&dev=auto  p50"));
  EXPECT_TRUE(a_.benchmark.batch_sizes().empty());
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(CompareTest, WhatIsWrongIsSaidBeforeAnythingStarts) {
  Policy(R"("metrics": [{"metric": "p5", "margin": 0.05}])");
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("unknown 'p5'"));
  Policy(R"("metrics": [{"metric": "p50", "margin": -0.05}])");
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("metrics[0].margin: -0.05; allowed: 0.001 to 10"));
  Policy(R"("metrics": [{"metric": "cpu_s_per_request", "margin": 0.05}])");
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("give a command, not an address"));
  Policy(R"("seed": 1)");
  arguments_.fault_stall_seconds = 0.1;
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("--fault-stall needs --allow-faults"));
  arguments_.fault_stall_seconds = 0;
  arguments_.outputs.junit = "/no/such/folder/j.xml";
  EXPECT_EQ(Go(), 2);
  EXPECT_FALSE(std::filesystem::exists(out_)) << "nothing to keep";
  EXPECT_TRUE(a_.benchmark.batch_sizes().empty());
}

TEST_F(CompareTest, WhatEndsItBeforeItsFirstRoundIsWrittenToo) {
  b_.Stop();
  arguments_.start_seconds = 0.3;
  arguments_.outputs = {.junit = ::testing::TempDir() + "compare_test.xml",
                        .markdown = ::testing::TempDir() + "compare_test.md",
                        .badge = ::testing::TempDir() + "compare_test_badge.json",
                        .annotations = true};
  EXPECT_EQ(Go(), 1);
  EXPECT_THAT(stdout_, AllOf(HasSubstr("VERDICT  FAILED, B: "), HasSubstr("::notice title=")));
  EXPECT_EQ(ComparisonFromJson(*ReadWhole(out_ + "/comparison.json"))->outcome(), "arm_failed");
  EXPECT_THAT(*ReadWhole(out_ + "/comparison.md"), HasSubstr("FAILED"));
  EXPECT_THAT(*ReadWhole(arguments_.outputs.junit), HasSubstr("<error message=\"FAILED: B: "));
  EXPECT_THAT(*ReadWhole(arguments_.outputs.markdown),
              ::testing::StartsWith("<!-- normbench gate test -->"));
  EXPECT_THAT(*ReadWhole(arguments_.outputs.badge), HasSubstr("\"message\": \"FAILED\""));
}

TEST_F(CompareTest, SoIsAPolicyThatDoesNotFit) {
  Policy(R"("rounds": 200, "budget_seconds": 10)");
  arguments_.outputs.markdown = ::testing::TempDir() + "compare_test.md";
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(*ReadWhole(arguments_.outputs.markdown),
              AllOf(HasSubstr("CONFIGURATION"), HasSubstr("budget\\_seconds")));
  EXPECT_EQ(ComparisonFromJson(*ReadWhole(out_ + "/comparison.json"))->exit_code(), 2);
  EXPECT_TRUE(a_.benchmark.batch_sizes().empty());
}

TEST_F(CompareTest, OneAtATimeWritesToAFolder) {
  ASSERT_TRUE(MakeFolder(out_).ok());
  const auto lock = FolderLock::Take(out_);
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr(out_));
}

TEST_F(CompareTest, AnInterruptKeepsWhatIsThere) {
  a_.benchmark.on_call = [this] { a_.stop = a_.benchmark.batch_sizes().size() >= 5; };
  EXPECT_EQ(Go(), 130);
  const auto kept = ComparisonFromJson(*ReadWhole(out_ + "/comparison.json"));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->verdict(), "INTERRUPTED");
  EXPECT_GT(kept->rounds_size(), 0);
}

}  // namespace
}  // namespace normbench
