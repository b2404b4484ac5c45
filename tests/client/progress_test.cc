// SPDX-License-Identifier: Apache-2.0
#include "client/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;

class ProgressTest : public ::testing::Test {
 protected:
  ProgressOptions Options(bool terminal) {
    return {.terminal = terminal, .width = 60, .now = [this] { return now_; }};
  }
  double now_ = 100;
  std::ostringstream out_;
};

TEST_F(ProgressTest, PlainLinesComeAtMostEveryFiveSeconds) {
  Progress progress(out_, Options(false));
  progress.Begin(3, 90);
  progress.Case("norm/group?n=1", 30);
  EXPECT_EQ(out_.str(), "[1/3] about 1m30s left  norm/group?n=1  start 0 %\n");
  out_.str("");
  now_ += 4.9;
  progress.Phase("measure", 0.5);
  EXPECT_EQ(out_.str(), "");
  now_ += 0.1;
  progress.Phase("measure", 0.5);
  EXPECT_EQ(out_.str(), "[1/3] about 1m15s left  norm/group?n=1  measure 50 %\n");
}

TEST_F(ProgressTest, BeginsAgain) {
  Progress progress(out_, Options(false));
  progress.Begin(1, 10);
  progress.Case("rehearsal", 10);
  out_.str("");
  now_ += 10;
  progress.Begin(3, 90);
  progress.Case("first", 30);
  EXPECT_EQ(out_.str(), "[1/3] about 1m30s left  first  start 0 %\n");
}

TEST_F(ProgressTest, CountsThePlannedTimeOfCasesThatAreDone) {
  Progress progress(out_, Options(false));
  progress.Begin(2, 40);
  progress.Case("a", 30);
  now_ += 10;
  progress.Case("b", 10);
  EXPECT_THAT(out_.str(), HasSubstr("[2/2] about 10s left  b"));
  now_ += 10;
  progress.Phase("measure", 7);  // more than planned is not less than nothing
  EXPECT_THAT(out_.str(), HasSubstr("about 0s left  b  measure 100 %"));
}

TEST_F(ProgressTest, ATerminalHasOneLineThatFits) {
  {
    Progress progress(out_, Options(true));
    progress.Begin(1, 1);
    progress.Case(std::string(200, 'k'), 1);
    now_ += 1;
    progress.Phase("measure", 0.25);
  }
  const std::string text = out_.str();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("...  measure 25 %"));
  const size_t last = text.rfind("\r\x1b[K[");
  EXPECT_LT(text.rfind("\r\x1b[K") - last - 4, 60u);
  EXPECT_TRUE(text.ends_with("\r\x1b[K")) << "the line is cleared in the end";
}

}  // namespace
}  // namespace normbench
