// SPDX-License-Identifier: Apache-2.0
#include "client/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/report/warnings.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Output {
  int code = 0;
  std::string out, err;
};

Output ExplainOf(const std::string& code) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Output output;
  output.code = Explain({code});
  output.out = ::testing::internal::GetCapturedStdout();
  output.err = ::testing::internal::GetCapturedStderr();
  return output;
}

TEST(ExplainTest, SaysWhatACodeMeansAndWhatToDo) {
  const Output output = ExplainOf("NB104");
  EXPECT_EQ(output.code, 0);
  EXPECT_THAT(output.out, StartsWith("NB104 co_located\nmeans  client and server share"));
  EXPECT_THAT(output.out, HasSubstr("\ndo     Put the client on another machine"));
}

TEST(ExplainTest, TakesNamesAndSmallLetters) {
  EXPECT_EQ(ExplainOf("co_located").out, ExplainOf("NB104").out);
  EXPECT_EQ(ExplainOf("nb104").out, ExplainOf("NB104").out);
}

TEST(ExplainTest, ListsAllCodes) {
  const Output output = ExplainOf("");
  EXPECT_EQ(output.code, 0);
  for (const WarningText& row : AllWarnings()) {
    EXPECT_THAT(output.out, HasSubstr(std::string(row.code) + "  " + std::string(row.name)));
  }
}

TEST(ExplainTest, AnUnknownCodeNamesTheNearest) {
  const Output output = ExplainOf("co_locate");
  EXPECT_EQ(output.code, 2);
  EXPECT_EQ(output.out, "");
  EXPECT_THAT(output.err, HasSubstr("unknown warning code 'co_locate'; did you mean co_located?"));
  EXPECT_EQ(ExplainOf("NB1044").code, 2);
}

}  // namespace
}  // namespace normbench
