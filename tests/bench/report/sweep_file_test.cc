// SPDX-License-Identifier: Apache-2.0
#include "bench/report/sweep_file.h"

#include <cstdio>
#include <fstream>

#include "bench/report/expand.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ErrorOf(const std::string& json) {
  const auto sweep = ParseSweep(json);
  return sweep.ok() ? "parsed" : std::string(sweep.status().message());
}

TEST(ParseSweep, ReadsEveryKindOfEntry) {
  const auto sweep = ParseSweep(R"({
    "version": 1, "name": "all-kinds_1", "seed": 3,
    "kernel": [{"norm": ["group"], "groups": [2], "shape": ["4"], "eps": 0.5}],
    "service": [{"norm": ["layer"], "shape": ["4x2x2"], "in_flight": [1, 2]}],
    "model": [{"model": ["m"], "data": "fmnist-wide", "expect": ["top1>=0.7"]}],
    "cases": [{"key": ["norm/rms?shape=1x2"], "seconds": 0.25}]})");
  ASSERT_TRUE(sweep.ok()) << sweep.status();
  EXPECT_EQ(sweep->seed(), 3);
  EXPECT_EQ(sweep->kernel(0).eps(), 0.5);
  EXPECT_EQ(sweep->service(0).in_flight(1), 2);
  EXPECT_EQ(sweep->model(0).expect(0), "top1>=0.7");
  EXPECT_EQ(sweep->cases(0).seconds(), 0.25);
}

TEST(ParseSweep, SaysWhereAnUnknownFieldIs) {
  EXPECT_EQ(ErrorOf(R"({"version": 1, "name": "s", "kernel": [{"tensr_n": [1]}]})"),
            "kernel[0].tensr_n: unknown key, did you mean tensor_n");
}

TEST(ParseSweep, RefusesWhatIsNoSweep) {
  EXPECT_THAT(ErrorOf(""), StartsWith("not valid JSON: "));
  EXPECT_THAT(ErrorOf(R"({"version": 1)"), StartsWith("not valid JSON: Unexpected end"));
  EXPECT_EQ(ErrorOf("[]"), "the text must be one JSON object");
  EXPECT_THAT(ErrorOf(R"({"name": "s"})"), HasSubstr("version: 0; allowed: 1"));
  EXPECT_THAT(ErrorOf(R"({"version": 2, "name": "s"})"), HasSubstr("version: 2; allowed: 1"));
  EXPECT_THAT(ErrorOf(R"({"version": 1})"), HasSubstr("name: ''; allowed: 1 to 64"));
  EXPECT_THAT(ErrorOf(R"({"version": 1, "name": "Big Name"})"), HasSubstr("name: 'Big Name'"));
  EXPECT_THAT(ErrorOf(R"({"version": 1, "name": ")" + std::string(65, 'a') + R"("})"),
              HasSubstr("allowed: 1 to 64"));
}

TEST(ReadSweepFile, NamesTheFile) {
  EXPECT_EQ(ReadSweepFile("no/such/sweep.json").status().code(), absl::StatusCode::kNotFound);
  const std::string path = testing::TempDir() + "/sweep_file_test.json";
  std::ofstream(path) << R"({"version": 1, "name": "s", "krnel": []})";
  EXPECT_EQ(ReadSweepFile(path).status().message(),
            path + ": krnel: unknown key, did you mean kernel");
  std::ofstream(path) << R"({"version": 1, "name": "s"})";
  EXPECT_EQ(ReadSweepFile(path)->name(), "s");
  std::remove(path.c_str());
}

// What the reference page shows can be run.
TEST(ParseSweep, TheExampleOfTheReadme) {
  const std::string readme = ReadFile(std::string(NORMBENCH_REPORT_SOURCE) + "/README.md");
  const std::string fence = "```json\n";
  const size_t begin = readme.find(fence);
  ASSERT_NE(begin, std::string::npos);
  const size_t end = readme.find("```", begin + fence.size());
  const auto sweep = ParseSweep(readme.substr(begin + fence.size(), end - begin - fence.size()));
  ASSERT_TRUE(sweep.ok()) << sweep.status();
  const auto cases = Expand(*sweep);
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_EQ(cases->size(), 3u * 2 + 3 + 2 + 2 + 2);
}

TEST(CheckSweepHead, SaysWhatParseSweepSays) {
  v1::Sweep sweep;
  sweep.set_version(kSweepVersion);
  sweep.set_name("smoke");
  EXPECT_TRUE(CheckSweepHead(sweep).ok());
  sweep.set_name("no spaces");
  EXPECT_EQ(CheckSweepHead(sweep).message(), "name: 'no spaces'; allowed: 1 to 64 of a-z 0-9 _ -");
  sweep.set_version(7);
  EXPECT_THAT(std::string(CheckSweepHead(sweep).message()), ::testing::HasSubstr("version: 7"));
}

}  // namespace
}  // namespace normbench
