// SPDX-License-Identifier: Apache-2.0
#include "client/arguments_doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(ArgumentsDoctorTest, HasDefaults) {
  const auto arguments = ParseArguments({"doctor"});
  ASSERT_TRUE(arguments.doctor.has_value()) << arguments.text;
  EXPECT_FALSE(arguments.exit_code.has_value());
  EXPECT_EQ(arguments.doctor->seconds, 30);
  EXPECT_EQ(arguments.doctor->format, "table");
  EXPECT_FALSE(arguments.run.has_value());
}

TEST(ArgumentsDoctorTest, TakesTimeAndFormat) {
  const auto arguments = ParseArguments({"doctor", "--seconds", "3.5", "--format", "json"});
  ASSERT_TRUE(arguments.doctor.has_value()) << arguments.text;
  EXPECT_EQ(arguments.doctor->seconds, 3.5);
  EXPECT_EQ(arguments.doctor->format, "json");
}

TEST(ArgumentsDoctorTest, ItsAbsenceIsNone) {
  EXPECT_FALSE(ParseArguments({"explain"}).doctor.has_value());
}

TEST(ArgumentsDoctorTest, BadValuesAreUsageErrorsThatNameThem) {
  for (const char* seconds : {"0", "2.9", "-1", "3601", "10000", "abc", "nan", ""}) {
    const auto arguments = ParseArguments({"doctor", "--seconds", seconds});
    EXPECT_EQ(arguments.exit_code, 2) << seconds;
    EXPECT_FALSE(arguments.doctor.has_value());
    EXPECT_THAT(arguments.text,
                HasSubstr(absl::StrCat("--seconds: '", seconds, "'; allowed: 3 to 3600\n")));
  }
  const auto format = ParseArguments({"doctor", "--format", "xml"});
  EXPECT_EQ(format.exit_code, 2);
  EXPECT_THAT(format.text, HasSubstr("xml not in {table,json}"));
}

}  // namespace
}  // namespace normbench
