// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/suite.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Labels(const std::string& suite) {
  const auto cases = ReadSuite(suite);
  EXPECT_TRUE(cases.ok()) << cases.status();
  std::vector<std::string> labels;
  if (!cases.ok()) return labels;
  for (const BenchCase& one : *cases) labels.push_back(Label(one));
  return labels;
}

TEST(ReadSuite, TheCommittedOnesByName) {
  EXPECT_THAT(Labels("peers"), Contains("group 32x512x28x28 g=512 f32 nhwc"));
  EXPECT_THAT(Labels("odd"), Contains("layer 1x63 f32 nchw"));
  for (const char* suite : {"peers", "odd", "fused"}) {
    const auto labels = Labels(suite);
    EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()).size(), labels.size()) << suite;
  }
}

TEST(ReadSuite, OfFusedCasesIsTheTable) {
  const auto cases = ReadSuite("fused");
  ASSERT_TRUE(cases.ok()) << cases.status();
  for (const BenchCase& one : *cases) {
    EXPECT_NE(FusionText(one), "");
    EXPECT_TRUE(!one.keeps_sum || one.problem.fusion.add_before);
  }
  EXPECT_THAT(Labels("fused"), Contains("group+add_after+relu 8x256x56x56 g=32 f32 nchw"));
  EXPECT_THAT(Labels("fused"), Contains("rms+add_before+keep_sum 4096x1024 f32 nchw"));
}

TEST(ReadSuite, EachCaseOnceWhateverRunsItAndRowsForTrailing) {
  const std::string path = testing::TempDir() + "/suite.json";
  std::ofstream(path) << R"({"version": 1, "name": "suite", "kernel": [
      {"norm": ["layer"], "trailing": [1], "shape": ["3x4x5"], "tensor_n": [2],
       "impl": ["reference", "torch"], "cache": ["hot", "cold"], "threads": [1, 2]}]})";
  EXPECT_THAT(Labels(path), ElementsAre("layer 24x5 f32 nchw"));
}

TEST(ReadSuite, SaysWhatIsWrong) {
  EXPECT_TRUE(absl::IsNotFound(ReadSuite("nothing").status()));
  const std::string path = testing::TempDir() + "/service.json";
  std::ofstream(path) << R"({"version": 1, "name": "service", "service": [
      {"norm": ["rms"], "shape": ["4"]}]})";
  EXPECT_THAT(std::string(ReadSuite(path).status().message()), HasSubstr("no kernel case"));
}

TEST(RunKey, IsTheCanonicalKeyOfTheRun) {
  const auto cases = ReadSuite("fused");
  ASSERT_TRUE(cases.ok());
  EXPECT_EQ(RunKey(cases->front(), "native", Cache::kCold, 2),
            "norm/group?impl=native&shape=1x256x56x56&g=32&dtype=f32&layout=nchw&dev=cpu"
            "&cache=cold&threads=2&fused=silu");
}

}  // namespace
}  // namespace normbench
