// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Output {
  int code = 0;
  std::string out, err;
};

// Of a doctor who is told to stop at once.
Output OutputOf(const DoctorArguments& arguments) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Output output;
  output.code = Doctor(arguments, [] { return true; });
  output.out = ::testing::internal::GetCapturedStdout();
  output.err = ::testing::internal::GetCapturedStderr();
  return output;
}

TEST(DoctorTest, PrintsATableOfWhatItHasSeen) {
  const Output output = OutputOf({.seconds = 3600});
  EXPECT_EQ(output.code, 130);
  EXPECT_THAT(output.out, StartsWith("host   "));
  EXPECT_THAT(output.out, HasSubstr("\nVERDICT  "));
  EXPECT_EQ(output.err,
            "normbench: examines this machine for 1h00m; Ctrl-C ends it with what there is\n");
}

TEST(DoctorTest, OrJson) {
  const Output output = OutputOf({.format = "json"});
  const auto json = nlohmann::json::parse(output.out);
  EXPECT_EQ(json["interrupted"], true);
  EXPECT_EQ(json["exit_code"], output.code);
  EXPECT_EQ(output.code, 130);
}

}  // namespace
}  // namespace normbench
