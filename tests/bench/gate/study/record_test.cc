// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/study/record.h"

#include <cstdio>
#include <fstream>
#include <iterator>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const nlohmann::ordered_json kHead = {{"policy", "p"}};
const StudySetting kQuiet = {"quiet", 0.05};

class StudyRecordTest : public ::testing::Test {
 protected:
  StudyRecordTest() { std::remove(path_.c_str()); }

  const std::string path_ = ::testing::TempDir() + "study_record_test.jsonl";
};

TEST_F(StudyRecordTest, GoesOnWhereItEnded) {
  {
    StudyRecord first(path_);
    ASSERT_TRUE(first.Open(kHead).ok());
    EXPECT_EQ(first.CountOf(kQuiet), 0);
    ASSERT_TRUE(first.Add(kQuiet, "OK", {{"seconds", 3}}).ok());
  }
  // Killed while it wrote, all but the end of the line.
  std::ofstream(path_, std::ios::app) << R"({"noise":"quiet","effect":0.05,"verdict":"OK"})";
  StudyRecord second(path_);
  ASSERT_TRUE(second.Open(kHead).ok());
  EXPECT_EQ(second.CountOf(kQuiet), 1);
  EXPECT_EQ(second.gates()[0]["seconds"], 3);
  ASSERT_TRUE(second.Add(kQuiet, "REGRESSED").ok());
  StudyRecord third(path_);
  ASSERT_TRUE(third.Open(kHead).ok());
  EXPECT_THAT(third.gates(), SizeIs(2)) << "the torn one was done again";
}

TEST_F(StudyRecordTest, CountsSharesWithTheirIntervals) {
  StudyRecord record("");
  ASSERT_TRUE(record.Open(kHead).ok());
  for (int i = 0; i < 99; ++i) ASSERT_TRUE(record.Add(kQuiet, "OK").ok());
  ASSERT_TRUE(record.Add(kQuiet, "UNSTABLE").ok());
  const std::string table = record.Table({kQuiet, {"noisy", 0}});
  // SciPy: binomtest(0 | 99, 100).proportion_ci(method='exact').
  EXPECT_THAT(table, HasSubstr("quiet        +5    100  0.0 [0.0, 3.6]  99.0 [94.6, 100.0]"));
  EXPECT_THAT(table, HasSubstr("UNSTABLE 1"));
  EXPECT_THAT(table, HasSubstr("noisy        +0      0    -"));
}

TEST_F(StudyRecordTest, RefusesWhatIsOfAnotherStudy) {
  StudyRecord first(path_);
  ASSERT_TRUE(first.Open(kHead).ok());
  StudyRecord other(path_);
  const absl::Status refused = other.Open({{"policy", "q"}});
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("is of another policy"));
  std::ofstream(path_) << "not a study";
  EXPECT_FALSE(StudyRecord(path_).Open(kHead).ok());
  std::ifstream file(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "not a study") << "as it was";
  EXPECT_FALSE(StudyRecord(::testing::TempDir()).Open(kHead).ok()) << "a folder";
  StudyRecord nowhere("/no/such/folder/file");
  EXPECT_THAT(std::string(nowhere.Open(kHead).message()), HasSubstr("cannot be written"));
}

TEST_F(StudyRecordTest, SkipsWhatIsNoGate) {
  {
    StudyRecord first(path_);
    ASSERT_TRUE(first.Open(kHead).ok());
  }
  std::ofstream(path_, std::ios::app) << "7\n{\"noise\":\"quiet\",\"effect\":\"5\"}\n";
  StudyRecord again(path_);
  ASSERT_TRUE(again.Open(kHead).ok());
  EXPECT_THAT(again.gates(), SizeIs(0));
}

}  // namespace
}  // namespace normbench
